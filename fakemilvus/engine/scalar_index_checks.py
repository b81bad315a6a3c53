"""What Milvus refuses and completes when an index is created on a scalar field.

Pure functions over the field and the parameters, in Milvus' order. Source: the proxy's task_index.go, indexparamcheck's
checkers, and datacoord's index_service.go, Milvus 3.0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from fakemilvus import errors
from fakemilvus.datatypes import DataType, type_name
from fakemilvus.engine import index_params
from fakemilvus.engine.index_params import AUTOINDEX, INDEX_TYPE
from fakemilvus.engine.json_paths import pointer_of
from fakemilvus.engine.kinds import KINDS
from fakemilvus.engine.schema import Field, Pairs, Schema
from fakemilvus.engine.vector_index_checks import Defined

JSON_PATH = "json_path"
CAST_TYPE, CAST_FUNCTION = "json_cast_type", "json_cast_function"
CARDINALITY_LIMIT = "bitmap_cardinality_limit"
ASKED_FIELD = "field_name"  # what CreateIndex called the field: a key of the dynamic field, maybe
SCALAR_AUTOINDEX = "HYBRID"
AUTOMATIC = {DataType.BOOL: "BITMAP", DataType.TIMESTAMPTZ: "STL_SORT", DataType.GEOMETRY: "RTREE"}
"""What AUTOINDEX stands for over a type, or arrays of it, where that is not HYBRID."""


def define_scalar_index(schema: Schema, field: Field, asked: str, given: dict[str, str], params: Pairs) -> Defined:
    """What DescribeIndex echoes, the kind, no metric, and the parameters of the build.

    ``asked`` is the field's name in the request; ``given`` are the parameters without nesting, ``params`` with it.
    """
    index_type = given.get(INDEX_TYPE, AUTOINDEX)
    if not index_type:
        raise errors.IndexTypeEmpty()
    if index_type in KINDS:
        raise errors.IndexTypeOnlyForVectors(index=index_type)
    given = {**given, **{key: given[key].strip().upper() for key in (CAST_TYPE, CAST_FUNCTION) if key in given}}
    resolved = _automatic(field, given) if index_type == AUTOINDEX else index_type
    kind = _ALIASES.get(resolved, resolved)
    _check_field(field, kind)
    build_params = _CHECKS[kind](field, given) if kind in _CHECKS else {}
    if field.type is DataType.JSON:
        build_params |= _json_params(schema, field, asked, given)
    index_params.check_mmap(resolved, given, where="invalid mmap index params")
    index_params.check_offset_cache(resolved, given)
    return params, kind, "", build_params


# -- private ---------------------------------------------------------------------------------------------------


def _automatic(field: Field, given: Mapping[str, str]) -> str:
    if field.type is DataType.JSON and given.get(CAST_TYPE) == "JSON":
        return "INVERTED"  # the one kind that can hold whole documents
    return AUTOMATIC.get(field.element_type if field.type is DataType.ARRAY else field.type, SCALAR_AUTOINDEX)


def _check_field(field: Field, kind: str) -> None:
    if kind == "BITMAP" and field.is_primary:
        raise errors.BitmapOnPrimaryKey()
    takes, refusal = _TYPES[kind]
    if kind == "STL_SORT" and field.type is DataType.ARRAY and "[" in field.name:
        if field.element_type not in takes:
            raise errors.StlSortElementType(type=type_name(field.element_type))
        return
    if field.type not in takes:
        raise refusal(type=type_name(field.type))
    if kind == "BITMAP" and field.type is DataType.ARRAY and field.element_type not in takes:
        raise errors.BitmapElementType()


def _json_params(schema: Schema, field: Field, asked: str, given: Mapping[str, str]) -> dict[str, float | str]:
    """The path, by default the field that was asked for, and the cast; a function that is none of INVERTED's is
    passed over, as in Milvus.
    """
    from fakemilvus.filters.identifiers import parse_identifier  # the parser is imported when it is first needed

    column = parse_identifier(given.get(JSON_PATH, asked), schema.filterable)
    if column.name != field.name:
        raise errors.JsonPathOfOtherField()
    made: dict[str, float | str] = {
        JSON_PATH: pointer_of(column.path),
        CAST_TYPE: given[CAST_TYPE],
        ASKED_FIELD: asked,
    }
    if given.get(CAST_FUNCTION) == "STRING_TO_DOUBLE" and given[CAST_TYPE] == "DOUBLE":
        made[CAST_FUNCTION] = "STRING_TO_DOUBLE"
    return made


def _check_inverted(field: Field, given: Mapping[str, str]) -> dict[str, float | str]:
    if field.type is not DataType.JSON:
        return {}
    cast, function = _cast_type(given), given.get(CAST_FUNCTION)
    if cast not in _INVERTED_CASTS:
        raise errors.JsonCastTypeInvalid(type=cast)
    if function not in (None, "STRING_TO_DOUBLE"):
        raise errors.JsonCastFunctionInvalid(function=function)
    if function and cast != "DOUBLE":
        raise errors.JsonCastFunctionOfType(function=function, type=cast)
    return {}


def _check_cast_of(kind: str, casts: tuple[str, ...]) -> Callable[[Field, Mapping[str, str]], dict[str, float | str]]:
    def check(field: Field, given: Mapping[str, str]) -> dict[str, float | str]:
        if field.type is DataType.JSON and _cast_type(given) not in casts:
            raise errors.JsonCastTypeOfKind(type=given[CAST_TYPE], kind=kind)
        return {}

    return check


def _check_hybrid(field: Field, given: Mapping[str, str]) -> dict[str, float | str]:
    _check_cast_of("HYBRID", ("BOOL", "DOUBLE", "VARCHAR"))(field, given)
    limit = _integer(given.get(CARDINALITY_LIMIT, _DEFAULT_LIMIT))
    if limit is None or not 1 <= limit <= _MOST_LIMIT:
        raise errors.CardinalityLimitInvalid(limit=_MOST_LIMIT)
    return {CARDINALITY_LIMIT: limit}


def _check_ngram(field: Field, given: Mapping[str, str]) -> dict[str, float | str]:
    if field.type is DataType.JSON:
        if CAST_TYPE not in given:
            raise errors.NgramCastTypeMissing()
        if given[CAST_TYPE] != "VARCHAR":
            raise errors.NgramCastType(type=given[CAST_TYPE])
    if "min_gram" not in given or "max_gram" not in given:
        raise errors.NgramSizesMissing()
    sizes: dict[str, float | str] = {}
    for name in ("min_gram", "max_gram"):
        size = _integer(given[name])
        if size is None:
            raise errors.NgramSizeNotInteger(name=name, value=given[name])
        sizes[name] = size
    low, high = int(sizes["min_gram"]), int(sizes["max_gram"])
    if low <= 0 or high <= 0 or low > high:
        raise errors.NgramSizesInvalid(low=low, high=high)
    return sizes


def _cast_type(given: Mapping[str, str]) -> str:
    if CAST_TYPE not in given:
        raise errors.JsonCastTypeMissing()
    return given[CAST_TYPE]


def _integer(text: str) -> int | None:
    """As Go's Atoi reads it, in 64 bits."""
    value = int(text) if re.fullmatch("[+-]?[0-9]+", text) else None
    return value if value is not None and -(2**63) <= value < 2**63 else None


