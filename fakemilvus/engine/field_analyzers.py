"""The analyzers of a text field: one for every row, or one by the value of another field of the row.

Source: internal/util/function's bm25_function.go and multi_analyzer_bm25_function.go, Milvus 3.0.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fakemilvus.datatypes import DataType
from fakemilvus.engine.go_values import parse_bool
from fakemilvus.engine.schema import Field

if TYPE_CHECKING:
    from fakemilvus.engine.analysis import Analyzer

TEXTS = (DataType.VARCHAR, DataType.TEXT)
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class FieldAnalyzers:
    """``params`` of each analyzer by its name. ``by_field`` is empty where there is one only, called DEFAULT."""

    params: Mapping[str, str]
    by_field: str = ""
    alias: Mapping[str, str] = field(default_factory=dict)

    def named(self, name: str = DEFAULT) -> Analyzer:
        """The analyzer of this name, the default one where there is none."""
        from fakemilvus.engine.analysis import find_analyzer  # late: few schemas cut texts

        meant = self.alias.get(name, name)
        return find_analyzer(self.params.get(meant, self.params[DEFAULT]))


def analyzers_of(text: Field) -> FieldAnalyzers:
    """The analyzers of a field whose parameters were checked."""
    params = dict(text.type_params)
    several = params.get("multi_analyzer_params")
    if several is None:
        return FieldAnalyzers({DEFAULT: params.get("analyzer_params", "")})
    given = json.loads(several)
    made = {name: json.dumps(one) for name, one in given["analyzers"].items()}
    return FieldAnalyzers(made, given["by_field"], given.get("alias", {}))


def enables_analyzer(text: Field) -> bool:
    return text.type in TEXTS and bool(parse_bool(dict(text.type_params).get("enable_analyzer", "false")))
