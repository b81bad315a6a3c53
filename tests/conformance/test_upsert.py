"""Upsert: what is replaced, merged, counted and refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from pymilvus.grpc_gen import schema_pb2

from tests.conformance.making import (
    T,
    column,
    field,
    id_field,
    plain_rows,
    random_vectors,
    vector_column,
    vector_field,
)
from tests.conformance.refusals import Refusal, check_accepted, check_refused, invalid, missing
from tests.conformance.target import Collections, Target

ArrayOp = schema_pb2.FieldPartialUpdateOp
NO_KEY = invalid("must assign pk when upsert, primary field: id", before=None)
DUPLICATES = invalid("duplicate primary keys are not allowed in the same batch", before=None)
ROWS_EXPECTED = invalid(
    "num_rows should be greater than 0", before=None, ending="[expected=invalid num_rows][actual=0]"
)


def lacks(name: str) -> Refusal:
    return invalid(f"fieldSchema({name}) has no corresponding fieldData pass in", before=None)


def op(name: str, kind: int) -> Any:
    return ArrayOp(field_name=name, op=kind)


def upsert(target: Target, name: str, columns: Sequence[Any], rows: int, **fields: Any) -> Any:
    return target.ask("Upsert", collection_name=name, fields_data=columns, num_rows=rows, **fields)


def make(target: Target, collections: Collections, fields: Sequence[Any], **others: Any) -> str:
    """A collection that is indexed and loaded."""
    name = collections.make(fields, **others)
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    return name


@pytest.fixture
def name(target: Target, collections: Collections) -> str:
    """id, vec, and a nullable number with rows 0 to 4, where n is ten times the id."""
    made = make(target, collections, [id_field(), vector_field(), field("n", T.Int64, nullable=True)])
    check_accepted(target.insert(made, rows(5), 5))
    return made


def rows(count: int, start: int = 0, factor: int = 10) -> list[Any]:
    numbers = column("n", T.Int64, [factor * key for key in range(start, start + count)])
    numbers.valid_data.extend([True] * count)
    return [*plain_rows(count, start), numbers]


def values(target: Target, name: str, field_name: str = "n", filter: str = "id >= 0") -> dict[int, Any]:
    """The values of a field by key; None where it is null."""
    found = target.query(name, filter, ["id", field_name])
    check_accepted(found)
    columns = {data.field_name: data for data in found.fields_data}
    data = columns[field_name]
    plain = list(getattr(data.scalars, data.scalars.WhichOneof("data")).data)
    nulls = [not valid for valid in data.valid_data] or [False] * len(plain)
    kept = [None if null else value for value, null in zip(plain, nulls, strict=True)]
    return dict(zip(columns["id"].scalars.long_data.data, kept, strict=True))


# -- whole rows --------------------------------------------------------------------------------------------------


def test_counts(target: Target, name: str) -> None:
    """Inserted, deleted and upserted are the number of rows, whether they were there or not; and the keys come back."""
    answer = upsert(target, name, rows(3, 4), 3)
    check_accepted(answer)
    assert (answer.insert_cnt, answer.delete_cnt, answer.upsert_cnt) == (3, 3, 3)
    assert list(answer.IDs.int_id.data) == [4, 5, 6]
    assert list(answer.succ_index) == [0, 1, 2]


def test_timestamp(target: Target, name: str) -> None:
    """The answer has the write's timestamp, which session readers ask for."""
    if target.version < (3, 0):
        pytest.skip("2.3.5 sets one too, but its clock may be another")
    first = upsert(target, name, rows(1), 1).timestamp
    assert 0 < first < upsert(target, name, rows(1), 1).timestamp


def test_replaces(target: Target, name: str) -> None:
    """Rows with known keys are replaced, the others added."""
    check_accepted(upsert(target, name, rows(2, 4, factor=7), 2))
    assert values(target, name) == {0: 0, 1: 10, 2: 20, 3: 30, 4: 28, 5: 35}
    assert target.count(name) == 6


def test_replaces_flushed_rows(target: Target, name: str) -> None:
    """It does not matter whether the old row is flushed."""
    target.flush(name)
    check_accepted(upsert(target, name, rows(2, 1, factor=7), 2))
    assert values(target, name) == {0: 0, 1: 7, 2: 14, 3: 30, 4: 40}


