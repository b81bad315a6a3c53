"""``element_scope`` among a search's parameters: how hits among elements become hits among rows.

Source: parseElementScope of the proxy's struct_hybrid_search.go, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakemilvus import errors
from fakemilvus.engine.element_collapse import STRATEGIES, Collapse

ELEMENT_SCOPE = "element_scope"


def decode_element_scope(params: Mapping[str, Any]) -> Collapse | None:
    """None where the parameters do not say."""
    if ELEMENT_SCOPE not in params:
        return None
    scope = _object(params[ELEMENT_SCOPE], ELEMENT_SCOPE, ("collapse",))
    if "collapse" not in scope:
        raise errors.ElementScopeMissing(what="element_scope.collapse is required")
    collapse = _object(scope["collapse"], "element_scope.collapse", ("strategy", "topk"))
    strategy = collapse.get("strategy", "")
    if not isinstance(strategy, str):
        raise errors.ElementScopeInvalid(problem="element_scope.collapse.strategy must be a string")
    strategy = strategy.strip()
    if not strategy:
        raise errors.ElementScopeMissing(what="element_scope.collapse.strategy is required")
    if strategy not in STRATEGIES:
        raise errors.ElementScopeInvalid(problem=f"unsupported element_scope.collapse.strategy: {strategy}")
    return Collapse(strategy, _topk(collapse, strategy))


def _object(given: Any, name: str, keys: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise errors.ElementScopeInvalid(problem=f"{name} must be a JSON object")
    unknown = next((key for key in given if key not in keys), None)
    if unknown is not None:
        raise errors.ElementScopeInvalid(problem=f"unsupported {name} key: {unknown}")
    return given


def _topk(collapse: Mapping[str, Any], strategy: str) -> int:
    topk = collapse.get("topk", 0)
    if not isinstance(topk, int) or isinstance(topk, bool):
        raise errors.ElementScopeInvalid(problem="element_scope.collapse.topk must be an integer")
    if "topk" in collapse and topk <= 0:
        raise errors.ElementScopeInvalid(problem="element_scope.collapse.topk must be positive")
    if strategy.startswith("topk") and not topk:
        raise errors.ElementScopeMissing(what=f"element_scope.collapse.topk is required for strategy {strategy}")
    if topk and not strategy.startswith("topk"):
        raise errors.ElementScopeInvalid(problem="element_scope.collapse.topk is only valid for topk strategies")
    return topk
