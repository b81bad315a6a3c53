"""Random filters of every kind of leaf, in every spelling, with their constants in the text or beside it."""

from __future__ import annotations

import random
from typing import Any

from tests.filters import reference, reference_containers, reference_texts

Tree = tuple[Any, ...]
Row = dict[str, Any]

SPELLINGS = {"and": ["and", "AND", "&&"], "or": ["or", "OR", "||"], "not": ["not ", "NOT ", "!"]}
FAMILIES = (reference_containers, reference_texts)


def random_row(choose: random.Random) -> Row:
    """A row of all columns; the document has the keys of both readings, or is null."""
    first, second = reference.random_row(choose), reference_containers.random_row(choose)
    documents = [row["meta"] for row in (first, second)]
    meta = None if None in documents else {**documents[0], **documents[1]}
    return {**first, **second, "meta": meta}


def random_tree(choose: random.Random, depth: int) -> Tree:
    if depth and choose.random() < 0.6:
        word = choose.choice(["and", "or", "not"])
        return (word, *(random_tree(choose, depth - 1) for _ in range(1 if word == "not" else choose.randint(2, 3))))
    return choose.choice([reference, *FAMILIES]).random_leaf(choose)  # type: ignore[attr-defined, no-any-return]


def judge(tree: Tree, row: Row) -> bool | None:
    word, *rest = tree
    if word in ("and", "or", "not"):
        answers = [judge(child, row) for child in rest]
        if word == "not":
            return None if answers[0] is None else not answers[0]
        decisive = word == "or"
        return decisive if decisive in answers else None if None in answers else not decisive
    family = next((one for one in FAMILIES if word in one.WORDS), None)
    return reference.judge(tree, row) if family is None else family.judge_leaf(tree, row)


def render(tree: Tree, choose: random.Random, values: dict[str, Any] | None = None) -> str:
    """The filter; with ``values`` some of its constants go there, under new names."""
    word, *rest = tree
    if word == "not":
        return f"{choose.choice(SPELLINGS[word])}({render(rest[0], choose, values)})"
    if word in SPELLINGS:
        spelled = [f"({render(child, choose, values)})" for child in rest]
        return spelled[0] + "".join(f" {choose.choice(SPELLINGS[word])} {text}" for text in spelled[1:])
    if values is not None and choose.random() < 0.7:
        return _with_templates(tree, values) or _plain(tree)
    return _plain(tree)


def _plain(leaf: Tree) -> str:
    family = next((one for one in FAMILIES if leaf[0] in one.WORDS), None)
    return reference.render(leaf) if family is None else family.render_leaf(leaf)


def _with_templates(leaf: Tree, values: dict[str, Any]) -> str | None:
    def name(value: Any) -> str:
        made = f"v{len(values)}"
        values[made] = value
        return f"{{{made}}}"

    match leaf:
        case ("compare", symbol, column, value):
            return f"{column} {symbol} {name(value)}"
        case ("in", column, items, negated):
            return f"{column} {'not ' if negated else ''}in {name(items)}"
        case ("range", column, low, low_in, high, high_in):
            return f"{name(low)} {'<=' if low_in else '<'} {column} {'<=' if high_in else '<'} {name(high)}"
        case ("compute", column, arithmetic, operand, symbol, value):
            return f"{column} {arithmetic} {name(operand)} {symbol} {name(value)}"
        case ("like", column, pattern):
            return f"{column} like {name(pattern)}"
        case ("regex", column, expression, negated):
            return f"{column} {'!~' if negated else '=~'} {name(expression)}"
        case ("bits", column, bit, operand, symbol, value):
            return f"({column} {bit} {name(operand)}) {symbol} {name(value)}"
        case _:
            return None