def test_not_loaded(target: Target, collections: Collections) -> None:
    """Whole rows can be upserted into what is not loaded."""
    name = collections.make()
    check_accepted(upsert(target, name, plain_rows(2), 2))


def test_null_for_an_absent_field(target: Target, name: str) -> None:
    """An upsert of whole rows makes a nullable field null that it does not bring."""
    if target.version < (3, 0):
        pytest.skip("2.3.5 has no nullable fields")
    check_accepted(upsert(target, name, plain_rows(1, 2), 1))
    assert values(target, name)[2] is None


def test_automatic_ids(target: Target, collections: Collections) -> None:
    """With automatic ids the given key says what goes, and the new row gets a new key."""
    if target.version < (3, 0):
        pytest.skip("2.3.5 refuses it")
    name = make(target, collections, [id_field(autoID=True), vector_field()])
    old = list(target.insert(name, [vector_column(random_vectors(2))], 2).IDs.int_id.data)
    answer = upsert(target, name, [column("id", T.Int64, old[:1]), vector_column(random_vectors(1))], 1)
    check_accepted(answer)
    (new,) = answer.IDs.int_id.data
    assert new not in old
    assert sorted(target.query(name, "id > 0", ["id"]).fields_data[0].scalars.long_data.data) == [old[1], new]


# -- what is refused ---------------------------------------------------------------------------------------------


def test_unknown_collection(target: Target) -> None:
    """An unknown collection is refused as for inserts."""
    refusal = Refusal(100, 4, "collection not found[database=default][collection=nope]", input_error=True)
    check_refused(upsert(target, "nope", plain_rows(1), 1), refusal, target.version)


def test_without_keys(target: Target, name: str) -> None:
    """Rows without their keys are refused."""
    check_refused(upsert(target, name, plain_rows(1)[1:], 1), NO_KEY, target.version)


def test_without_keys_where_they_are_automatic(target: Target, collections: Collections) -> None:
    """Automatic ids do not make the key dispensable."""
    name = collections.make([id_field(autoID=True), vector_field()])
    check_refused(upsert(target, name, [vector_column(random_vectors(1))], 1), NO_KEY, target.version)


def test_duplicate_keys(target: Target, name: str) -> None:
    """A key that comes twice in one request is refused, and nothing is stored."""
    columns = [column("id", T.Int64, [1, 1]), vector_column(random_vectors(2))]
    answer = upsert(target, name, columns, 2)
    check_refused(answer, DUPLICATES, target.version)
    assert list(answer.err_index) == [0, 1]
    assert values(target, name)[1] == 10


def test_duplicate_text_keys(target: Target, collections: Collections) -> None:
    """Text keys are compared too."""
    name = collections.make([field("id", T.VarChar, primary=True, max_length=8), vector_field()])
    columns = [column("id", T.VarChar, ["a", "b", "a"]), vector_column(random_vectors(3))]
    check_refused(upsert(target, name, columns, 3), DUPLICATES, target.version)


def test_no_rows(target: Target, name: str) -> None:
    """No rows are refused."""
    check_refused(upsert(target, name, [], 0), ROWS_EXPECTED, target.version)


def test_missing_field(target: Target, name: str) -> None:
    """A field that is neither nullable nor has a default has to be there."""
    check_refused(upsert(target, name, [column("id", T.Int64, [1])], 1), lacks("vec"), target.version)


def test_stale_schema(target: Target, name: str) -> None:
    """A client that remembers another schema is told."""
    refusal = Refusal(109, 62, f"collection schema mismatch[collection={name}]", input_error=True, since="3.0")
    check_refused(upsert(target, name, rows(1), 1, schema_timestamp=1), refusal, target.version)


def test_all_or_nothing(target: Target, collections: Collections) -> None:
    """One bad row, and no row is stored or deleted."""
    name = make(target, collections, [id_field(), vector_field(), field("vc", T.VarChar, max_length=2)])
    texts = [*plain_rows(2), column("vc", T.VarChar, ["a", "b"])]
    check_accepted(target.insert(name, texts, 2))
    bad = [*plain_rows(2), column("vc", T.VarChar, ["c", "too long"])]
    answer = upsert(target, name, bad, 2)
    assert answer.status.code == 1100
    assert (answer.insert_cnt, list(answer.err_index)) == (0, [0, 1])
    assert values(target, name, "vc") == {0: "a", 1: "b"}


