"""Fields and rows for the tests of filters, and a batch over them that is no segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fakemilvus.datatypes import TYPES, Column, DataType, Mask, as_objects
from fakemilvus.filters import Fields, compile_filter
from fakemilvus.filters.fields import TextIndex
from fakemilvus.filters.matches import Matches

TYPES_OF = {
    "id": DataType.INT64,
    "i8": DataType.INT8,
    "i32": DataType.INT32,
    "f": DataType.FLOAT,
    "d": DataType.DOUBLE,
    "s": DataType.VARCHAR,
    "b": DataType.BOOL,
    "meta": DataType.JSON,
    "ints": DataType.ARRAY,
    "small": DataType.ARRAY,
    "texts": DataType.ARRAY,
    "bools": DataType.ARRAY,
    "floats": DataType.ARRAY,
    "doubles": DataType.ARRAY,
    "vec": DataType.FLOAT_VECTOR,
}
ELEMENTS = {
    "ints": DataType.INT64,
    "small": DataType.INT8,
    "texts": DataType.VARCHAR,
    "bools": DataType.BOOL,
    "floats": DataType.FLOAT,
    "doubles": DataType.DOUBLE,
}


@dataclass
class FakeBatch:
    """Rows by column; ``answers`` is what a scalar index would say, ``asked`` what it was asked."""

    columns: dict[str, Column]
    rows: int
    answers: dict[tuple[str, str], Mask] = field(default_factory=dict)
    asked: list[tuple[str, str, object]] = field(default_factory=list)

    def column(self, name: str) -> Column:
        return self.columns[name]

    def find(self, name: str, operator: str, value: object) -> Mask | None:
        found = self.look_up(name, (), operator, value)
        return None if found is None else found.mask()

    def look_up(self, name: str, path: tuple[str, ...], operator: str, value: object) -> Matches | None:
        self.asked.append((name, operator, value))
        answer = None if path else self.answers.get((name, operator))
        return None if answer is None else Matches(self.rows, answer)

    def text_index(self, name: str) -> TextIndex:
        raise AssertionError(f"nobody analyzed {name}")


def fields(*, dynamic: bool = False, primary: str = "id", **types: DataType) -> Fields:
    """The fields of TYPES_OF and more, ready for compiling."""
    types = {**TYPES_OF, **({"$meta": DataType.JSON} if dynamic else {}), **types}
    return Fields(types, dynamic, primary, elements=ELEMENTS)


def column(type: DataType, values: Sequence[Any], element: DataType = DataType.NONE) -> Column:
    """A column in which None is a null; JSON values are given as text, those of an ARRAY as lists."""
    if type is DataType.ARRAY:
        return array_column(element, values)
    row = TYPES[type]
    filled = [row.null if v is None else v.encode() if type is DataType.JSON else v for v in values]
    valid = np.array([v is not None for v in values], np.bool_)
    array = np.empty(len(filled), row.dtype)
    array[:] = filled
    return Column(type, array, None if valid.all() else valid)


def array_column(element: DataType, values: Sequence[Any]) -> Column:
    valid = np.array([v is not None for v in values], np.bool_)
    arrays = as_objects([np.array([] if v is None else v, TYPES[element].dtype) for v in values])
    return Column(DataType.ARRAY, arrays, None if valid.all() else valid)


def batch(**values: Sequence[Any]) -> FakeBatch:
    """A batch of these columns; ``dynamic`` is the dynamic field."""
    named = {"$meta" if name == "dynamic" else name: given for name, given in values.items()}
    columns = {
        name: column(TYPES_OF.get(name, DataType.JSON), given, ELEMENTS.get(name, DataType.NONE))
        for name, given in named.items()
    }
    return FakeBatch(columns, len(next(iter(values.values()))))


def passing(text: str, **values: Sequence[Any]) -> list[int]:
    """The numbers of the rows that pass a filter."""
    made = compile_filter(text, fields(dynamic="dynamic" in values))
    return np.flatnonzero(made.mask(batch(**values))).tolist()
