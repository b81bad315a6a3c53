"""Filters ready to run, and how a text becomes one; each schema keeps those that it has compiled."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors, limits
from fakemilvus.datatypes import TYPES, Mask
from fakemilvus.filters import plan
from fakemilvus.filters.checker import Checker
from fakemilvus.filters.evaluator import Evaluation
from fakemilvus.filters.fields import Batch, Fields
from fakemilvus.filters.operands import is_integer
from fakemilvus.filters.parser import Parser
from fakemilvus.filters.tokens import tokenize

KEPT_TEXT = 16_384  # longer texts are lists of keys, which rarely come twice


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """A checked filter. ``keys`` holds the primary keys, as written, where it is ``pk in [...]`` or ``pk == x``;
    ``always_true`` says that no row can fail, as with the empty text.
    """

    text: str
    keys: NDArray[Any] | None = None
    always_true: bool = False
    plan: plan.Predicate = field(default=plan.Constant(True), repr=False)

    def mask(self, batch: Batch) -> Mask:
        """The rows that pass, as a new mask of shape (rows,); a row whose answer is unknown does not pass."""
        return Evaluation(batch).truth(self.plan).mask


def compile_filter(text: str, fields: Fields, within: type[errors.ParameterInvalid] | None = None) -> Filter:
    """Parses and checks a filter, or finds it among those that these fields have compiled.

    Raises FilterError in the words of Milvus' parser, or wraps it in ``within``, the error that an rpc answers with:
    errors.QueryPlanFailed or errors.DeletePlanFailed. What is not built raises Unimplemented.
    """
    known = fields.compiled.get(text)
    if known is not None:
        return known
    try:
        made = _compiled(text, fields)
    except errors.FilterError as error:
        if within is None:
            raise
        raise within(reason=error.message) from None
    if len(text) <= KEPT_TEXT:
        _keep(fields, made)
    return made


def _compiled(text: str, fields: Fields) -> Filter:
    if not text.strip():
        return Filter(text, always_true=True)
    try:
        tokens = tokenize(text)
        made = Checker(fields, text, tokens).predicate(Parser(text, tokens).parse())
    except errors.FilterNotBoolean:
        raise
    except errors.FilterError as error:
        raise type(error)(within=f"cannot parse expression: {text}", **error.facts) from None
    return Filter(text, _keys(made, fields), made == plan.Constant(True), made)


def _keys(made: plan.Predicate, fields: Fields) -> NDArray[Any] | None:
    """The primary keys that the filter lists, if that is all it does."""
    match made:
        case plan.Within(plan.Column(name), values) if name == fields.primary:
            return values
        case plan.Compare(plan.Column(name, type), "==", value) if name == fields.primary:
            return np.array([value], np.int64 if is_integer(type) else TYPES[type].dtype)
        case _:
            return None


def _keep(fields: Fields, made: Filter) -> None:
    with _keeping:
        while len(fields.compiled) >= limits.MAX_COMPILED_FILTERS:
            del fields.compiled[next(iter(fields.compiled))]
        fields.compiled[made.text] = made


_keeping = threading.Lock()  # guards the eviction from every Fields.compiled; look-ups need no lock
