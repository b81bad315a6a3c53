"""The syntax of a filter: what was written, before anything is known of the fields' types.

Every node carries its span, the numbers of its first and last token plus one, because Milvus' complaints quote it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Value = bool | int | float | str | list["Value"]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Node:
    span: Span


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A field, or a key of the dynamic field."""

    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """A JSON key below a field: ``meta["a"][0]``; ``keys`` is what stands behind the name, brackets included."""

    name: str
    keys: str


@dataclass(frozen=True, slots=True)
class SubField(Node):
    """A field of a struct array, named ``structs[sub]``; ``index``, digits or nothing, is the element that is meant."""

    name: str
    index: str


@dataclass(frozen=True, slots=True)
class Element(Node):
    """``$[sub]``: a field of the element that a function around it looks at."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A bool, number or string; or a list whose items were read in one go because all have one type."""

    value: Value


@dataclass(frozen=True, slots=True)
class IntegerText(Node):
    """An integer as written: only the checker knows whether a minus before it keeps it within 64 bits."""

    text: str


@dataclass(frozen=True, slots=True)
class StringText(Node):
    """What stands between the quotes of a string, escapes not yet resolved."""

    text: str


@dataclass(frozen=True, slots=True)
class Template(Node):
    """``{name}``: a constant that comes beside the text."""

    name: str


@dataclass(frozen=True, slots=True)
class Items(Node):
    """A list in brackets."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Unary(Node):
    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """Arithmetic, bits or a comparison."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Logical(Node):
    """``and`` or ``or`` over two or more operands, flat, so that a long chain is no deep tree."""

    operator: str
    operands: list[Node]


@dataclass(frozen=True, slots=True)
class In(Node):
    operand: Node
    items: Node
    negated: bool


@dataclass(frozen=True, slots=True)
class Between(Node):
    """``lower < column <= upper``, or the other way round, which is stored turned."""

    lower: Node
    lower_inclusive: bool
    column: Node
    upper_inclusive: bool
    upper: Node


@dataclass(frozen=True, slots=True)
class Like(Node):
    operand: Node
    pattern: Node


@dataclass(frozen=True, slots=True)
class Regex(Node):
    operand: Node
    pattern: Node
    negated: bool


@dataclass(frozen=True, slots=True)
class Moment(Node):
    """A field compared with a point in time, its text still between its quotes, perhaps moved by an interval.

    ``turned`` where the field stood on the right; the operator is the one that it would have on the left.
    """

    name: str
    operator: str
    text: str
    sign: str = ""
    interval: str = ""
    turned: bool = False


@dataclass(frozen=True, slots=True)
class IsNull(Node):
    operand: Name | Path
    negated: bool


@dataclass(frozen=True, slots=True)
class Exists(Node):
    operand: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function of the table in functions.py; ``options`` are ``threshold = 3`` behind the arguments."""

    name: str
    arguments: tuple[Node, ...]
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Invocation(Node):
    """A function that is no word of the grammar, its name in lower case."""

    name: str
    arguments: tuple[Node, ...]


def is_shallow(node: Node, depth: int) -> bool:
    """Whether the tree under the node has at most so many levels."""
    level = [node]
    while level and depth:
        depth -= 1
        level = [child for parent in level for child in _children(parent)]
    return not level


def _children(node: Node) -> Iterable[Node]:
    match node:
        case (
            Items(items=children)
            | Logical(operands=children)
            | Call(arguments=children)
            | Invocation(arguments=children)
        ):
            return children
        case Unary(operand=child) | Exists(operand=child) | IsNull(operand=child):
            return (child,)
        case Binary(left=first, right=second) | In(operand=first, items=second) | Like(operand=first, pattern=second):
            return first, second
        case Regex(operand=first, pattern=second):
            return first, second
        case Between(lower=lower, upper=upper):
            return lower, upper
        case _:
            return ()
