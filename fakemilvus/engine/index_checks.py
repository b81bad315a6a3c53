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
from fakemilvus.engine.index import Index
from fakemilvus.engine.index_params import AUTOINDEX, INDEX_TYPE, METRIC_TYPE
from fakemilvus.engine.kinds import AUTOINDEX_KIND, AUTOINDEX_PARAMS, KINDS, NOT_BUILT_YET, Kind
from fakemilvus.engine.metrics import METRICS
from fakemilvus.engine.options import Options
from fakemilvus.engine.schema import DYNAMIC_FIELD, Field, Pairs, Schema

DEFAULT_METRIC = "COSINE"
SORTED = "SORTED"
SCALAR_AUTOINDEX = "HYBRID"


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
    build_params: Mapping[str, int]


def define_index(
    schema: Schema, field_name: str, index_name: str, params: Pairs, existing: tuple[Index, ...], options: Options
) -> IndexDefinition | None:
    """The index that CreateIndex asks for, completed; None where it exists already with the same parameters."""
    check_index_name(index_name)
    field = _indexed_field(schema, field_name)
    given = index_params.expanded(params)
    index_type = given.get(INDEX_TYPE)
    if index_type:
        index_params.check_mmap(index_type, given, where="invalid mmap type params")
        if index_type not in _KNOWN or index_type == SCALAR_AUTOINDEX:
            raise errors.IndexTypeUnknown(type=index_type)
    index_params.check_warmup(given)
    define = _vector_index if field.is_vector else _scalar_index
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
            checked["ef"] = _search_width(given, checked["ef"], limit)
    except knowhere.Refusal as refusal:
        config = json.dumps({**params, "k": limit}, sort_keys=True, separators=(",", ":"))
        raise errors.SearchParamRefused(
            channel=channel, config=config, status=refusal.status, problem=refusal.problem
        ) from None
    return checked


# -- private ---------------------------------------------------------------------------------------------------

Defined = tuple[Pairs, str, str, Mapping[str, int]]


def _indexed_field(schema: Schema, name: str) -> Field:
    """The field of this name; with a dynamic field, every other name is one of its keys."""
    field = schema.by_name.get(name) or schema.by_name.get(DYNAMIC_FIELD)
    if field is None:
        raise errors.IndexedFieldNotFound(field=name)
    return field


def _vector_index(field: Field, given: dict[str, str], params: Pairs) -> Defined:
    if given.get(INDEX_TYPE, AUTOINDEX) == AUTOINDEX:
        return _automatic_vector_index(given)
    index_type = given[INDEX_TYPE]
    metric = _checked_metric(given.get(METRIC_TYPE))
    if not index_type:
        raise errors.IndexTypeEmpty()
    if index_type in _SCALAR_TYPES or index_type in _NOT_FOR_FLOAT_VECTORS:
        raise errors.IndexTypeNotForVectors(type=type_name(field.type), index=index_type)
    if str(field.dim) != given.get("dim", str(field.dim)):
        raise errors.DimensionMismatch(schema=field.dim, given=given["dim"])
    if index_type in NOT_BUILT_YET:
        raise errors.Unimplemented(f"the index type {index_type}")
    _refuse_variants(index_type, given)
    kind = KINDS[index_type]
    build_params = _build_params(kind, given)
    index_params.check_offset_cache(index_type, given)
    return params, kind.name, metric, build_params


def _automatic_vector_index(given: dict[str, str]) -> Defined:
    if given.keys() - {INDEX_TYPE, METRIC_TYPE}:
        raise errors.AutoIndexTakesOnlyMetric()
    metric = _checked_metric(given.get(METRIC_TYPE, DEFAULT_METRIC))
    echoed = ((INDEX_TYPE, AUTOINDEX), (METRIC_TYPE, metric))
    return echoed, AUTOINDEX_KIND, metric, {name: int(value) for name, value in AUTOINDEX_PARAMS.items()}


def _checked_metric(metric: str | None) -> str:
    if metric is None:
        raise errors.MetricTypeNotSet()
    if metric not in METRICS:
        raise errors.MetricTypeNotSupported(kind="float", metric=metric)
    return metric


def _build_params(kind: Kind, given: Mapping[str, str]) -> Mapping[str, int]:
    try:
        read = knowhere.read_texts((*kind.build_params, *kind.search_params), given)
        checked = knowhere.load(kind.build_params, read)
    except knowhere.Refusal as refusal:
        raise errors.IndexParamRefused(problem=refusal.problem) from None
    refined = given.get("refine", "").lower() == "true" or "refine_type" in given
    if kind.name == "HNSW" and refined:
        raise errors.IndexParamRefused(problem="refine is not supported for this index")
    return checked


def _refuse_variants(index_type: str, given: Mapping[str, str]) -> None:
    """What Milvus builds under the name of a kind and we do not."""
    if index_type != "IVF_SQ8":
        return
    if given.get("sq_type", "SQ8").upper() != "SQ8":
        raise errors.Unimplemented(f"IVF_SQ8 with sq_type {given['sq_type']}")
    if given.get("refine", "").lower() == "true":
        raise errors.Unimplemented("IVF_SQ8 with refine")


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
    _check_scalar_type(field, SCALAR_AUTOINDEX if automatic else index_type)
    if field.type is DataType.JSON:
        if "json_cast_type" not in given:
            raise errors.JsonCastTypeMissing()
        raise errors.Unimplemented("an index on a JSON path")
    if not automatic and index_type in _SCALAR_NOT_BUILT:
        raise errors.Unimplemented(f"the index type {index_type}")
    resolved = SCALAR_AUTOINDEX if automatic else index_type
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

_STL_SORT = (_NUMBERS | _TEXTS | _JSON, errors.StlSortFieldType)
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
    "RTREE": (frozenset(), errors.RtreeFieldType),
    "HYBRID": (_NUMBERS | _TEXTS | _JSON | _BOOLS | _ARRAYS, errors.HybridFieldType),
}
_SCALAR_NOT_BUILT = frozenset(("BITMAP", "NGRAM", "RTREE"))
_NOT_FOR_FLOAT_VECTORS = frozenset(("BIN_FLAT", "BIN_IVF_FLAT", "MINHASH_LSH", "SPARSE_INVERTED_INDEX", "SPARSE_WAND"))
_KNOWN = frozenset((AUTOINDEX, *KINDS, *NOT_BUILT_YET, *_SCALAR_TYPES))
