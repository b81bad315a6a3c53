"""What CreateIndex refuses or completes. Texts: Milvus 3.0's proxy, datacoord and indexparamcheck sources; where its
Python tests assert them, they agree."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fakemilvus import errors
from fakemilvus.datatypes import DataType
from fakemilvus.engine.index import Index
from fakemilvus.engine.index_checks import IndexDefinition, check_index_name, define_index
from fakemilvus.engine.options import Options
from fakemilvus.engine.schema import Field, Pairs, Schema

SCHEMA = Schema(
    (
        Field("id", DataType.INT64, is_primary=True),
        Field("vec", DataType.FLOAT_VECTOR, type_params=(("dim", "8"),)),
        Field("vec2", DataType.FLOAT_VECTOR, type_params=(("dim", "4"),)),
        Field("flag", DataType.BOOL),
        Field("small", DataType.INT8),
        Field("price", DataType.FLOAT),
        Field("name", DataType.VARCHAR, type_params=(("max_length", "16"),)),
        Field("doc", DataType.JSON),
    )
).with_ids()

IVF = (("index_type", "IVF_FLAT"), ("metric_type", "L2"))
SQ8 = (("index_type", "IVF_SQ8"), ("metric_type", "L2"))
HNSW = (("index_type", "HNSW"), ("metric_type", "L2"))
BAD_PARAMS = ": invalid parameter[expected=valid index params][actual=invalid index params]"


def test_a_definition_keeps_params_verbatim_and_completes_the_build() -> None:
    """The echo is what the client sent, in its order; the build gets every parameter as what it is."""
    params = (("params", '{"nlist": 128}'), ("metric_type", "IP"), ("index_type", "IVF_FLAT"), ("color", "red"))
    made = _define("vec", params)
    complete = {"nlist": 128, "use_elkan": True}
    assert made == IndexDefinition("vec", False, SCHEMA.find("vec"), params, "IVF_FLAT", "IP", complete)


@pytest.mark.parametrize(
    ("params", "build_params"),
    [
        (IVF, {"nlist": 128}),
        ((*IVF, ("nlist", "64")), {"nlist": 64}),
        ((*IVF, ("params", '{"nlist": "64"}')), {"nlist": 64}),
        ((*IVF, ("nlist", "1"), ("params", '{"nlist": 64}')), {"nlist": 64}),
        ((*IVF, ("params", '{"nlist": 64.0}')), {"nlist": 64}),
        ((*IVF, ("params", "null")), {"nlist": 128}),
        ((*IVF, ("nlist", " +7")), {"nlist": 7}),
        (HNSW, {"M": 30, "efConstruction": 360}),
        ((*HNSW, ("M", "2048"), ("efConstruction", "2147483647")), {"M": 2048, "efConstruction": 2147483647}),
        ((*HNSW, ("dim", "8"), ("mmap.enabled", "true"), ("warmup", "sync")), {"M": 30, "efConstruction": 360}),
        ((("index_type", "FLAT"), ("metric_type", "COSINE")), {}),
    ],
)
def test_build_parameters_come_flat_or_nested(params: Pairs, build_params: dict[str, int]) -> None:
    """Parameters may stand beside the index type or as JSON under ``params``; the later one wins."""
    made = _define("vec", params)
    assert made is not None
    assert made.build_params.items() >= build_params.items()


@pytest.mark.parametrize(
    ("params", "metric"),
    [
        ((), "COSINE"),
        ((("index_type", "AUTOINDEX"),), "COSINE"),
        ((("metric_type", "L2"),), "L2"),
        ((("metric_type", "IP"), ("index_type", "AUTOINDEX")), "IP"),
        ((("index_type", "AUTOINDEX"), ("params", "{}")), "COSINE"),
    ],
)
def test_autoindex_echoes_its_type_and_metric(params: Pairs, metric: str) -> None:
    """A missing index type is AUTOINDEX, its default metric COSINE; the echo has exactly these two."""
    made = _define("vec", params)
    assert made is not None
    assert made.params == (("index_type", "AUTOINDEX"), ("metric_type", metric))
    assert (made.kind, made.metric) == ("HNSW_SQ", metric)
    refined = {"M": 18, "efConstruction": 240, "sq_type": "SQ4U", "refine": True, "refine_type": "FP16"}
    assert made.build_params.items() >= refined.items()


@pytest.mark.parametrize(
    ("field", "index_type", "kind"),
    [
        ("id", None, "HYBRID"),
        ("flag", "AUTOINDEX", "BITMAP"),
        ("flag", "INVERTED", "INVERTED"),
        ("small", "STL_SORT", "STL_SORT"),
        ("small", "BITMAP", "BITMAP"),
        ("price", "STL_SORT", "STL_SORT"),
        ("price", "Asceneding", "STL_SORT"),
        ("name", "STL_SORT", "STL_SORT"),
        ("name", "TRIE", "TRIE"),
        ("name", "Trie", "TRIE"),
        ("name", "marisa-trie", "TRIE"),
        ("name", "INVERTED", "INVERTED"),
        ("name", "AUTOINDEX", "HYBRID"),
    ],
)
def test_scalar_indexes_echo_what_was_given(field: str, index_type: str | None, kind: str) -> None:
    """The echo is the client's, empty without an index type; AUTOINDEX stands for BITMAP over bools, else HYBRID."""
    params = () if index_type is None else (("index_type", index_type),)
    build_params = {"bitmap_cardinality_limit": 100} if kind == "HYBRID" else {}
    made = _define(field, params)
    assert made == IndexDefinition(field, False, SCHEMA.find(field), params, kind, "", build_params)


