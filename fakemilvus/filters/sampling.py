"""``random_sample(share)``: such a share of all rows, or at the end of an ``and`` of those that pass what comes before.

Each segment is sampled for itself, and gives at least one row that it has to give; deleted rows are drawn as well, and
then missed. Milvus draws anew each time; here equally many rows are drawn alike under one seed, so that a test sees the
same rows again.
Source: VisitRandomSample of parser_visitor.go, RandomSampleNode.cpp, Milvus 3.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.filters import plan, syntax
from fakemilvus.filters.operands import Known
from fakemilvus.filters.truth import Truth

if TYPE_CHECKING:
    from fakemilvus.filters.checker import Checker
    from fakemilvus.filters.evaluator import Evaluation

EPSILON = 1e-10  # so near to none or all the share may not be


@dataclass(frozen=True, slots=True)
class Sample(plan.Predicate):
    """A share between 0 and 1 of the rows that pass the predicate; None is every row."""

    share: float
    among: plan.Predicate | None = None


def check(checker: Checker, call: syntax.Call) -> Sample:
    (argument,) = call.arguments
    shown = checker.quoted(argument)
    try:
        share = checker.check(argument)
    except errors.FilterError as problem:
        raise errors.FilterSampleExpression(share=shown, problem=problem.message) from None
    if not isinstance(share, Known):
        raise errors.FilterSampleNotConstant(share=shown)
    value = share.value if isinstance(share.value, float) else 0.0
    if not EPSILON < value < 1 - EPSILON:
        raise errors.FilterSampleRange(share=shown)
    return Sample(value)


def evaluate(evaluation: Evaluation, node: Sample) -> Truth:
    """What the rows are drawn from is known for every row, as the filter before it has decided already."""
    mask = np.zeros(evaluation.batch.rows, np.bool_)
    if node.among is not None:
        rows = np.flatnonzero(evaluation.truth(node.among).mask)
        mask[rows[_drawn(evaluation.seed, len(rows), np.float32(node.share))]] = True
    elif node.share > 0.5:
        mask[:] = True
        mask[_drawn(evaluation.seed, len(mask), np.float32(1.0 - np.float32(node.share)))] = False
    else:
        mask[_drawn(evaluation.seed, len(mask), np.float32(node.share))] = True
    return Truth(mask)


def _drawn(seed: int, rows: int, share: np.float32) -> NDArray[np.intp]:
    """Different numbers below ``rows``: that share of them, rounded down in 32 bits, but at least one."""
    if not rows:
        return np.empty(0, np.intp)
    count = max(int(np.float32(rows) * share), 1)
    return np.random.default_rng((seed, rows, count)).choice(rows, count, replace=False, shuffle=False)