# -- keys in inserts ---------------------------------------------------------------------------------------------


def test_keys_may_be_inserted(target: Target, collections: Collections) -> None:
    """With allow_insert_auto_id an insert may bring the keys that would be automatic, or leave them out."""
    fields = [id_field(autoID=True), vector_field()]
    name = collections.make(fields, properties={"allow_insert_auto_id": "true"})
    answer = target.insert(name, [column("id", T.Int64, [7, 8]), vector_column(random_vectors(2))], 2)
    if target.version >= (3, 0):
        check_accepted(answer)
        assert list(answer.IDs.int_id.data) == [7, 8]
    check_accepted(target.insert(name, [vector_column(random_vectors(2))], 2))


def test_keys_may_not_be_inserted(target: Target, collections: Collections) -> None:
    """Without the property, automatic keys in an insert are one column too many."""
    name = collections.make([id_field(autoID=True), vector_field()])
    refusal = invalid("more fieldData has pass in", before=None, ending="[expected=2][actual=3]")
    columns = [column("id", T.Int64, [7]), vector_column(random_vectors(1))]
    check_refused(target.insert(name, columns, 1), refusal, target.version)


# -- partial updates ---------------------------------------------------------------------------------------------


def partial(target: Target, name: str, columns: Sequence[Any], rows: int, **fields: Any) -> Any:
    if target.version < (3, 0):
        pytest.skip("2.3.5 has no partial updates")
    return upsert(target, name, columns, rows, partial_update=True, **fields)


def keyed(keys: Sequence[int], factor: int | None = None) -> list[Any]:
    """The columns id and, with a factor, n."""
    columns = [column("id", T.Int64, keys)]
    if factor is not None:
        columns.append(column("n", T.Int64, [factor * key for key in keys]))
        columns[1].valid_data.extend([True] * len(keys))
    return columns


def test_partial_update(target: Target, name: str) -> None:
    """What a partial update does not bring stays."""
    vector = target.query(name, "id == 3", ["vec"]).fields_data
    answer = partial(target, name, keyed([1, 3], 5), 2)
    check_accepted(answer)
    assert (answer.insert_cnt, answer.delete_cnt, answer.upsert_cnt) == (2, 2, 2)
    assert values(target, name) == {0: 0, 1: 5, 2: 20, 3: 15, 4: 40}
    now = target.query(name, "id == 3", ["vec"]).fields_data
    assert {d.field_name: d.vectors for d in now} == {d.field_name: d.vectors for d in vector}


def test_partial_update_of_a_new_row(target: Target, name: str) -> None:
    """A row that is not there has to be complete; it counts as not deleted, and stands behind those that were there."""
    columns = [column("id", T.Int64, [9, 1]), vector_column(random_vectors(2))]
    answer = partial(target, name, columns, 2)
    check_accepted(answer)
    assert (answer.insert_cnt, answer.delete_cnt, answer.upsert_cnt) == (2, 1, 2)
    assert list(answer.IDs.int_id.data) == [1, 9]
    assert values(target, name, filter="id in [1, 9]") == {1: 10, 9: None}


def test_partial_update_of_an_incomplete_new_row(target: Target, name: str) -> None:
    """A row that is not there and not complete is refused, and the whole request with it."""
    check_refused(partial(target, name, keyed([1, 9], 5), 2), lacks("vec"), target.version)
    assert values(target, name)[1] == 10


def test_partial_update_to_null(target: Target, name: str) -> None:
    """A null that is given replaces the value."""
    nulls = schema_pb2.FieldData(field_name="n", type=T.Int64, valid_data=[False])
    nulls.scalars.long_data.SetInParent()
    check_accepted(partial(target, name, [*keyed([2]), nulls], 1))
    assert values(target, name)[2] is None


def test_partial_update_when_not_loaded(target: Target, collections: Collections) -> None:
    """A partial update reads, so the collection has to be loaded."""
    name = collections.make([id_field(), vector_field(), field("n", T.Int64, nullable=True)])
    refusal = Refusal(101, 1, "failed to query: collection not loaded[collection=*]")
    check_refused(partial(target, name, keyed([1], 2), 1), refusal, target.version)


