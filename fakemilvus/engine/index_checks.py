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
from fakemilvus.datatypes import DataType, type_name
from fakemilvus.engine import index_params, knowhere
from fakemilvus.engine.functions import makes_bm25
from fakemilvus.engine.index import Index
from fakemilvus.engine.index_params import AUTOINDEX, INDEX_TYPE, METRIC_TYPE
from fakemilvus.engine.kinds import KINDS, NOT_BUILT_YET
from fakemilvus.engine.options import Options
from fakemilvus.engine.schema import DYNAMIC_FIELD, Field, Pairs, Schema
from fakemilvus.engine.vector_array_index import define_vector_array_index
from fakemilvus.engine.vector_index_checks import Defined, define_vector_index

SORTED = "SORTED"
SCALAR_AUTOINDEX = "HYBRID"
AUTOMATIC = {DataType.TIMESTAMPTZ: "STL_SORT", DataType.GEOMETRY: "RTREE"}  # where AUTOINDEX is another


@dataclass(frozen=True, slots=True)
class IndexDefinition:
    """A checked definition. ``params`` is what DescribeIndex echoes; ``kind`` is a row of KINDS, or "SORTED" for a
    scalar index; ``build_params`` holds every parameter of the kind; ``named`` is False where the client gave no name.
    """

    name: str
    named: bool
    field: Field
    params: Pairs
    kind: str
    metric: str
    build_params: Mapping[str, float | str]


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
    if given.get(METRIC_TYPE) == "BM25" and makes_bm25(schema, field):
        raise errors.Unimplemented("the metric BM25")
    define = _DEFINE.get(field.type, define_vector_index if field.is_vector else _scalar_index)
    echoed, kind, metric, build_params = define(field, given, params)
    name = index_name or _default_name(field, existing, options)
    if _exists(field, name, echoed, METRIC_TYPE in given, existing):
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


def check_search_params(kind_name: str, params: Mapping[str, Any], limit: int, channel: str) -> Mapping[str, Any]:
    """The search parameters of a built index of this kind, completed; unknown ones are passed over, as in Milvus.

    ``limit`` is the number of rows asked for; ``channel`` stands in the complaint. Brute force takes
    anything, so call this for built indexes only.
    """
    kind = KINDS[kind_name]
    try:
        given = knowhere.read_texts((*kind.build_params, *kind.search_params), params)
        checked = knowhere.load(kind.search_params, given)
        if "ef" in checked:
            checked["ef"] = _search_width(given, int(checked["ef"]), limit)
    except knowhere.Refusal as refusal:
        config = json.dumps({**params, "k": limit}, sort_keys=True, separators=(",", ":"))
        raise errors.SearchParamRefused(
            channel=channel, config=config, status=refusal.status, problem=refusal.problem
        ) from None
    return checked


# -- private ---------------------------------------------------------------------------------------------------


def _indexed_field(schema: Schema, name: str) -> Field:
    """The field of this name; with a dynamic field, every other name is one of its keys."""
    field = schema.by_name.get(name) or schema.by_name.get(DYNAMIC_FIELD)
    if field is None:
        raise errors.IndexedFieldNotFound(field=name)
    return field


def _search_width(given: Mapping[str, Any], ef: int, limit: int) -> int:
    """HNSW's ef: at least the number of rows asked for, or a default where none was given."""
    if "ef" not in given:
        return max(limit, _MIN_EF)
    if ef < limit:
        raise knowhere.Refusal("out of range in json", f"ef({ef}) should be larger than k({limit})")
    return ef


