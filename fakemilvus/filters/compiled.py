"""Filters ready to run; each schema keeps those that it has compiled.

What reads and runs them is imported with the first filter that is not empty: a server starts sooner without it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors, limits
from fakemilvus.datatypes import Mask
from fakemilvus.filters.fields import Batch, Fields
from fakemilvus.filters.syntax import Value
from fakemilvus.timestamptz import DEFAULT_TIMEZONE

if TYPE_CHECKING:
    from fakemilvus.filters.elements import Elements
    from fakemilvus.filters.plan import Predicate

Given: TypeAlias = Callable[[], Mapping[str, Value]]
"""What came beside a filter's text, decoded when the text has been read: raises FilterError."""

KEPT_TEXT = 16_384  # longer texts are lists of keys, which rarely come twice


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """A checked filter. ``keys`` holds the primary keys, as written, where it is ``pk in [...]`` or ``pk == x``;
    ``always_true`` says that no row can fail, as with the empty text.
    """

    text: str
    keys: NDArray[Any] | None = None
    always_true: bool = False
    waits: bool = False  # for the values of its templates; such a filter is only kept, never run
    plan: Predicate | None = field(default=None, repr=False)
    seed: int = 0  # of what is drawn at random

    def mask(self, batch: Batch) -> Mask:
        """The rows that pass, as a new mask of shape (rows,); a row whose answer is unknown does not pass."""
        if self.plan is None:
            return np.ones(batch.rows, np.bool_)
        from fakemilvus.filters import lookups

        return lookups.masked(self.plan, batch, self._judge)

    def rows(self, batch: Batch) -> NDArray[np.intp] | None:
        """The numbers of the rows that pass, ascending, where a scalar index names them or few that may; else None."""
        if self.plan is None:
            return None
        from fakemilvus.filters import lookups

        return lookups.narrowed(self.plan, batch, self._judge)

    def seeded(self, seed: int) -> Filter:
        """The filter that draws with this seed, 0 or more, if it draws rows at all."""
        return replace(self, seed=seed) if self.is_sample else self

    @property
    def struct(self) -> str:
        """The struct array whose elements, instead of rows, make the answer; else empty."""
        if self.plan is None:
            return ""
        from fakemilvus.filters.elements import ElementFilter

        return self.plan.struct if isinstance(self.plan, ElementFilter) else ""

    @property
    def by_element(self) -> bool:
        """Whether the answer is made of elements of a struct array, not of rows."""
        return bool(self.struct)

    @property
    def is_sample(self) -> bool:
        """Whether rows are drawn at random, which Milvus does for queries and deletes only."""
        if self.plan is None:
            return False
        from fakemilvus.filters.sampling import Sample

        return isinstance(self.plan, Sample)

    def elements(self, batch: Batch) -> Elements:
        """The elements that pass, for a filter by element."""
        from fakemilvus.filters import elements, evaluator

        assert isinstance(self.plan, elements.ElementFilter)
        return elements.chosen(evaluator.Evaluation(batch), self.plan)

    def _judge(self, node: Predicate, batch: Batch) -> Mask:
        from fakemilvus.filters.evaluator import Evaluation

        return Evaluation(batch, self.seed).truth(node).mask


def compile_filter(
    text: str,
    fields: Fields,
    within: type[errors.ParameterInvalid] | None = None,
    timezone: str = DEFAULT_TIMEZONE,
    values: Given | None = None,
) -> Filter:
    """Parses and checks a filter, or finds it among those that these fields have compiled.

    Raises FilterError in the words of Milvus' parser, or wraps it in ``within``, the error that an rpc answers with:
    errors.QueryPlanFailed or errors.DeletePlanFailed. What is not built raises Unimplemented.
    Points in time without an offset are in ``timezone``; ``values`` are asked for what stands in the text's templates.
    """
    known = fields.compiled.get((text, timezone))
    if known is not None and values is None and not known.waits:
        return known
    try:
        made = known or _compiled(text, fields, timezone)
        if known is None and len(text) <= KEPT_TEXT:
            _keep(fields, made, timezone)
        return made if values is None and not made.waits else _filled(made, fields, {} if values is None else values())
    except errors.FilterError as error:
        if within is None:
            raise
        raise within(reason=error.message) from None


def _compiled(text: str, fields: Fields, timezone: str) -> Filter:
    if not text.strip():
        return Filter(text, always_true=True)
    from fakemilvus.filters import compiler

    made = compiler.compile_plan(text, fields, timezone)
    return _of_plan(text, made, fields)


def _filled(made: Filter, fields: Fields, values: Mapping[str, Value]) -> Filter:
    """The filter with its constants in place; one that waits for none is as good as it is."""
    if not made.waits or made.plan is None:
        return made
    from fakemilvus.filters import compiler

    return _of_plan(made.text, compiler.fill_plan(made.plan, values), fields)


def _of_plan(text: str, made: Predicate, fields: Fields) -> Filter:
    from fakemilvus.filters import compiler

    keys = compiler.find_keys(made, fields)
    return Filter(text, keys, compiler.is_always_true(made), compiler.waits(made), made)


def _keep(fields: Fields, made: Filter, timezone: str) -> None:
    with _keeping:
        while len(fields.compiled) >= limits.MAX_COMPILED_FILTERS:
            del fields.compiled[next(iter(fields.compiled))]
        fields.compiled[made.text, timezone] = made


_keeping = threading.Lock()  # guards the eviction from every Fields.compiled; look-ups need no lock