def test_partial_update_of_dynamic_keys(target: Target, collections: Collections) -> None:
    """Keys of the dynamic field are merged one by one."""
    name = make(target, collections, [id_field(), vector_field()], dynamic=True)
    dynamic = column("$meta", T.JSON, [b'{"a": 1, "b": 2}'], dynamic=True)
    check_accepted(target.insert(name, [*plain_rows(1), dynamic], 1))
    given = column("$meta", T.JSON, [b'{"b": 3, "c": 4}'], dynamic=True)
    check_accepted(partial(target, name, [*keyed([0]), given], 1))
    assert list(target.query(name, "a == 1 and b == 3 and c == 4", ["id"]).fields_data[0].scalars.long_data.data) == [0]


def test_partial_update_of_a_key_that_became_a_field(target: Target, collections: Collections) -> None:
    """A dynamic key that a field was added for later stays in the row that is updated."""
    name = make(target, collections, [id_field(), vector_field()], dynamic=True)
    dynamic = column("$meta", T.JSON, [b'{"a": 1, "b": 2}'], dynamic=True)
    check_accepted(target.insert(name, [*plain_rows(1), dynamic], 1))
    given = column("$meta", T.JSON, [b'{"b": 3}'], dynamic=True)
    if target.version >= (3, 0):
        added = field("a", T.Int64, nullable=True)
        target.done("AddCollectionField", collection_name=name, schema=added.SerializeToString())
    check_accepted(partial(target, name, [*keyed([0]), given], 1))
    assert list(
        target.query(name, "a is null and $meta['a'] == 1 and b == 3", ["id"]).fields_data[0].scalars.long_data.data
    ) == [0]


def test_partial_update_with_automatic_ids(target: Target, collections: Collections) -> None:
    """A row with an automatic id gets a new one when it is updated."""
    target.needs("2.6", "2.3.5 has no partial updates")
    name = make(target, collections, [id_field(autoID=True), vector_field(), field("n", T.Int64, nullable=True)])
    (old,) = target.insert(name, [vector_column(random_vectors(1))], 1).IDs.int_id.data
    answer = partial(target, name, keyed([old], 1), 1)
    check_accepted(answer)
    (new,) = answer.IDs.int_id.data
    assert values(target, name) == {new: old}
    assert new != old


# -- operations on arrays ----------------------------------------------------------------------------------------


@pytest.fixture
def arrays(target: Target, collections: Collections) -> str:
    """id, vec and arrays of up to four numbers: [1, 2], [] and null."""
    if target.version < (3, 0):
        pytest.skip("2.3.5 has no operations on arrays")
    numbers = field("a", T.Array, element_type=T.Int64, max_capacity=4, nullable=True)
    made = make(target, collections, [id_field(), vector_field(), numbers])
    data = array_column([[1, 2], []], [True, True, False])
    check_accepted(target.insert(made, [*plain_rows(3), data], 3))
    return made


def array_column(rows: Sequence[Sequence[int]], valid: Sequence[bool] = (), element: int = T.Int64) -> Any:
    data = schema_pb2.FieldData(field_name="a", type=T.Array, valid_data=valid)
    data.scalars.array_data.element_type = element
    for row in rows:
        data.scalars.array_data.data.add().long_data.data.extend(row)
    return data


def array_values(target: Target, name: str) -> dict[int, list[int] | None]:
    found = target.query(name, "id >= 0", ["id", "a"])
    columns = {data.field_name: data for data in found.fields_data}
    read = [list(row.long_data.data) for row in columns["a"].scalars.array_data.data]
    kept = [value if valid else None for value, valid in zip(read, columns["a"].valid_data, strict=True)]
    return dict(zip(columns["id"].scalars.long_data.data, kept, strict=True))


def test_append(target: Target, arrays: str) -> None:
    """ARRAY_APPEND adds elements, to null as to an empty array; it makes a partial update of the request by itself."""
    columns = [column("id", T.Int64, [0, 1, 2]), array_column([[2], [5], [6, 7]], [True] * 3)]
    check_accepted(upsert(target, arrays, columns, 3, field_ops=[op("a", ArrayOp.ARRAY_APPEND)]))
    assert array_values(target, arrays) == {0: [1, 2, 2], 1: [5], 2: [6, 7]}


