"""What may stand alone or at the end of an ``and`` only: ``random_sample`` and ``element_filter``.

Neither says something of a row: the first chooses among rows, the second makes an answer of elements. In any other
place Milvus' core does not know them, or its parser refuses them. Source: VisitLogicalAnd and VisitLogicalOr, 3.0.
"""

from __future__ import annotations

from dataclasses import replace

from fakemilvus import errors
from fakemilvus.filters import plan
from fakemilvus.filters.elements import EXPR_INVALID, ElementFilter
from fakemilvus.filters.operands import Operand
from fakemilvus.filters.refused import Refused
from fakemilvus.filters.sampling import Sample
from fakemilvus.filters.templates import never_filled


def joined(operator: str, left: Operand, right: Operand) -> plan.Predicate | None:
    """The end of an ``and``, with what stands before it inside; None where neither side is an ending."""
    if not isinstance(left, _ENDINGS) and not isinstance(right, _ENDINGS):
        return None
    _check(operator, left, right)
    if not isinstance(left, plan.Predicate):
        return None
    if isinstance(right, Sample):
        return replace(right, among=never_filled(left))
    assert isinstance(right, ElementFilter)
    if operator == "or":
        return _UNKNOWN_TO_THE_CORE
    return replace(right, condition=never_filled(left))


def negated(operand: plan.Predicate) -> plan.Predicate:
    return _UNKNOWN_TO_THE_CORE if isinstance(operand, _ENDINGS) else plan.Not(operand)


def _check(operator: str, left: Operand, right: Operand) -> None:
    if operator == "or" and (isinstance(left, Sample) or isinstance(right, Sample)):
        raise errors.FilterSampleInOr
    if isinstance(left, Sample):
        raise errors.FilterSampleNotLast
    if isinstance(left, ElementFilter):
        raise errors.FilterElementFilterNotLast(operator=operator)


_ENDINGS = (Sample, ElementFilter)
_UNKNOWN_TO_THE_CORE = Refused("ElementFilterExpr should be handled at PlanNode level, not in ParseExprs", EXPR_INVALID)
