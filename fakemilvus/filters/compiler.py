"""From the text of a filter to its plan, through tokens, parser and checker; and what a plan says at a glance."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.datatypes import TYPES
from fakemilvus.filters import plan, templates
from fakemilvus.filters.checker import Checker
from fakemilvus.filters.fields import Fields
from fakemilvus.filters.operands import is_integer
from fakemilvus.filters.parser import Parser
from fakemilvus.filters.tokens import tokenize
from fakemilvus.timestamptz import DEFAULT_TIMEZONE


def compile_plan(text: str, fields: Fields, timezone: str = DEFAULT_TIMEZONE) -> plan.Predicate:
    """The plan of a filter that is not empty; raises FilterError in the words of Milvus' parser."""
    try:
        tokens = tokenize(text)
        return Checker(fields, text, tokens, timezone).predicate(Parser(text, tokens).parse())
    except errors.FilterNotBoolean:
        raise
    except errors.FilterError as error:
        raise type(error)(within=f"cannot parse expression: {text}", **error.facts) from None


def fill_plan(made: plan.Predicate, values: templates.Values) -> plan.Predicate:
    """The plan with what came beside the text in its templates; raises FilterError."""
    return templates.filled(made, values)


def waits(made: plan.Predicate) -> bool:
    """Whether there are templates to fill in it."""
    return templates.is_open(made)


def is_always_true(made: plan.Predicate) -> bool:
    """Whether no row can fail."""
    return made == plan.Constant(True)


def find_keys(made: plan.Predicate, fields: Fields) -> NDArray[Any] | None:
    """The primary keys that the filter lists, if that is all it does."""
    match made:
        case plan.Within(plan.Column(name), values) if name == fields.primary:
            return values
        case plan.Compare(plan.Column(name, type), "==", value) if name == fields.primary:
            return np.array([value], np.int64 if is_integer(type) else TYPES[type].dtype)
        case _:
            return None
