"""CreateIndex and DropIndex: names, parameters, repeats and refusals."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.making import T, field, id_field, plain_rows, vector_field
from tests.conformance.refusals import Refusal, always_invalid, check_accepted, invalid, old
from tests.conformance.target import Collections, Target

IVF = {"index_type": "IVF_FLAT", "metric_type": "L2", "params": '{"nlist": 16}'}


@pytest.fixture
def name(collections: Collections) -> str:
    """A collection with a vector and a text field, and no index."""
    return collections.make([id_field(), vector_field(), field("vc", T.VarChar, max_length=8)])


@pytest.fixture(scope="module")
def shared_name(shared: Collections) -> str:
    """The same, for requests that are all refused."""
    return shared.make([id_field(), vector_field(), field("vc", T.VarChar, max_length=8)])


def create(target: Target, name: str, params: dict[str, str] | None = None, **fields: Any) -> Any:
    return target.ask("CreateIndex", collection_name=name, extra_params=params or {}, **{"field_name": "vec", **fields})


def params_of(target: Target, name: str, index: str = "") -> list[tuple[str, str]]:
    return [(pair.key, pair.value) for pair in target.describe_index(name, index).params]


def test_default_name(target: Target, name: str) -> None:
    """An index without a name is named after its field."""
    check_accepted(create(target, name, IVF))
    assert target.describe_index(name).index_name == "vec"


@pytest.mark.parametrize("index", ["_default_idx_101", "_default_idx", "a1_", "x" * 255])
def test_explicit_names(target: Target, name: str, index: str) -> None:
    """Letters, digits and underscores make a name, up to 255 of them."""
    check_accepted(create(target, name, IVF, index_name=index))
    assert target.describe_index(name, index).index_name == index


@pytest.mark.parametrize(
    "params",
    [
        IVF,
        {"params": '{"nlist":16}', "metric_type": "IP", "index_type": "IVF_FLAT"},
        {"index_type": "FLAT", "metric_type": "COSINE"},
        {"index_type": "HNSW", "metric_type": "COSINE", "params": '{"M": 8, "efConstruction": 64}'},
    ],
    ids=["ivf", "other order", "flat", "hnsw"],
)
def test_params_are_echoed(target: Target, name: str, params: dict[str, str]) -> None:
    """DescribeIndex shows the user's parameters: same keys, same order, same strings."""
    check_accepted(create(target, name, params))
    assert params_of(target, name) == list(params.items())


def test_autoindex_default_metric(target: Target, name: str) -> None:
    """Without parameters a vector field gets AUTOINDEX; its metric is COSINE, before 3.0 IP."""
    check_accepted(create(target, name))
    metric = "COSINE" if target.version >= (3, 0) else "IP"
    assert params_of(target, name) == [("index_type", "AUTOINDEX"), ("metric_type", metric)]


def test_metric_alone_is_autoindex(target: Target, name: str) -> None:
    """Only metric_type, as pymilvus 2.3 and 2.4 send it, means AUTOINDEX."""
    check_accepted(create(target, name, {"metric_type": "L2"}))
    assert sorted(params_of(target, name)) == [("index_type", "AUTOINDEX"), ("metric_type", "L2")]


def test_scalar_without_type(target: Target, name: str) -> None:
    """A scalar index needs no type."""
    check_accepted(create(target, name, field_name="vc"))
    assert target.describe_index(name).field_name == "vc"


def test_repeat_is_accepted(target: Target, name: str) -> None:
    """The same definition again is no error and no second index."""
    check_accepted(create(target, name, IVF))
    before = target.describe_index(name).indexID
    check_accepted(create(target, name, dict(reversed(IVF.items()))))
    assert target.describe_index(name).indexID == before


def test_repeat_without_the_name(target: Target, name: str) -> None:
    """The same definition without its name is a repeat of the named one."""
    check_accepted(create(target, name, IVF, index_name="mine"))
    check_accepted(create(target, name, IVF))
    assert target.describe_index(name).index_name == "mine"


