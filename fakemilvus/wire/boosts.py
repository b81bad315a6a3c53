"""The boosts of a FunctionScore.

Source: CreateSearchScorers of Milvus 3.0's plan_parser_v2.go.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fakemilvus import errors
from fakemilvus.datatypes import DataType, type_name
from fakemilvus.engine.boosts import Boost, Boosts, Chance
from fakemilvus.engine.schema import Schema
from fakemilvus.filters import compile_filter
from fakemilvus.filters.compiled import Given
from fakemilvus.wire.rankers import BOOST


def decode_boosts(message: Any, schema: Schema, timezone: str, values: Given | None = None) -> Boosts | None:
    """The boosts; None where no function boosts. Complaints are those of a plan that cannot be made.

    ``values`` are those of the search's templates, which stand for the boosts' filters as well.
    """
    functions = [{pair.key: pair.value for pair in function.params} for function in message.functions]
    boosting = [params for params in functions if _name(params) == BOOST]
    if not boosting:
        return None
    boosts = tuple(_decode_boost(params, schema, timezone, values) for params in boosting)
    params = {pair.key: pair.value for pair in message.params}
    return Boosts(
        boosts,
        add_weights=_adds(params.get("function_mode", "multiply"), "function"),
        add_score=_adds(params.get("boost_mode", "multiply"), "boost"),
    )


# -- private ---------------------------------------------------------------------------------------------------


def _name(params: Mapping[str, str]) -> str:
    return next((value.lower() for key, value in params.items() if key.lower() == "reranker"), "")


def _decode_boost(params: Mapping[str, str], schema: Schema, timezone: str, values: Given | None) -> Boost:
    wanted = None
    if "filter" in params:
        wanted = compile_filter(params["filter"], schema.filterable, errors.BoostFilterInvalid, timezone, values)
    if "weight" not in params:
        raise errors.BoostWeightMissing
    try:
        weight = float(params["weight"])
    except ValueError:
        raise errors.BoostWeightUnreadable(value=params["weight"]) from None
    chance = _decode_chance(params["random_score"], schema) if "random_score" in params else None
    return Boost(weight, wanted, chance)


def _decode_chance(text: str, schema: Schema) -> Chance:
    try:
        given = json.loads(text)
    except ValueError as problem:
        raise errors.BoostChanceUnreadable(problem=problem) from None
    if not isinstance(given, dict):
        raise errors.BoostChanceUnreadable(problem=f"{text} is no object")
    seed, name = given.get("seed", 0), given.get("field")
    if isinstance(seed, bool) or not isinstance(seed, int | float):
        raise errors.BoostSeed
    if name is None:
        return Chance(int(seed), None)
    if not isinstance(name, str):
        raise errors.BoostFieldName
    field = schema.by_name.get(name)
    if field is None:
        raise errors.BoostFieldNotFound(field=name)
    if field.type is not DataType.INT64:
        raise errors.BoostFieldType(type=type_name(field.type))
    return Chance(int(seed), field)


def _adds(mode: str, kind: str) -> bool:
    if mode.lower() not in ("multiply", "sum"):
        raise errors.BoostMode(kind=kind, mode=mode.lower())
    return mode.lower() == "sum"