@pytest.mark.parametrize(
    ("field", "params", "text"),
    [
        ("nope", IVF, "cannot create index on non-exist field: nope: invalid parameter"),
        ("", IVF, "cannot create index on non-exist field: : invalid parameter"),
        (
            "vec",
            (*IVF, ("index_type", "FLAT")),
            "duplicated index param (key=index_type) (value=FLAT) found: invalid parameter",
        ),
        ("vec", (*IVF, ("x", "y" * 102_400)), "index params size exceeds limit: 102432 > 102400: invalid parameter"),
        (
            "vec",
            (("index_type", "ANNOY"), ("metric_type", "L2")),
            "invalid parameter[expected=valid index][actual=invalid index type: ANNOY]",
        ),
        (
            "vec",
            (("index_type", "ivf_flat"), ("metric_type", "L2")),
            "invalid parameter[expected=valid index][actual=invalid index type: ivf_flat]",
        ),
        (
            "id",
            (("index_type", "HYBRID"),),
            "invalid parameter[expected=valid index][actual=invalid index type: HYBRID]",
        ),
        ("vec", (("index_type", ""), ("metric_type", "L2")), "invalid index type: : invalid parameter"),
        ("id", (("index_type", ""),), "invalid index type: : invalid parameter"),
        ("vec", (("index_type", "IVF_FLAT"),), "metric type not set for vector index" + BAD_PARAMS),
        (
            "vec",
            (("index_type", "IVF_FLAT"), ("metric_type", "")),
            "float vector index does not support metric type: " + BAD_PARAMS,
        ),
        (
            "vec",
            (("index_type", "FLAT"), ("metric_type", "HAMMING")),
            "float vector index does not support metric type: HAMMING" + BAD_PARAMS,
        ),
        ("vec", (("metric_type", "l2"),), "float vector index does not support metric type: l2" + BAD_PARAMS),
        (
            "vec",
            (("index_type", "BIN_FLAT"), ("metric_type", "L2")),
            "data type FloatVector can't build with this index BIN_FLAT: invalid parameter",
        ),
        (
            "vec",
            (("index_type", "STL_SORT"), ("metric_type", "L2")),
            "data type FloatVector can't build with this index STL_SORT: invalid parameter",
        ),
        ("vec", (*IVF, ("dim", "9")), "dimension mismatch, dimension in schema: 8, dimension: 9: invalid parameter"),
        ("id", IVF, "index IVF_FLAT only supports vector data type: invalid parameter"),
        (
            "vec",
            (("index_type", "AUTOINDEX"), ("metric_type", "L2"), ("nlist", "8")),
            "only metric type can be passed when use AutoIndex: invalid parameter",
        ),
        ("vec", (("nlist", "8"),), "only metric type can be passed when use AutoIndex: invalid parameter"),
        ("vec", (*HNSW, ("refine", "true")), "refine is not supported for this index: invalid parameter"),
        (
            "vec",
            (*HNSW, ("mmap.enabled", "h")),
            "invalid mmap type params: invalid mmap.enabled value: h, expected: true, false: invalid parameter"
            ": invalid parameter",
        ),
        (
            "price",
            (("index_type", "STL_SORT"), ("mmap.enabled", "true")),
            "invalid mmap type params: index type STL_SORT does not support mmap: invalid parameter: invalid parameter",
        ),
        (
            "price",
            (("mmap.enabled", "h"),),
            "invalid mmap index params: invalid mmap.enabled value: h, expected: true, false: invalid parameter"
            ": invalid parameter",
        ),
        (
            "vec",
            (*HNSW, ("warmup", "hot")),
            "invalid warmup params: invalid warmup policy: hot, must be 'disable', 'sync' or 'async'"
            ": invalid parameter: invalid parameter",
        ),
        (
            "vec",
            (*HNSW, ("indexoffsetcache.enabled", "true")),
            "invalid offset cache index params: only bitmap index support indexoffsetcache.enabled now"
            ": invalid parameter: invalid parameter",
        ),
        (
            "vec",
            (*HNSW, ("indexoffsetcache.enabled", "maybe")),
            "invalid offset cache index params: invalid indexoffsetcache.enabled value: maybe, expected: true, false"
            ": invalid parameter: invalid parameter",
        ),
        (
            "flag",
            (("index_type", "STL_SORT"),),
            "STL_SORT are only supported on numeric, varchar or timestamptz field, got Bool: invalid parameter",
        ),
        ("id", (("index_type", "Trie"),), "TRIE are only supported on varchar field: invalid parameter"),
        ("doc", (("index_type", "TRIE"),), "TRIE are only supported on varchar field: invalid parameter"),
        ("id", (("index_type", "BITMAP"),), "create bitmap index on primary key not supported: invalid parameter"),
        (
            "price",
            (("index_type", "BITMAP"),),
            "bitmap index are only supported on bool, int, string and array field: invalid parameter",
        ),
        (
            "id",
            (("index_type", "NGRAM"),),
            "ngram index can only be created on VARCHAR or JSON field: invalid parameter",
        ),
        (
            "id",
            (("index_type", "RTREE"),),
            "RTREE index can only be built on geometry field, got Int64: invalid parameter",
        ),
    ],
)
def test_refused_definitions(field: str, params: Pairs, text: str) -> None:
    """Each is refused with code 1100 (legacy 5) in Milvus' words."""
    _refused(1100, 5, text, field, params)


