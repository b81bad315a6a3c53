"""The ranker that a search asks for: from the rank parameters of a hybrid search, or from a FunctionScore.

Source: rerank_builder.go of Milvus 3.0's function chains. Models that rank: ranking_models.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from fakemilvus import errors
from fakemilvus.datatypes import DataType, type_name
from fakemilvus.engine.go_values import parse_bool
from fakemilvus.engine.rankers import Decay, Ranker, Rrf, Weighted
from fakemilvus.engine.schema import Schema
from fakemilvus.wire.ranking_models import refuse_model

Params = Mapping[str, str]


def decode_rank_params(pairs: Params, searches: int, schema: Schema) -> Ranker:
    """The ranker that the parameters of a hybrid search name by ``strategy``: rrf, or weighted."""
    lower = {key.lower(): value for key, value in pairs.items()}
    strategy = lower.get("strategy", "rrf").lower()
    if strategy not in _STRATEGIES:
        raise errors.RankStrategyUnknown(strategy=strategy)
    given = _decode_params(lower.get("params", "null"))
    return _RANKERS[strategy](_STRATEGIES[strategy](given), (), searches, schema)


def decode_function_score(message: Any, searches: int, queries: int, schema: Schema) -> Ranker | None:
    """The ranker of a FunctionScore; None where all its functions boost what segments find.

    There are ``queries`` query vectors in each of the ``searches``.
    """
    functions = [(function, _params_of(function)) for function in message.functions]
    ranking = [(function, params) for function, params in functions if _name(params) != BOOST]
    if not ranking:
        return None
    if len(ranking) > 1:
        raise errors.RankersMany
    function, params = ranking[0]
    name = _name(params)
    if not name:
        raise errors.RankerMissing
    if name == "model":
        refuse_model(params, tuple(function.input_field_names), queries, schema)
    if name not in _RANKERS:
        raise errors.RankerUnknown(name=name)
    return _RANKERS[name](params, tuple(function.input_field_names), searches, schema)


BOOST = "boost"

# -- private ---------------------------------------------------------------------------------------------------


def _params_of(function: Any) -> dict[str, str]:
    return {pair.key.lower(): pair.value for pair in function.params}


def _name(params: Params) -> str:
    return params.get("reranker", "").lower()


def _decode_params(text: str) -> dict[str, Any]:
    try:
        given = json.loads(text)
    except ValueError as problem:
        raise errors.RankParamsUnreadable(problem=problem) from None
    if given is not None and not isinstance(given, dict):
        raise errors.RankParamsUnreadable(problem=f"{text} is no object")
    return given or {}


def _rrf_params(given: Mapping[str, Any]) -> dict[str, str]:
    if "k" not in given:
        return {}
    if isinstance(given["k"], bool) or not isinstance(given["k"], int | float):
        raise errors.RankParamType(name="k", type="float")
    return {"k": repr(given["k"])}


def _weighted_params(given: Mapping[str, Any]) -> dict[str, str]:
    params = {"weights": json.dumps(given["weights"])} if "weights" in given else {}
    if "norm_score" in given:
        norm = given["norm_score"]
        read = norm if isinstance(norm, bool) else parse_bool(norm) if isinstance(norm, str) else None
        if read is None:
            raise errors.RankParamType(name="norm_score", type="bool")
        params["norm_score"] = str(read).lower()
    return params


def _rrf(params: Params, inputs: tuple[str, ...], searches: int, schema: Schema) -> Rrf:
    if "k" not in params:
        return Rrf()
    k = _float(params["k"])
    if k is None:
        raise errors.RankNotNumber(value=params["k"])
    if not 0 < k < 16_384:
        raise errors.RankKOutOfRange
    return Rrf(k)


def _weighted(params: Params, inputs: tuple[str, ...], searches: int, schema: Schema) -> Weighted:
    weights = _decode_weights(params.get("weights", "[]"))
    normalise = parse_bool(params.get("norm_score", "false"))
    if normalise is None:
        raise errors.RankNormUnreadable(value=params["norm_score"])
    if not weights:
        raise errors.RankWeightsMissing
    if len(weights) != searches:
        raise errors.RankWeightCount(expected=searches, actual=len(weights))
    return Weighted(weights, normalise)


def _decode_weights(text: str) -> tuple[float, ...]:
    try:
        weights = json.loads(text)
    except ValueError as problem:
        raise errors.RankWeightsUnreadable(problem=problem) from None
    if not isinstance(weights, list) or any(isinstance(w, bool) or not isinstance(w, int | float) for w in weights):
        raise errors.RankWeightsUnreadable(problem=f"{text} is no list of numbers")
    if any(not 0 <= weight <= 1 for weight in weights):
        raise errors.RankWeightOutOfRange
    return tuple(float(weight) for weight in weights)


def _decay(params: Params, inputs: tuple[str, ...], searches: int, schema: Schema) -> Decay:
    numbers = {name: _decay_number(params, name) for name in ("origin", "scale", "offset", "decay") if name in params}
    for name in ("function", "origin", "scale"):
        if name not in params:
            raise errors.DecayParamMissing(name=name)
    mode = params.get("score_mode", "max").lower()
    if mode not in ("max", "sum", "avg"):
        raise errors.DecayMode(mode=mode)
    if len(inputs) != 1:
        raise errors.DecayInputs(count=len(inputs))
    field = next((field for field in schema.fields if field.name == inputs[0]), None)
    if field is None:
        raise errors.DecayFieldNotFound(field=inputs[0])
    if field.type not in (*_NUMBERS, *_READABLE):
        raise errors.DecayFieldUnreadable(type=type_name(field.type))
    if field.type not in _NUMBERS:
        raise errors.DecayFieldType(field=field.name, type=type_name(field.type))
    ranker = Decay(
        field=field,
        function=params["function"].lower(),
        mode=mode,
        normalise=bool(parse_bool(params.get("norm_score", "false"))),
        **numbers,
    )
    _check_decay(ranker)
    return ranker


def _decay_number(params: Params, name: str) -> float:
    number = _float(params[name])
    if number is None:
        raise errors.DecayParamNotNumber(name=name, value=params[name])
    return number


def _check_decay(ranker: Decay) -> None:
    if ranker.scale <= 0:
        raise errors.DecayParamInvalid(problem=f"scale must be > 0, got {ranker.scale:f}")
    if ranker.offset < 0:
        raise errors.DecayParamInvalid(problem=f"offset must be >= 0, got {ranker.offset:f}")
    if not 0 < ranker.decay < 1:
        raise errors.DecayParamInvalid(problem=f"decay must be 0 < decay < 1, got {ranker.decay:f}")
    if not 0.001 <= ranker.decay <= 0.999:
        limits = "0.001000 and 0.999000 for numerical stability"
        raise errors.DecayParamInvalid(problem=f"decay must be between {limits}, got {ranker.decay:f}")
    if ranker.function not in ("gauss", "exp", "linear"):
        raise errors.DecayParamInvalid(
            problem=f'invalid function "{ranker.function}", must be one of [gauss, exp, linear]'
        )


def _float(text: str) -> float | None:
    try:
        return float(text) if text == text.strip() else None
    except ValueError:
        return None


_STRATEGIES: dict[str, Callable[[Mapping[str, Any]], dict[str, str]]] = {
    "rrf": _rrf_params,
    "weighted": _weighted_params,
}
"""What rank parameters may name, and how their values become those of a function."""

_RANKERS: dict[str, Callable[[Params, tuple[str, ...], int, Schema], Ranker]] = {
    "rrf": _rrf,
    "weighted": _weighted,
    "decay": _decay,
}
_NUMBERS = frozenset((DataType.INT8, DataType.INT16, DataType.INT32, DataType.INT64, DataType.FLOAT, DataType.DOUBLE))
_READABLE = frozenset((DataType.BOOL, DataType.VARCHAR, DataType.TEXT, DataType.TIMESTAMPTZ))
"""What else Milvus hands to its rankers."""
