"""Groups of rows, and aggregate functions over them."""

from __future__ import annotations

import numpy as np
import pytest

from fakemilvus import errors, limits
from fakemilvus.datatypes import TEXT_DTYPE, Column, DataType
from fakemilvus.engine.aggregation import Groups, aggregated, check_type, everything, grouped, result_type

HIGH = 2**63 - 1


def numbers(*values, type=DataType.INT64, dtype=np.int64):
    valid = np.array([value is not None for value in values], np.bool_)
    return Column(type, np.array([value or 0 for value in values], dtype), valid)


def texts(*values):
    valid = np.array([value is not None for value in values], np.bool_)
    return Column(DataType.VARCHAR, np.array([value or "" for value in values], TEXT_DTYPE), valid)


def listed(column):
    """The values, None for null."""
    valid = [True] * len(column) if column.valid is None else column.valid.tolist()
    return [value if there else None for value, there in zip(column.values.tolist(), valid, strict=True)]


def test_rows_with_equal_values_are_a_group():
    """Each row has its group's number; groups stand ascending by their value, and know one row of theirs."""
    groups = grouped([numbers(7, 5, 7, 6)])
    assert groups.numbers.tolist() == [2, 0, 2, 1]
    assert groups.first.tolist() == [1, 3, 0]


def test_null_is_a_group():
    """Rows without a value are one group, the last; what stands in the place of null does not matter."""
    column = Column(DataType.INT64, np.array([9, 3, 8, -1]), np.array([False, True, False, True]))
    groups = grouped([column])
    assert groups.numbers.tolist() == [2, 1, 2, 0]


def test_several_columns():
    """Rows have to agree in all columns to be one group."""
    groups = grouped([texts("b", "a", "b", "b"), numbers(1, 1, 2, 1)])
    assert groups.numbers.tolist() == [1, 0, 2, 1]
    assert groups.count == 3


def test_no_rows_make_no_group():
    """Without rows there is no group."""
    assert grouped([numbers(), texts()]).count == 0


def test_too_many_groups(monkeypatch):
    """More groups than Milvus' limit are refused."""
    monkeypatch.setattr(limits, "MAX_GROUPS", 2)
    grouped([numbers(1, 2, 1)])
    with pytest.raises(errors.TooManyGroups):
        grouped([numbers(1, 2, 3)])


def test_without_groups():
    """All rows are one group, and so are none."""
    assert listed(aggregated("count", None, everything(3))) == [3]
    assert listed(aggregated("count", None, everything(0))) == [0]


def test_functions_pass_null_over():
    """Every function over values leaves out null; counting rows does not."""
    values, groups = numbers(4, None, 1), everything(3)
    results = [listed(aggregated(name, values, groups))[0] for name in ("count", "sum", "min", "max", "avg")]
    assert results == [2, 5, 1, 4, 2.5]
    assert listed(aggregated("count", None, groups)) == [3]


def test_a_group_of_nulls():
    """Of a group without values there are 0, and their sum, minimum and maximum are null."""
    groups = grouped([numbers(1, 2, 2)])
    for values in (numbers(5, None, None), texts("x", None, None)):
        assert listed(aggregated("count", values, groups)) == [1, 0]
        assert listed(aggregated("min", values, groups)) == [values.values[0], None]
        assert listed(aggregated("max", values, groups)) == [values.values[0], None]
    assert listed(aggregated("sum", numbers(5, None, None), groups)) == [5, None]


def test_the_average_of_nothing():
    """The average of no values is refused, naming the group's place."""
    with pytest.raises(errors.AverageOfNothing) as refused:
        aggregated("avg", numbers(5, None), grouped([numbers(1, 2)]))
    assert refused.value.facts == {"row": 1}


def test_result_types():
    """Sums of integers are INT64 and of floats DOUBLE, averages DOUBLE, extremes are of the values' own type."""
    assert result_type("sum", DataType.INT8) is DataType.INT64
    assert result_type("sum", DataType.FLOAT) is DataType.DOUBLE
    assert result_type("avg", DataType.INT32) is DataType.DOUBLE
    assert result_type("max", DataType.INT16) is DataType.INT16
    assert result_type("count", DataType.JSON) is DataType.INT64
    small = numbers(100, 100, type=DataType.INT8, dtype=np.int8)
    assert aggregated("sum", small, everything(2)).values.dtype == np.int64
    assert aggregated("min", small, everything(2)).values.dtype == np.int8


@pytest.mark.parametrize(
    ("operator", "type"),
    [
        ("sum", DataType.VARCHAR),
        ("avg", DataType.TIMESTAMPTZ),
        ("min", DataType.BOOL),
        ("max", DataType.JSON),
        ("sum", DataType.FLOAT_VECTOR),
    ],
)
def test_types_that_a_function_does_not_take(operator, type):
    """A function over values that it has no meaning for is refused."""
    with pytest.raises(errors.AggregateType):
        check_type(operator, type)


def test_sums_are_exact():
    """Sums near the end of 64 bits are exact; those beyond it are refused."""
    assert listed(aggregated("sum", numbers(HIGH - 1, 1), everything(2))) == [HIGH]
    assert listed(aggregated("sum", numbers(HIGH, -HIGH, 3), everything(3))) == [3]
    with pytest.raises(errors.SumOverflow) as refused:
        aggregated("sum", numbers(HIGH, 1), everything(2))
    assert refused.value.facts == {"sum": HIGH, "value": 1}


def test_floats_are_summed_as_doubles():
    """FLOAT values are added as doubles."""
    values = Column(DataType.FLOAT, np.array([16_777_216.0, 1.0], np.float32))
    assert listed(aggregated("sum", values, everything(2))) == [16_777_217.0]


@pytest.mark.parametrize("seed", range(10))
def test_as_python_counts(seed):
    """Random groups have the results that Python makes of their rows one by one."""
    random = np.random.default_rng(seed)
    rows = 300
    key = numbers(*[None if random.random() < 0.1 else int(k) for k in random.integers(0, 6, rows)])
    other = texts(*random.choice(["x", "y", "z"], rows))
    values = numbers(*[None if random.random() < 0.3 else int(v) for v in random.integers(-50, 50, rows)])
    names = texts(*[None if random.random() < 0.3 else str(v) for v in random.integers(0, 99, rows)])
    groups = grouped([key, other])
    members = {}
    for row, pair in enumerate(zip(listed(key), listed(other), strict=True)):
        members.setdefault(pair, []).append(row)
    ordered = sorted(members, key=lambda pair: (pair[0] is None, pair[0] or 0, pair[1]))
    assert list(zip(listed(key.take(groups.first)), listed(other.take(groups.first)), strict=True)) == ordered
    for column in (values, names):
        _check(
            column,
            groups,
            [[v for v in map(listed(column).__getitem__, members[pair]) if v is not None] for pair in ordered],
        )


def _check(column: Column, groups: Groups, given: list[list]) -> None:
    assert listed(aggregated("count", column, groups)) == [len(values) for values in given]
    assert listed(aggregated("min", column, groups)) == [min(values, default=None) for values in given]
    assert listed(aggregated("max", column, groups)) == [max(values, default=None) for values in given]
    if column.type is DataType.INT64:
        assert listed(aggregated("sum", column, groups)) == [sum(values) if values else None for values in given]