@pytest.mark.parametrize(
    ("nested", "text"),
    [
        (
            "[1]",
            "unmarshal params failed: json: cannot unmarshal array into Go value of type map[string]interface {}",
        ),
        ("nlist=1", "unmarshal params failed: Expecting value: line 1 column 1 (char 0)"),
    ],
)
def test_nested_params_must_be_a_json_object(nested: str, text: str) -> None:
    """Milvus does not classify this one: code 65535; after the colon stands the JSON parser's own complaint."""
    _refused(65535, 1, text, "vec", (*IVF, ("params", nested)))


@pytest.mark.parametrize("index_type", [None, "AUTOINDEX", "INVERTED", "STL_SORT", "BITMAP"])
def test_a_json_index_needs_a_cast_type(index_type: str | None) -> None:
    """Code 1101, whichever scalar type is asked for."""
    params = () if index_type is None else (("index_type", index_type),)
    text = "json index must specify cast type: missing parameter[missing_param=json_cast_type]"
    _refused(1101, 5, text, "doc", params)


def test_fields_of_structs_can_be_sorted() -> None:
    """STL_SORT takes the arrays that a struct's fields are, unless they are of bools."""
    fields = [Field(f"s[{kind.name}]", DataType.ARRAY, element_type=kind) for kind in (DataType.INT64, DataType.BOOL)]
    schema = replace(SCHEMA, fields=(*SCHEMA.fields, *fields)).with_ids()
    made = define_index(schema, "s[INT64]", "", (("index_type", "STL_SORT"),), (), Options())
    assert made is not None
    assert made.kind == "STL_SORT"
    with pytest.raises(errors.StlSortElementType) as raised:
        define_index(schema, "s[BOOL]", "", (("index_type", "STL_SORT"),), (), Options())
    assert "got struct sub-field of Bool" in raised.value.message


