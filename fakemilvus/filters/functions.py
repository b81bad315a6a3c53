"""The functions of the filter language: what each takes, and the check that makes its plan. One row a function.

A family of functions has a file of its own, which checks its calls and evaluates its plan nodes; this table is what the
parser and the checker know of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fakemilvus.filters import containment, elements, sampling, spatial, syntax, texts
from fakemilvus.filters.operands import Operand

if TYPE_CHECKING:
    from fakemilvus.filters.checker import Checker


@dataclass(frozen=True, slots=True)
class Function:
    """``check`` raises FilterError. ``least`` to ``most`` arguments, the first of which begins with a token of one of
    the kinds in ``first`` (empty: any expression); ``option`` may, or if ``needs_option`` must, stand behind them.
    """

    check: Callable[[Checker, syntax.Call], Operand]
    least: int
    most: int
    first: tuple[str, ...] = ()
    option: str = ""
    needs_option: bool = False

    @property
    def expected(self) -> str:
        """The tokens that may come first, as the complaint lists them."""
        names = [_TOKENS[kind] for kind in self.first]
        return names[0] if len(names) == 1 else f"{{{', '.join(names)}}}"


_TOKENS = {"name": "Identifier", "path": "JSONIdentifier", "struct": "StructFieldIdentifier"}

_CONTAINS = Function(containment.check_contains, 2, 2)
_MATCH_COUNTED = Function(elements.check_match, 2, 2, ("name",), "threshold", needs_option=True)
_RELATION = Function(spatial.check_relation, 2, 2, ("name",))

FUNCTIONS: dict[str, Function] = {
    **{f"{prefix}_contains{ending}": _CONTAINS for prefix in ("json", "array") for ending in ("", "_all", "_any")},
    "array_length": Function(containment.check_length, 1, 1, ("name", "path", "struct")),
    "element_filter": Function(elements.check_filter, 2, 2, ("name",)),
    **dict.fromkeys(("match_all", "match_any"), Function(elements.check_match, 2, 2, ("name",))),
    **dict.fromkeys(("match_least", "match_most", "match_exact"), _MATCH_COUNTED),
    "random_sample": Function(sampling.check, 1, 1),
    **dict.fromkeys(spatial.RELATIONS, _RELATION),
    "st_dwithin": Function(spatial.check_distance, 3, 3, ("name",)),
    "text_match": Function(texts.check_match, 2, 2, ("name",), option="minimum_should_match"),
    "text_match_fuzzy": Function(texts.check_fuzzy, 2, 2, ("name",), option="*", needs_option=True),
    "phrase_match": Function(texts.check_phrase, 2, 3, ("name",)),
    "st_isvalid": Function(spatial.check_valid, 1, 1, ("name",)),
}
