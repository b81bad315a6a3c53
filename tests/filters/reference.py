"""A naive reading of filters, row by row in plain Python, and random filters for it.

A tree is nested tuples: ``render`` writes it as a filter, ``judge`` says True, False or None (unknown) for one row.
"""

from __future__ import annotations

import operator
import random
from typing import Any

Tree = tuple[Any, ...]
Row = dict[str, Any]

COMPARISONS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
WORDS = ["", "a", "ab", "b", "é", "中", 'q"', "it's", "back\\slash"]
JSON_VALUES = [0, 1, -2, 1.0, 1.5, "a", "", True, False, None, [1], {}, {"x": 1}]


def random_row(choose: random.Random) -> Row:
    """A row with about one null in six; ``meta`` is a document with up to two keys, or null."""
    row: Row = {
        "i8": choose.randint(-3, 3),
        "i32": choose.randint(-3, 3),
        "s": choose.choice(WORDS),
        "b": choose.random() < 0.5,
    }
    row["d"] = choose.choice([-1.5, 0.0, 1.0, 2.5])
    row["meta"] = {key: choose.choice(JSON_VALUES) for key in ("k", "x") if choose.random() < 0.8}
    return {name: None if choose.random() < 1 / 6 else value for name, value in row.items()}


def random_tree(choose: random.Random, depth: int) -> Tree:
    if depth and choose.random() < 0.6:
        word = choose.choice(["and", "or", "not"])
        children = [random_tree(choose, depth - 1) for _ in range(1 if word == "not" else choose.randint(2, 3))]
        return (word, *children)
    return random_leaf(choose)


def random_leaf(choose: random.Random) -> Tree:
    name = choose.choice(["i8", "i32", "d", "s", "b", "meta['k']"])
    symbol = choose.choice(list(COMPARISONS))
    kind = choose.choice(["compare", "in", "range", "null", "compute", "columns", "exists"])
    if kind == "columns":
        return ("columns", symbol, "i8", choose.choice(["i32", "d"]))
    if kind == "exists":
        return ("exists", "meta['k']")
    if kind == "null":
        return ("null", name, choose.random() < 0.5)
    if kind == "in":
        family = choose.choice(["int", "str", "bool"]) if name == "meta['k']" else name
        return (
            "in",
            name,
            [random_constant(choose, family) for _ in range(choose.randint(0, 12))],
            choose.random() < 0.5,
        )
    if kind == "range" and name in ("i8", "i32", "d"):
        low = choose.randint(-200, 2)
        return ("range", name, low, choose.random() < 0.5, low + choose.randint(1, 300), choose.random() < 0.5)
    if kind == "compute" and name in ("i8", "i32"):
        return ("compute", name, choose.choice("+-*/%"), choose.choice([-3, -1, 1, 2]), symbol, choose.randint(-4, 4))
    family = choose.choice(["int", "d", "str", "bool"]) if name == "meta['k']" else name
    return ("compare", symbol, name, random_constant(choose, family))


def random_constant(choose: random.Random, family: str) -> Any:
    if family in ("s", "str"):
        return choose.choice(WORDS)
    if family in ("b", "bool"):
        return choose.random() < 0.5
    if family == "d":
        return choose.choice([-1.5, 0.0, 1.0, 1.5, 2.5])
    return choose.choice([-200, -2, 0, 1, 3, 200])


def render(tree: Tree) -> str:
    match tree:
        case ("not", child):
            return f"not ({render(child)})"
        case (("and" | "or") as word, *children):
            return f" {word} ".join(f"({render(child)})" for child in children)
        case ("compare", symbol, name, value):
            return f"{name} {symbol} {written(value)}"
        case ("columns", symbol, left, right):
            return f"{left} {symbol} {right}"
        case ("in", name, values, negated):
            return f"{name} {'not ' if negated else ''}in [{', '.join(map(written, values))}]"
        case ("range", name, low, low_in, high, high_in):
            return f"{low} {'<=' if low_in else '<'} {name} {'<=' if high_in else '<'} {high}"
        case ("compute", name, arithmetic, operand, symbol, value):
            return f"{name} {arithmetic} {operand} {symbol} {value}"
        case ("null", name, negated):
            return f"{name} is {'not ' if negated else ''}null"
        case ("exists", name):
            return f"exists {name}"
    raise AssertionError(tree)


def written(value: Any) -> str:
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return str(value).lower()


def judge(tree: Tree, row: Row) -> bool | None:
    match tree:
        case ("not", child):
            answer = judge(child, row)
            return None if answer is None else not answer
        case ("and", *children):
            answers = [judge(child, row) for child in children]
            return False if False in answers else None if None in answers else True
        case ("or", *children):
            answers = [judge(child, row) for child in children]
            return True if True in answers else None if None in answers else False
        case ("compare", symbol, name, value):
            found = valued(name, row, [value])
            return None if found is None else bool(COMPARISONS[symbol](found, value))
        case ("columns", symbol, left, right):
            both = row[left], row[right]
            return None if None in both else bool(COMPARISONS[symbol](*both))
        case ("in", name, values, negated):
            return judged_in(name, values, negated, row)
        case ("range", name, low, low_in, high, high_in):
            found = row[name]
            if found is None:
                return None
            return (low <= found if low_in else low < found) and (found <= high if high_in else found < high)
        case ("compute", name, arithmetic, operand, symbol, value):
            found = row[name]
            return None if found is None else bool(COMPARISONS[symbol](computed(found, arithmetic, operand), value))
        case ("null", name, negated):
            absent = not there(row) if name == "meta['k']" else row[name] is None
            return absent is not negated
        case ("exists", _):
            return there(row)
    raise AssertionError(tree)


def judged_in(name: str, values: list[Any], negated: bool, row: Row) -> bool | None:
    if name == "meta['k']" and not values:
        return negated
    found = valued(name, row, values)
    return None if found is None else (found in values) is not negated


def valued(name: str, row: Row, constants: list[Any]) -> Any:
    """The row's value, None where it is unknown: null, or at a JSON key of another kind than the constants."""
    if name != "meta['k']":
        return row[name]
    found = None if row["meta"] is None else row["meta"].get("k")
    numbers = (int, float)
    same = type(found) is type(constants[0]) or (type(found) in numbers and type(constants[0]) in numbers)
    return found if same else None


def there(row: Row) -> bool:
    return row["meta"] is not None and row["meta"].get("k") not in (None, {})


def computed(value: int, arithmetic: str, operand: int) -> int:
    quotient = int(value / operand)
    results = {"+": value + operand, "-": value - operand, "*": value * operand, "/": quotient}
    return results.get(arithmetic, value - operand * quotient)