def test_any_name_is_a_key_of_the_dynamic_field() -> None:
    """With a dynamic field an unknown name means one of its keys, so a cast type is what is missing."""
    schema = replace(SCHEMA, enable_dynamic_field=True)
    with pytest.raises(errors.JsonCastTypeMissing):
        define_index(schema, "color", "", (("index_type", "INVERTED"),), (), Options())


# -- names and existing indexes --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "vec", "_a1", " vec", "a[b]", "x" * 255])
def test_good_index_names(name: str) -> None:
    """Letters, digits, underscores and brackets, at most 255; space around is not looked at."""
    check_index_name(name)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("9a", "The first character of a index name must be an underscore or letter."),
        ("é", "The first character of a index name must be an underscore or letter."),
        ("a-b", "Index name can only contain numbers, letters, and underscores."),
        ("a b", "Index name can only contain numbers, letters, and underscores."),
        ("a\n.", "Index name can only contain numbers, letters, and underscores."),
        ("x" * 256, "The length of a index name must be less than 255 characters."),
    ],
)
def test_bad_index_names(name: str, problem: str) -> None:
    """Code 1100; the name is checked before the field is looked up."""
    with pytest.raises(errors.ParameterInvalid) as raised:
        define_index(SCHEMA, "nope", name, IVF, (), Options())
    assert raised.value.message == f"Invalid index name: {name}. {problem}: invalid parameter"


def test_default_names() -> None:
    """An index without a name is called as its field, or by the field's id where the server is told so."""
    assert _define("vec", IVF).name == "vec"  # type: ignore[union-attr]
    made = define_index(SCHEMA, "vec", "", IVF, (), Options(default_index_names="field-id"))
    assert (made.name, made.named) == ("_default_idx_101", False)  # type: ignore[union-attr]


NLIST = (*IVF, ("nlist", "64"))


@pytest.mark.parametrize(
    ("old", "new", "new_name"),
    [
        (NLIST, NLIST, ""),
        (NLIST, NLIST, "mine"),
        (NLIST, tuple(reversed(NLIST)), ""),
        ((*NLIST, ("mmap.enabled", "true")), NLIST, ""),
        ((("index_type", "AUTOINDEX"), ("metric_type", "L2")), (), ""),
    ],
)
def test_the_same_index_again_is_no_new_one(old: Pairs, new: Pairs, new_name: str) -> None:
    """The order is irrelevant, an empty name means the index that is there, alterable parameters of the old one
    do not count, and AUTOINDEX without a metric is the same as AUTOINDEX with any."""
    assert define_index(SCHEMA, "vec", new_name, new, (_existing("vec", "mine", old),), Options()) is None


@pytest.mark.parametrize(
    ("field", "name", "params", "text"),
    [
        ("vec", "mine", IVF, "at most one distinct index is allowed per field: invalid parameter"),
        ("vec", "", IVF, "at most one distinct index is allowed per field: invalid parameter"),
        (
            "vec",
            "mine",
            (*IVF, ("params", '{"nlist":64}')),
            "at most one distinct index is allowed per field: invalid parameter",
        ),
        (
            "vec",
            "mine",
            (*NLIST, ("mmap.enabled", "true")),
            "at most one distinct index is allowed per field: invalid parameter",
        ),
        ("vec2", "mine", NLIST, "at most one distinct index is allowed per field: invalid parameter"),
        (
            "vec",
            "other",
            NLIST,
            "CreateIndex failed: creating multiple indexes on same field is not supported: invalid parameter",
        ),
    ],
)
def test_an_index_in_the_way(field: str, name: str, params: Pairs, text: str) -> None:
    """Other parameters or another field under the same name, or another name on the same field: code 1100."""
    with pytest.raises(errors.ParameterInvalid) as raised:
        define_index(SCHEMA, field, name, params, (_existing("vec", "mine", NLIST),), Options())
    assert (raised.value.message, raised.value.code) == (text, 1100)


def _define(field: str, params: Pairs) -> IndexDefinition | None:
    return define_index(SCHEMA, field, "", params, (), Options())


def _refused(code: int, legacy: int, text: str, field: str, params: Pairs) -> None:
    with pytest.raises(errors.MilvusError) as raised:
        _define(field, params)
    assert (raised.value.code, raised.value.legacy, raised.value.message) == (code, legacy, text)


def _existing(field: str, name: str, params: Pairs) -> Index:
    return Index(1, name, SCHEMA.find(field), params, "IVF_FLAT", "L2", {}, created=1)
