"""What Milvus refuses and completes when an index is created, and when one is searched.

Pure functions over a schema and the indexes that exist; nothing is built or stored here. The order of the checks
is Milvus': with two things wrong, a client sees the same complaint. Source: the proxy's task_index.go,
indexparamcheck, and datacoord's index_service.go and index_meta.go, Milvus 3.0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fakemilvus import errors, limits
from fakemilvus.datatypes import DataType
from fakemilvus.engine import index_params, knowhere
from fakemilvus.engine.functions import with_metric
from fakemilvus.engine.index import Index
from fakemilvus.engine.index_params import AUTOINDEX, INDEX_TYPE, METRIC_TYPE
from fakemilvus.engine.kinds import KINDS
from fakemilvus.engine.options import Options
from fakemilvus.engine.parameters import PLAIN, RANGED
from fakemilvus.engine.scalar_index_checks import (
    CAST_TYPE,
    JSON_PATH,
    SCALAR_AUTOINDEX,
    SCALAR_TYPES,
    define_scalar_index,
)
from fakemilvus.engine.schema import DYNAMIC_FIELD, Field, Pairs, Schema
from fakemilvus.engine.vector_array_index import define_vector_array_index
from fakemilvus.engine.vector_index_checks import define_vector_index


@dataclass(frozen=True, slots=True)
class IndexDefinition:
    """A checked definition. ``params`` is what DescribeIndex echoes; ``kind`` is a row of KINDS or a scalar kind, the
    one that AUTOINDEX stands for; ``build_params`` holds every parameter of the kind; ``named`` is False where the
    client gave no name.
    """

    name: str
    named: bool
    field: Field
    params: Pairs
    kind: str
    metric: str
    build_params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """What may have one index: a field, or one path of a JSON field, as a pointer."""

    field: Field
    path: float | str = ""

    def is_of(self, index: Index) -> bool:
        return index.field.id == self.field.id and index.build_params.get(JSON_PATH, "") == self.path


def define_index(
    schema: Schema, field_name: str, index_name: str, params: Pairs, existing: tuple[Index, ...], options: Options
) -> IndexDefinition | None:
    """The index that CreateIndex asks for, completed; None where it exists already with the same parameters."""
    check_index_name(index_name)
    field = _indexed_field(schema, field_name)
    given = index_params.expanded(params)
    if field.type is DataType.TEXT:
        raise errors.TextFieldIndexed()
    index_type = given.get(INDEX_TYPE)
    if index_type:
        index_params.check_mmap(index_type, given, where="invalid mmap type params")
        if index_type not in _KNOWN or index_type == SCALAR_AUTOINDEX:
            raise errors.IndexTypeUnknown(type=index_type)
    index_params.check_warmup(given)
    if field.holds_vectors:
        define = _DEFINE.get(field.type, define_vector_index)
        echoed, kind, metric, build_params = define(field, with_metric(schema, field, given), params)
    else:
        echoed, kind, metric, build_params = define_scalar_index(schema, field, field_name, given, params)
    place = Place(field, build_params.get(JSON_PATH, ""))
    name = index_name or _default_name(place, existing, options)
    if _exists(place, name, echoed, build_params, METRIC_TYPE in given, existing):
        return None
    return IndexDefinition(name, bool(index_name), field, echoed, kind, metric, build_params)


def check_index_name(name: str) -> None:
    """The rules for a name given by a client; the empty name asks for the default one."""
    name = name.strip()
    if not name:
        return
    if len(name.encode()) > limits.MAX_NAME_LENGTH:
        raise errors.IndexNameTooLong(name=name, limit=limits.MAX_NAME_LENGTH)
    if not re.match("[A-Za-z_]", name):
        raise errors.IndexNameStart(name=name)
    if not re.fullmatch(r"[A-Za-z0-9_\[\]]*", name):
        raise errors.IndexNameCharacters(name=name)


def check_search_params(
    kind_name: str, params: Mapping[str, Any], limit: int, channel: str, *, ranged: bool = False
) -> Mapping[str, Any]:
    """The search parameters of a built index of this kind, completed; unknown ones are passed over, as in Milvus.

    ``limit`` is the number of rows asked for; ``channel`` stands in the complaint; ``ranged`` searches are those within
    a radius. Brute force takes anything, so call this for built indexes only.
    """
    kind = KINDS[kind_name]
    read = [p for p in kind.search_params if p.searches & (RANGED if ranged else PLAIN)]
    named = {kind.other_names.get(name, name): value for name, value in params.items()}
    try:
        given = knowhere.read_texts((*kind.build_params, *kind.search_params), named)
        checked = knowhere.load(read, given)
        return checked if kind.search_rule is None else kind.search_rule(checked, limit, ranged)
    except knowhere.Refusal as refusal:
        config = json.dumps({**params, "k": limit}, sort_keys=True, separators=(",", ":"))
        raise errors.SearchParamRefused(
            channel=channel, config=config, status=refusal.status, problem=refusal.problem
        ) from None


# -- private ---------------------------------------------------------------------------------------------------


def _indexed_field(schema: Schema, name: str) -> Field:
    """The field of this name; with a dynamic field, every other name is one of its keys."""
    field = schema.by_name.get(name) or schema.by_name.get(DYNAMIC_FIELD)
    if field is None:
        raise errors.IndexedFieldNotFound(field=name)
    return field


def _default_name(place: Place, existing: tuple[Index, ...], options: Options) -> str:
    """An index without a name is called as the one that its place has already, or by the default."""
    present = next((index.name for index in existing if place.is_of(index)), None)
    field_name = place.field.name if options.default_index_names == "field" else f"_default_idx_{place.field.id}"
    return present or f"{field_name}{place.path}"


def _exists(
    place: Place,
    name: str,
    params: Pairs,
    build_params: Mapping[str, float | str],
    metric_given: bool,
    existing: tuple[Index, ...],
) -> bool:
    """Whether this very index exists; raises where another one is in its way."""
    for index in existing:
        if index.name == name:
            cast = build_params.get(CAST_TYPE) == index.build_params.get(CAST_TYPE)
            if place.is_of(index) and cast and _same(index.params, params, metric_given):
                return True
            raise errors.IndexAlreadyDefined()
        if place.is_of(index):
            raise errors.FieldAlreadyIndexed()
    return False


def _same(old: Pairs, new: Pairs, metric_given: bool) -> bool:
    """Whether the parameters are the same, literally and in any order.

    As in Milvus, alterable parameters are dropped from the old side only, and AUTOINDEX without a metric is the
    same as AUTOINDEX with any.
    """
    kept = {key: value for key, value in old if key not in index_params.ALTERABLE}
    wanted = dict(new)
    if kept.get(INDEX_TYPE) == AUTOINDEX and not metric_given and METRIC_TYPE in kept and METRIC_TYPE in wanted:
        wanted[METRIC_TYPE] = kept[METRIC_TYPE]
    return kept == wanted


_KNOWN = frozenset((AUTOINDEX, *KINDS, *SCALAR_TYPES))
_DEFINE = {DataType.ARRAY_OF_VECTOR: define_vector_array_index}