_INTEGERS = frozenset((DataType.INT8, DataType.INT16, DataType.INT32, DataType.INT64))
_NUMBERS = _INTEGERS | {DataType.FLOAT, DataType.DOUBLE}
_TEXTS = frozenset((DataType.VARCHAR,))
_JSON = frozenset((DataType.JSON,))
_BOOLS = frozenset((DataType.BOOL,))
_ARRAYS = frozenset((DataType.ARRAY,))

_TYPES: dict[str, tuple[frozenset[DataType], type[errors.MilvusError]]] = {
    "STL_SORT": (_NUMBERS | _TEXTS | _JSON | {DataType.TIMESTAMPTZ}, errors.StlSortFieldType),
    "TRIE": (_TEXTS, errors.TrieFieldType),
    "INVERTED": (_NUMBERS | _TEXTS | _JSON | _BOOLS | _ARRAYS, errors.InvertedFieldType),
    "BITMAP": (_INTEGERS | _TEXTS | _JSON | _BOOLS | _ARRAYS, errors.BitmapFieldType),
    "NGRAM": (_TEXTS | _JSON, errors.NgramFieldType),
    "RTREE": (frozenset((DataType.GEOMETRY,)), errors.RtreeFieldType),
    "HYBRID": (_NUMBERS | _TEXTS | _JSON | _BOOLS | _ARRAYS, errors.HybridFieldType),
}
"""Each scalar kind: the field types it takes, and Milvus' complaint about every other."""

_ALIASES = {"Asceneding": "STL_SORT", "Trie": "TRIE", "marisa-trie": "TRIE"}
SCALAR_TYPES = frozenset((*_TYPES, *_ALIASES))
"""What an index type may be called."""

_CHECKS: dict[str, Callable[[Field, Mapping[str, str]], dict[str, float | str]]] = {
    "STL_SORT": _check_cast_of("STL_SORT", ("DOUBLE", "VARCHAR")),
    "BITMAP": _check_cast_of("BITMAP", ("BOOL", "VARCHAR")),
    "INVERTED": _check_inverted,
    "HYBRID": _check_hybrid,
    "NGRAM": _check_ngram,
}
"""What each kind says of the other parameters; it answers those that its build needs."""

_INVERTED_CASTS = ("BOOL", "DOUBLE", "VARCHAR", "ARRAY_BOOL", "ARRAY_DOUBLE", "ARRAY_VARCHAR", "JSON")
_DEFAULT_LIMIT, _MOST_LIMIT = "100", 1_000
