"""Filters that Milvus plans without complaint and whose execution its core refuses, as soon as there is a row.

Over no rows they pass, here as there. Source: the checks in internal/core/src/exec/expression.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fakemilvus import errors
from fakemilvus.filters import plan
from fakemilvus.filters.truth import Truth, constant

if TYPE_CHECKING:
    from fakemilvus.filters.evaluator import Evaluation

UNEXPECTED, DATA_TYPE_INVALID = 2001, 2007


@dataclass(frozen=True, slots=True)
class Refused(plan.Predicate):
    """``core_code`` is the core's own, which stands in the text."""

    problem: str
    core_code: int


def evaluate(evaluation: Evaluation, node: Refused) -> Truth:
    if evaluation.batch.rows:
        raise errors.FilterRun(problem=node.problem, core_code=node.core_code)
    return constant(False, 0)


def wrong_kind(wanted: type) -> Refused:
    """A constant of another kind than the first one's, or than the elements'."""
    expected = f"value_proto.val_case() == milvus::proto::plan::GenericValue::{_CASES[wanted]}"
    return Refused(f'Assert "{expected}"', UNEXPECTED)


def unknown_kind(wanted: type) -> Refused:
    """A constant of a kind that the core has no branch for."""
    return Refused(f"unknown data type: {list(_CASES).index(wanted) + 1}", DATA_TYPE_INVALID)


def unset_kind() -> Refused:
    """A JSON key with a constant that was never set."""
    return Refused("unknown data type: 0", DATA_TYPE_INVALID)


def unsupported_kind(wanted: type) -> Refused:
    """A range with bounds of a kind that has no order there."""
    return Refused(f"unsupported value type {list(_CASES).index(wanted) + 1} in expression", DATA_TYPE_INVALID)


_CASES = {bool: "kBoolVal", int: "kInt64Val", float: "kFloatVal", str: "kStringVal", list: "kArrayVal"}
"""The kinds of a constant as the core names them, by their numbers from 1."""
