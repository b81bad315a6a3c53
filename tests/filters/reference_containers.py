"""The naive reading of filters on arrays and on lists in documents: leaves for the trees of ``reference``.

A leaf is a nested tuple whose first word is in ``WORDS``: ``render_leaf`` writes it as a filter, ``judge_leaf`` says
True, False or None (unknown) for one row.
"""

from __future__ import annotations

import operator
import random
from typing import Any

Leaf = tuple[Any, ...]
Row = dict[str, Any]

WORDS = frozenset(("contains", "length", "element", "element in", "element range", "whole"))
ARRAYS = ("ints", "texts", "doubles")
LISTS = (*ARRAYS, "meta['l']")
COMPARISONS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
TURNED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
ITEMS: dict[str, list[Any]] = {
    "ints": [-1, 0, 1, 2, 3],
    "texts": ["", "a", "b", "é", "it's"],
    "doubles": [-0.5, 0.0, 1.0, 1.5],
    "meta['l']": [0, 1, 1.0, 1.5, "", "a", True, False, [], [1], [1.0, "a"]],
}


def random_row(choose: random.Random) -> Row:
    """Columns of ARRAYS and a document with a list, or something else, or nothing at ``l``; one in six is null."""
    row: Row = {name: _random_list(choose, ITEMS[name]) for name in ARRAYS}
    items = [*ITEMS["meta['l']"], None, {"x": 1}]
    row["meta"] = choose.choice([{"l": _random_list(choose, items)}, {"l": choose.choice([1, None, {}])}, {}])
    return {name: None if choose.random() < 1 / 6 else value for name, value in row.items()}


def random_leaf(choose: random.Random) -> Leaf:
    kind = choose.choice(sorted(WORDS))
    symbol = choose.choice(list(COMPARISONS))
    name = choose.choice(LISTS if kind in ("contains", "length") else ARRAYS)
    index, items = choose.randint(0, 3), _random_list(choose, ITEMS[name])
    if kind == "contains":
        return (kind, name, choose.choice(["", "_all", "_any"]), items or [choose.choice(ITEMS[name])])
    if kind == "length":
        return (kind, name, symbol, choose.randint(-1, 4), choose.random() < 0.5)
    if kind == "element":
        return (kind, name, index, symbol, choose.choice(ITEMS[name]))
    if kind == "element in":
        return (kind, name, index, items, choose.random() < 0.5)
    if kind == "element range":
        low, high = choose.sample(sorted(ITEMS[name]), 2)
        return (kind, name, index, min(low, high), choose.random() < 0.5, max(low, high), choose.random() < 0.5)
    return (kind, name, choose.choice(["==", "!="]), items or [choose.choice(ITEMS[name])])


def render_leaf(leaf: Leaf) -> str:
    match leaf:
        case ("contains", name, "", items):
            return f"json_contains({name}, {written(items[0])})"
        case ("contains", name, form, items):
            return f"ARRAY_CONTAINS{form.upper()}({name}, {written(items)})"
        case ("length", name, symbol, value, True):
            return f"{value} {TURNED[symbol]} array_length({name})"
        case ("length", name, symbol, value, _):
            return f"array_length({name}) {symbol} {value}"
        case ("element", name, index, symbol, value):
            return f"{name}[{index}] {symbol} {written(value)}"
        case ("element in", name, index, items, negated):
            return f"{name}[{index}] {'not ' if negated else ''}in {written(items)}"
        case ("element range", name, index, low, low_in, high, high_in):
            return (
                f"{written(low)} {'<=' if low_in else '<'} {name}[{index}] {'<=' if high_in else '<'} {written(high)}"
            )
        case ("whole", name, symbol, items):
            return f"{name} {symbol} {written(items)}"
    raise AssertionError(leaf)


def judge_leaf(leaf: Leaf, row: Row) -> bool | None:
    kind, name = leaf[:2]
    items = listed(name, row)
    match leaf[2:]:
        case (index, wanted, negated) if kind == "element in" and not wanted:
            return bool(negated)
        case _ if items is None:
            return None
        case (form, wanted) if kind == "contains":
            wanted = wanted if form else wanted[:1]
            held = [any(same(item, one) for item in items) for one in wanted]
            return all(held) if form == "_all" else any(held)
        case (symbol, value, _) if kind == "length":
            return bool(COMPARISONS[symbol](len(items), value))
        case (symbol, wanted) if kind == "whole":
            return bool((items == wanted) is (symbol == "=="))
        case (index, *_) if index >= len(items):
            return None
        case (index, symbol, value) if kind == "element":
            return bool(COMPARISONS[symbol](items[index], value))
        case (index, wanted, negated) if kind == "element in":
            return bool((items[index] in wanted) is not negated)
        case (index, low, low_in, high, high_in):
            found = items[index]
            return bool((low <= found if low_in else low < found) and (found <= high if high_in else found < high))
    raise AssertionError(leaf)


def listed(name: str, row: Row) -> list[Any] | None:
    """The list of a row, None where there is none."""
    if name in ARRAYS:
        return row[name]  # type: ignore[no-any-return]
    found = None if row["meta"] is None else row["meta"].get("l")
    return found if isinstance(found, list) else None


def same(item: Any, wanted: Any) -> bool:
    """Numbers by their value; within lists an integer equals a wanted float, but no float a wanted integer."""
    if isinstance(wanted, list):
        return isinstance(item, list) and len(item) == len(wanted) and all(map(_same_inside, item, wanted))
    if _is_number(item) and _is_number(wanted):
        return bool(item == wanted)
    return type(item) is type(wanted) and item == wanted


def written(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, str):
        return "'" + value.replace("'", "\\'") + "'"
    return str(value).lower()


def _same_inside(item: Any, wanted: Any) -> bool:
    return (type(item) is type(wanted) or (type(item) is int and type(wanted) is float)) and item == wanted


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _random_list(choose: random.Random, items: list[Any]) -> list[Any]:
    return [choose.choice(items) for _ in range(choose.choice([0, 1, 2, 2, 3, 12]))]