def test_remove(target: Target, arrays: str) -> None:
    """ARRAY_REMOVE takes out every element that equals a given one."""
    columns = [column("id", T.Int64, [0, 1]), array_column([[2, 9], [1]], [True] * 2)]
    check_accepted(upsert(target, arrays, columns, 2, field_ops=[op("a", ArrayOp.ARRAY_REMOVE)]))
    assert array_values(target, arrays) == {0: [1], 1: [], 2: None}


def test_operation_with_null(target: Target, arrays: str) -> None:
    """Where the request has null, the array stays as it is."""
    columns = [column("id", T.Int64, [0, 2]), array_column([], [False] * 2)]
    check_accepted(upsert(target, arrays, columns, 2, field_ops=[op("a", ArrayOp.ARRAY_APPEND)]))
    assert array_values(target, arrays) == {0: [1, 2], 1: [], 2: None}


def test_append_beyond_the_capacity(target: Target, arrays: str) -> None:
    """What becomes too long by appending is refused, and nothing changes."""
    columns = [column("id", T.Int64, [0]), array_column([[3, 4, 5]], [True])]
    answer = upsert(target, arrays, columns, 1, field_ops=[op("a", ArrayOp.ARRAY_APPEND)])
    check_refused(answer, invalid("array length 5 exceeds max_capacity 4", before=None), target.version)
    assert array_values(target, arrays)[0] == [1, 2]


REFUSED_OPS = {
    "without a field": ([op("", ArrayOp.ARRAY_APPEND)], missing("FieldPartialUpdateOp.field_name is required")),
    "twice": (
        [op("a", ArrayOp.REPLACE), op("a", ArrayOp.REPLACE)],
        invalid('duplicate partial-update op for field "a"', before=None),
    ),
    "on the key": (
        [op("id", ArrayOp.ARRAY_APPEND)],
        invalid('field "id" is the primary key and cannot carry a partial-update op', before=None),
    ),
    "on no field": (
        [op("nope", ArrayOp.ARRAY_APPEND)],
        invalid('field "nope" not found in collection schema', before=None),
    ),
    "on no array": (
        [op("vec", ArrayOp.ARRAY_REMOVE)],
        invalid('op ARRAY_REMOVE requires Array field, but field "vec" is FloatVector', before=None),
    ),
    "unknown": ([op("a", 9)], invalid("unsupported partial update op: 9", before=None)),
}


@pytest.mark.parametrize(("ops", "refusal"), REFUSED_OPS.values(), ids=REFUSED_OPS)
def test_refused_operations(target: Target, arrays: str, ops: Sequence[Any], refusal: Refusal) -> None:
    """Operations that make no sense are refused before anything else."""
    columns = [column("id", T.Int64, [0]), array_column([[3]], [True])]
    check_refused(upsert(target, arrays, columns, 1, field_ops=ops), refusal, target.version)


def test_operation_without_its_array(target: Target, arrays: str) -> None:
    """An operation needs the field's data."""
    refusal = invalid('partial-update op targets field "a" not present in fields_data', before=None)
    answer = upsert(target, arrays, keyed([0]), 1, field_ops=[op("a", ArrayOp.ARRAY_APPEND)])
    check_refused(answer, refusal, target.version)


def test_operation_with_other_data(target: Target, arrays: str) -> None:
    """Data that is no array is refused, and so are elements of another type, and arrays that are too long at once."""
    ops = [op("a", ArrayOp.ARRAY_APPEND)]
    plain = column("a", T.Int64, [3])
    refusal = invalid('partial-update op field "a" payload is not an Array', before=None)
    check_refused(upsert(target, arrays, [*keyed([0]), plain], 1, field_ops=ops), refusal, target.version)
    other = array_column([[3]], [True], element=T.Int32)
    refusal = invalid('field "a" expects element type Int64 but request provides Int32', before=None)
    check_refused(upsert(target, arrays, [*keyed([0]), other], 1, field_ops=ops), refusal, target.version)
    long = array_column([[1, 2, 3, 4, 5]], [True])
    text = 'ARRAY_APPEND payload for field "a" row 0 has length 5 exceeding max_capacity 4'
    answer = upsert(target, arrays, [*keyed([0]), long], 1, field_ops=ops)
    check_refused(answer, invalid(text, before=None), target.version)
