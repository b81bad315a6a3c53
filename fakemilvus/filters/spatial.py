"""Geometry in filters: st_contains and its kin, st_dwithin, st_isvalid.

Needs shapely, without which no GEOMETRY field can be made. Relations are those of GEOS, which Milvus asks too.
Distances are metres: between points along a great circle, else the distance in degrees times the length of a degree
near the query point. Source: VisitSpatialBinary and VisitST* of parser_visitor.go, Geometry.h, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.datatypes import DataType, Mask
from fakemilvus.filters import plan, syntax, templates
from fakemilvus.filters.nesting import check_nesting
from fakemilvus.filters.operands import Known, Open
from fakemilvus.filters.refused import UNEXPECTED, Refused
from fakemilvus.filters.truth import Truth, known_where

if TYPE_CHECKING:
    from fakemilvus.filters.checker import Checker
    from fakemilvus.filters.evaluator import Evaluation

EARTH_RADIUS_M = 6_371_000.0
METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class Related(plan.Predicate):
    """The column's geometry stands in a relation, named as the function is, to another, given as text."""

    column: plan.Column
    relation: str
    text: str


@dataclass(frozen=True, slots=True)
class Near(plan.Predicate):
    """The column's geometry is at most so many metres from a point, given as text."""

    column: plan.Column
    text: str
    metres: float


@dataclass(frozen=True, slots=True)
class Valid(plan.Predicate):
    """The column's geometry follows the rules of its kind."""

    column: plan.Column


def check_relation(checker: Checker, call: syntax.Call) -> plan.Predicate:
    column = _column(checker, call, "spatial")
    text = _text(checker, call.arguments[1], _check_shape)
    return _of(text, _check_shape, lambda shape: Related(column, call.name, shape))


def check_distance(checker: Checker, call: syntax.Call) -> plan.Predicate:
    column = _column(checker, call, "ST_DWITHIN")
    text = _text(checker, call.arguments[1], _check_point)
    metres = _metres(checker, call.arguments[2])
    return _of(text, _check_point, lambda point: Near(column, point, metres))


def check_valid(checker: Checker, call: syntax.Call) -> plan.Predicate:
    return Valid(_column(checker, call, "STIsValid"))


def evaluate_relation(evaluation: Evaluation, node: Related) -> Truth:
    """Asks a spatial index which rows intersect the other geometry at all: no other row stands in any relation."""
    import shapely

    other = _shape(node.text)
    shapely.prepare(other)
    near = evaluation.batch.find(node.column.name, "st_intersects", node.text)
    return _judged(evaluation, node.column, lambda shapes: RELATIONS[node.relation](shapely, other, shapes), near)


def evaluate_distance(evaluation: Evaluation, node: Near) -> Truth:
    point = _shape(node.text)
    return _judged(evaluation, node.column, lambda shapes: _metres_between(shapes, point) <= node.metres)


def evaluate_valid(evaluation: Evaluation, node: Valid) -> Truth:
    import shapely

    return _judged(evaluation, node.column, shapely.is_valid)


# -- private ---------------------------------------------------------------------------------------------------


def _column(checker: Checker, call: syntax.Call, operation: str) -> plan.Column:
    column = checker.column(checker.field_of(call))
    if column.type is not DataType.GEOMETRY:
        raise errors.FilterNotGeometry(operation=operation, call=checker.quoted(call))
    return column


def _text(checker: Checker, node: syntax.Node, check: Callable[[str], None]) -> Known | Open:
    """A geometry's text; checked, where it is no template."""
    operand = checker.check(node)
    if isinstance(operand, Open):
        return operand
    if not isinstance(operand, Known) or not isinstance(operand.value, str):
        raise errors.FilterWktNotText(given=checker.quoted(node))
    check(operand.value)
    return operand


def _of(text: Known | Open, check: Callable[[str], None], make: Callable[[str], plan.Predicate]) -> plan.Predicate:
    """What is made of the text, now or when its template is filled."""

    def fill(values: templates.Values) -> plan.Predicate:
        given = templates.text_of(text, values, "GIS WKT")
        check(given)
        return make(given)

    return fill({}) if isinstance(text, Known) else templates.Unfilled(fill, _NO_GEOMETRY)


