"""The naive reading of filters on texts, bits and powers: leaves for the trees of ``reference``, as in
``reference_containers``.
"""

from __future__ import annotations

import operator
import random
import re
from typing import Any

Leaf = tuple[Any, ...]
Row = dict[str, Any]

WORDS = frozenset(("like", "regex", "bits", "starts", "empty", "power"))
COMPARISONS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
BITS = {"&": operator.and_, "|": operator.or_, "^": operator.xor}
LIKES = {"%": ".*", "a%": "a.*", "%b": ".*b", "%a%": ".*a.*", "_": ".", "a_": "a.", "": "", "_%": ".+", r"a\%": "a%"}
REGEXES = ["", "a", "^a", "b$", "^ab$", "[^a]", ".", "^.$", "(?i)A", "a|é", r"\d", r"\w+", "^(a|b)+$", "a{2,3}", "'"]


def random_leaf(choose: random.Random) -> Leaf:
    kind = choose.choice(sorted(WORDS))
    symbol = choose.choice(list(COMPARISONS))
    if kind == "like":
        return (kind, choose.choice(["s", "meta['k']"]), choose.choice(list(LIKES)))
    if kind == "regex":
        return (kind, choose.choice(["s", "meta['k']"]), choose.choice(REGEXES), choose.random() < 0.5)
    if kind == "starts":
        return (kind, choose.choice(["", "a", "ab", "é"]))
    if kind == "empty":
        return (kind,)
    if kind == "power":
        return (kind, choose.choice(["i8", "i32"]), symbol, choose.choice([-2, 2, 3]), choose.randint(0, 2))
    name = choose.choice(["i8", "i32"])
    return (kind, name, choose.choice("&|^"), choose.choice([-2, -1, 0, 1, 3, 200]), symbol, choose.randint(-3, 4))


def render_leaf(leaf: Leaf) -> str:
    match leaf:
        case ("like", name, pattern):
            return f'{name} like r"{pattern}"'
        case ("regex", name, expression, negated):
            return f'{name} {"!~" if negated else "=~"} r"{expression}"'
        case ("starts", text):
            return f"starts_with(s, '{text}')"
        case ("empty",):
            return "empty(s)"
        case ("power", name, symbol, base, exponent):
            return f"{name} {symbol} {base} ** {exponent}"
        case ("bits", name, bit, operand, symbol, value):
            return f"({name} {bit} {operand}) {symbol} {value}"
    raise AssertionError(leaf)


def judge_leaf(leaf: Leaf, row: Row) -> bool | None:
    match leaf:
        case ("like", name, pattern):
            text = _text(name, row)
            return None if text is None else re.fullmatch(LIKES[pattern], text, re.DOTALL) is not None
        case ("regex", name, expression, negated):
            text = _text(name, row)
            return (
                None if text is None else (re.search(expression, text, re.DOTALL | re.ASCII) is not None) is not negated
            )
        case ("starts", start):
            return None if row["s"] is None else row["s"].startswith(start)
        case ("empty",):
            return None if row["s"] is None else row["s"] == ""
        case ("power", name, symbol, base, exponent):
            # -2 ** 2 is -(2 ** 2) to Python, but not to Milvus, where the minus binds less tightly as well
            value = -(abs(base) ** exponent) if base < 0 else base**exponent
            return None if row[name] is None else bool(COMPARISONS[symbol](row[name], value))
        case ("bits", name, bit, operand, symbol, value):
            return None if row[name] is None else bool(COMPARISONS[symbol](BITS[bit](row[name], operand), value))
    raise AssertionError(leaf)


def _text(name: str, row: Row) -> str | None:
    if name == "s":
        return row["s"]  # type: ignore[no-any-return]
    found = None if row["meta"] is None else row["meta"].get("k")
    return found if isinstance(found, str) else None