def test_same_name_other_params(target: Target, name: str) -> None:
    """A name that is taken cannot mean other parameters."""
    check_accepted(create(target, name, IVF))
    text = "at most one distinct index is allowed per field"
    refusal = invalid(text, before=old(f"CreateIndex failed: {text}"))
    target.refused(
        "CreateIndex", refusal, collection_name=name, field_name="vec", extra_params={**IVF, "metric_type": "IP"}
    )


def test_other_name_same_field(target: Target, name: str) -> None:
    """A field has one index only."""
    check_accepted(create(target, name, IVF))
    refusal = invalid("CreateIndex failed: creating multiple indexes on same field is not supported")
    target.refused(
        "CreateIndex", refusal, collection_name=name, field_name="vec", index_name="second", extra_params=IVF
    )


NAMES = {
    "digit first": (
        "1a",
        "Invalid index name: 1a. The first character of a index name must be an underscore or letter.",
    ),
    "hyphen": ("a-b", "Invalid index name: a-b. Index name can only contain numbers, letters, and underscores."),
    "too long": (
        "x" * 256,
        f"Invalid index name: {'x' * 256}. The length of a index name must be less than 255 characters.",
    ),
}


@pytest.mark.parametrize("case", NAMES)
def test_bad_names(target: Target, shared_name: str, case: str) -> None:
    """A name that breaks a rule is refused with that rule."""
    index, text = NAMES[case]
    refusal = invalid(text, before=old(text.replace("can only", "cannot only")))  # 2.3.5 says so, and means the other
    target.refused(
        "CreateIndex", refusal, collection_name=shared_name, field_name="vec", index_name=index, extra_params=IVF
    )


PARAMS: dict[str, tuple[str, dict[str, str], Refusal]] = {
    "nlist 0": (
        "vec",
        {**IVF, "params": '{"nlist": 0}'},
        invalid("Out of range in json: param 'nlist' (0) should be in range [1, 65536]", before=None),
    ),
    "unknown type": (
        "vec",
        {**IVF, "index_type": "NOPE"},
        Refusal(
            1100,
            5,
            "invalid parameter[expected=valid index][actual=invalid index type: NOPE]",
            input_error=True,
            since="3.0",
            before=old("invalid index type: NOPE"),
        ),
    ),
    "unknown metric": (
        "vec",
        {**IVF, "metric_type": "NOPE"},
        invalid(
            "float vector index does not support metric type: NOPE",
            ending="[expected=valid index params][actual=invalid index params]",
            before=None,
        ),
    ),
    "no metric": (
        "vec",
        {"index_type": "IVF_FLAT", "params": '{"nlist": 16}'},
        invalid(
            "metric type not set for vector index",
            ending="[expected=valid index params][actual=invalid index params]",
            before=None,
        ),
    ),
    "vector type on a scalar": ("vc", IVF, invalid("index IVF_FLAT only supports vector data type", before=None)),
    "scalar type on a vector": (
        "vec",
        {"index_type": "INVERTED", "metric_type": "L2"},
        invalid("data type FloatVector can't build with this index INVERTED", before=None),
    ),
    "trie on an integer": (
        "id",
        {"index_type": "Trie"},
        invalid("TRIE are only supported on varchar field", before=None),
    ),
    "autoindex with more than a metric": (
        "vec",
        {"index_type": "AUTOINDEX", "metric_type": "L2", "params": '{"nlist": 16}'},
        invalid("only metric type can be passed when use AutoIndex", before=None),
    ),
    "unknown field": (
        "nope",
        IVF,
        invalid(
            "cannot create index on non-exist field: nope", before=old("cannot create index on non-exist field: nope")
        ),
    ),
}


@pytest.mark.parametrize("case", PARAMS)
def test_bad_params(target: Target, shared_name: str, case: str) -> None:
    """A definition that cannot be built is refused, and nothing is defined."""
    field_name, params, refusal = PARAMS[case]
    target.refused("CreateIndex", refusal, collection_name=shared_name, field_name=field_name, extra_params=params)
    refusal = Refusal(700, 25, "index not found[collection={collection}]")
    target.refused("DescribeIndex", refusal, {"collection": shared_name}, collection_name=shared_name)