def _metres(checker: Checker, node: syntax.Node) -> float:
    distance = checker.check(node)
    shown = checker.quoted(node)
    if isinstance(distance, Open):
        raise errors.FilterDistanceMissing(distance=shown)
    if not isinstance(distance, Known):
        raise errors.FilterDistanceNotConstant(distance=shown)
    if isinstance(distance.value, bool) or not isinstance(distance.value, int | float):
        raise errors.FilterDistanceType(distance=shown)
    if distance.value < 0:
        raise errors.FilterDistanceNegative(distance=f"{distance.value:f}")
    return float(distance.value)


def _check_shape(text: str) -> None:
    _shape(text)


def _check_point(text: str) -> None:
    if _shape(text).geom_type != "Point":
        raise errors.FilterNotPoint(text=text)


def _shape(text: str) -> Any:
    import shapely

    check_nesting(text)
    try:
        return shapely.from_wkt(text)
    except (shapely.errors.ShapelyError, NotImplementedError) as problem:
        raise errors.FilterWktInvalid(problem=str(problem).strip()) from None


def _judged(
    evaluation: Evaluation,
    column: plan.Column,
    judge: Callable[[NDArray[Any]], Mask],
    among: Mask | None = None,
) -> Truth:
    """The judge's answers for the rows that are not null and, where given, among those; False for all others."""
    import shapely

    binaries = evaluation.column(column)
    rows = np.flatnonzero(among) if among is not None else np.arange(len(binaries))
    if binaries.valid is not None:
        rows = rows[binaries.valid[rows]]
    mask = np.zeros(len(binaries), np.bool_)
    mask[rows] = judge(shapely.from_wkb(binaries.values[rows]))
    return known_where(mask, binaries.valid)


def _metres_between(shapes: NDArray[Any], point: Any) -> NDArray[np.float64]:
    """An empty shape is nowhere far from a point, and everything from an empty one, as in GEOS and Milvus."""
    import shapely

    if point.is_empty:
        return np.full(len(shapes), np.inf)
    empty = shapely.is_empty(shapes)
    metres = shapely.distance(shapes, point) * METRES_PER_DEGREE * np.sqrt((1 + np.cos(np.radians(point.y)) ** 2) / 2)
    metres[empty] = 0
    points = (shapely.get_type_id(shapes) == shapely.GeometryType.POINT) & ~empty
    metres[points] = _great_circle(shapely.get_coordinates(shapes[points]), point.x, point.y)
    return metres  # type: ignore[no-any-return]


def _great_circle(points: NDArray[np.float64], longitude: float, latitude: float) -> NDArray[np.float64]:
    """Haversine distances in metres of points, shape (rows, 2), longitude first, all in degrees."""
    longitudes, latitudes = np.radians(points).T
    here = np.radians(latitude)
    arc = np.sin((here - latitudes) / 2) ** 2
    arc += np.cos(latitudes) * np.cos(here) * np.sin((np.radians(longitude) - longitudes) / 2) ** 2
    metres: NDArray[np.float64] = 2 * EARTH_RADIUS_M * np.arctan2(np.sqrt(arc), np.sqrt(1 - arc))
    return metres


RELATIONS: dict[str, Callable[[Any, Any, NDArray[Any]], Mask]] = {
    "st_equals": lambda shapely, other, shapes: shapely.equals(other, shapes),
    "st_touches": lambda shapely, other, shapes: shapely.touches(other, shapes),
    "st_overlaps": lambda shapely, other, shapes: shapely.overlaps(other, shapes),
    "st_crosses": lambda shapely, other, shapes: shapely.crosses(other, shapes),
    "st_intersects": lambda shapely, other, shapes: shapely.intersects(other, shapes),
    "st_contains": lambda shapely, other, shapes: shapely.within(other, shapes),
    "st_within": lambda shapely, other, shapes: shapely.contains(other, shapes),
}
"""Each turned, so that the geometry that all rows are compared with is the prepared one."""
_NO_GEOMETRY = Refused('Assert "geom != nullptr" => Failed to construct geometry from WKT data', UNEXPECTED)
"""A template's name, which Milvus leaves in the place of a geometry's text where it forgets to fill it."""