def _scalar_index(field: Field, given: dict[str, str], params: Pairs) -> Defined:
    """Every scalar kind that is built is a sorted index; which of Milvus' it stands for is only in the echo."""
    index_type = given.get(INDEX_TYPE, AUTOINDEX)
    automatic = index_type == AUTOINDEX
    if not index_type:
        raise errors.IndexTypeEmpty()
    if index_type in KINDS or index_type in NOT_BUILT_YET:
        raise errors.IndexTypeOnlyForVectors(index=index_type)
    resolved = AUTOMATIC.get(field.type, SCALAR_AUTOINDEX) if automatic else index_type
    _check_scalar_type(field, resolved)
    if field.type is DataType.JSON:
        if "json_cast_type" not in given:
            raise errors.JsonCastTypeMissing()
        raise errors.Unimplemented("an index on a JSON path")
    if resolved in _SCALAR_NOT_BUILT:
        raise errors.Unimplemented(f"the index type {resolved}")
    index_params.check_mmap(resolved, given, where="invalid mmap index params")
    index_params.check_offset_cache(resolved, given)
    return params, SORTED, "", {}


def _check_scalar_type(field: Field, index_type: str) -> None:
    if index_type == "BITMAP" and field.is_primary:
        raise errors.BitmapOnPrimaryKey()
    takes, refusal = _SCALAR_TYPES[index_type]
    if field.type not in takes:
        raise refusal(type=type_name(field.type))
    if index_type == "BITMAP" and field.type is DataType.ARRAY and field.element_type not in takes:
        raise errors.BitmapElementType()


def _default_name(field: Field, existing: tuple[Index, ...], options: Options) -> str:
    """An index without a name is called as the one that its field has already, or by the default."""
    present = next((index.name for index in existing if index.field.id == field.id), None)
    return present or (field.name if options.default_index_names == "field" else f"_default_idx_{field.id}")


def _exists(field: Field, name: str, params: Pairs, metric_given: bool, existing: tuple[Index, ...]) -> bool:
    """Whether this very index exists; raises where another one is in its way."""
    for index in existing:
        if index.name == name:
            if index.field.id == field.id and _same(index.params, params, metric_given):
                return True
            raise errors.IndexAlreadyDefined()
        if index.field.id == field.id:
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


_MIN_EF = 16

_INTEGERS = frozenset((DataType.INT8, DataType.INT16, DataType.INT32, DataType.INT64))
_NUMBERS = _INTEGERS | {DataType.FLOAT, DataType.DOUBLE}
_TEXTS = frozenset((DataType.VARCHAR,))
_JSON = frozenset((DataType.JSON,))
_BOOLS = frozenset((DataType.BOOL,))
_ARRAYS = frozenset((DataType.ARRAY,))

_STL_SORT = (_NUMBERS | _TEXTS | _JSON | {DataType.TIMESTAMPTZ}, errors.StlSortFieldType)
_TRIE = (_TEXTS, errors.TrieFieldType)

# Each scalar type: the field types it takes, and Milvus' complaint about every other.
_SCALAR_TYPES: dict[str, tuple[frozenset[DataType], type[errors.MilvusError]]] = {
    "STL_SORT": _STL_SORT,
    "Asceneding": _STL_SORT,
    "TRIE": _TRIE,
    "Trie": _TRIE,
    "marisa-trie": _TRIE,
    "INVERTED": (_NUMBERS | _TEXTS | _JSON | _BOOLS | _ARRAYS, errors.InvertedFieldType),
    "BITMAP": (_INTEGERS | _TEXTS | _JSON | _BOOLS | _ARRAYS, errors.BitmapFieldType),
    "NGRAM": (_TEXTS | _JSON, errors.NgramFieldType),
    "RTREE": (frozenset((DataType.GEOMETRY,)), errors.RtreeFieldType),
    "HYBRID": (_NUMBERS | _TEXTS | _JSON | _BOOLS | _ARRAYS, errors.HybridFieldType),
}
_SCALAR_NOT_BUILT = frozenset(("BITMAP", "NGRAM"))
_KNOWN = frozenset((AUTOINDEX, *KINDS, *NOT_BUILT_YET, *_SCALAR_TYPES))
_DEFINE = {DataType.ARRAY_OF_VECTOR: define_vector_array_index}