def test_nlist_beyond_the_rows(target: Target, collections: Collections) -> None:
    """More lists than rows are accepted, and are built."""
    name = collections.make()
    target.insert(name, plain_rows(1_100), 1_100)
    target.flush(name)
    check_accepted(create(target, name, {**IVF, "params": '{"nlist": 4096}'}))
    target.wait_until_indexed(name)
    assert target.counters(name) == (1_100, 1_100, 0)


# -- drop --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("index", ["", "nope"])
def test_drop_nothing(target: Target, name: str, index: str) -> None:
    """Dropping an index that is not there succeeds."""
    target.done("DropIndex", collection_name=name, index_name=index)


def test_drop_unknown_name(target: Target, name: str) -> None:
    """Dropping an unknown name succeeds and drops no other index."""
    check_accepted(create(target, name, IVF))
    target.done("DropIndex", collection_name=name, index_name="nope")
    assert target.describe_index(name).index_name == "vec"


@pytest.mark.parametrize("index", ["", "vec"])
def test_drop_the_only_one(target: Target, name: str, index: str) -> None:
    """The only index is dropped by its name or by none, whatever field_name says."""
    check_accepted(create(target, name, IVF))
    target.done("DropIndex", collection_name=name, index_name=index, field_name="vc")
    refusal = Refusal(700, 25, "index not found[collection={collection}]")
    target.refused("DescribeIndex", refusal, {"collection": name}, collection_name=name)


def test_drop_several_without_a_name(target: Target, name: str) -> None:
    """Several indexes and no name is refused."""
    check_accepted(create(target, name, IVF))
    check_accepted(create(target, name, field_name="vc"))
    text = "index duplicates[indexName=]"
    refusal = Refusal(702, 1, text, input_error=True, since="3.0", before=old(text))
    target.refused("DropIndex", refusal, collection_name=name)


def test_drop_one_of_several(target: Target, name: str) -> None:
    """A name drops that index and leaves the other."""
    check_accepted(create(target, name, IVF))
    check_accepted(create(target, name, field_name="vc"))
    target.done("DropIndex", collection_name=name, index_name="vec")
    assert target.describe_index(name).index_name == "vc"


def test_drop_while_loaded(target: Target, name: str) -> None:
    """A vector index of a loaded collection cannot be dropped."""
    check_accepted(create(target, name, IVF))
    target.load(name)
    refusal = invalid(
        "vector index cannot be dropped on loaded collection: {id}",
        before=old("index cannot be dropped, collection is loaded, please release it first"),
    )
    described = target.done("DescribeCollection", collection_name=name)
    target.refused("DropIndex", refusal, {"id": described.collectionID}, collection_name=name, index_name="vec")


def test_drop_after_release(target: Target, name: str) -> None:
    """Once released, it can."""
    check_accepted(create(target, name, IVF))
    target.load(name)
    target.done("ReleaseCollection", collection_name=name)
    target.done("DropIndex", collection_name=name, index_name="vec")


def test_create_while_loaded(target: Target, name: str) -> None:
    """The same definition again is accepted on a loaded collection too."""
    check_accepted(create(target, name, IVF))
    target.load(name)
    check_accepted(create(target, name, IVF))


def test_alias(target: Target, name: str, collections: Collections) -> None:
    """An alias works where a collection's name does: create and drop."""
    alias = collections.alias()
    target.done("CreateAlias", collection_name=name, alias=alias)
    check_accepted(create(target, alias, IVF))
    target.done("DropIndex", collection_name=alias, index_name="vec")


def test_create_without_a_collection_name(target: Target) -> None:
    """CreateIndex checks no name: the empty one is looked up by an id that is 0."""
    refusal = Refusal(100, 4, "collection not found[collection=0]", input_error=True)
    target.refused("CreateIndex", refusal, collection_name="")


def test_drop_without_a_collection_name(target: Target) -> None:
    """DropIndex neither, since 3.0."""
    before = always_invalid("collection name should not be empty")
    text = "collection not found[collection=0]"
    target.refused("DropIndex", Refusal(100, 4, text, input_error=True, since="3.0", before=before), collection_name="")
