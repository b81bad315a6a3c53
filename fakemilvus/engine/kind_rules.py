"""What a kind of index checks and completes beyond the range of each parameter, in knowhere's words.

A build rule takes the checked parameters and the dimension. A search rule takes the checked parameters, the number of
rows asked for and whether the search is within a radius, and gives the parameters that the index is searched with.
Both raise Refusal. Source: the CheckAndAdjust methods of knowhere's config classes, August 2026.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

BuildRule = Callable[[Mapping[str, Any], int], None]
SearchRule = Callable[[Mapping[str, Any], int, bool], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Refusal(Exception):
    """Knowhere's status, as it prints it, and its text."""

    status: str
    problem: str


def rules(*parts: BuildRule) -> BuildRule:
    """Several rules, in their order."""

    def check(params: Mapping[str, Any], dim: int) -> None:
        for part in parts:
            part(params, dim)

    return check


def no_refinement(params: Mapping[str, Any], dim: int) -> None:
    if params["refine"] or params.get("refine_type") is not None:
        raise Refusal(_INVALID, "refine is not supported for this index")


def list_refinement(params: Mapping[str, Any], dim: int) -> None:
    _check_refinement(params, ("sq6", "sq8", "fp16", "bf16", "fp32", "flat"))


def graph_refinement(params: Mapping[str, Any], dim: int) -> None:
    _check_refinement(params, ("sq4u", "sq6", "sq8", "fp16", "bf16", "fp32", "flat"))


def flat_refinement(params: Mapping[str, Any], dim: int) -> None:
    given = params.get("refine_type")
    if params["refine"] and given is not None and given.lower() not in ("fp32", "flat"):
        raise Refusal(_INVALID, f"IVF_RABITQ_FASTSCAN only supports refine_type=flat/fp32, got: {given}")


def list_scalars(params: Mapping[str, Any], dim: int) -> None:
    if params["sq_type"].lower() not in ("sq4", "sq6", "sq8"):
        raise Refusal(_INVALID, f"invalid sq_type : {params['sq_type']}, optional types are [sq4, sq6, sq8]")


def graph_scalars(params: Mapping[str, Any], dim: int) -> None:
    if params["sq_type"].lower() not in ("sq4u", "sq6", "sq8", "fp16", "bf16"):
        raise Refusal(_INVALID, "invalid scalar quantizer type")


def code_sizes(params: Mapping[str, Any], dim: int) -> None:
    if params["code_size"] not in (4, 6, 8, 16):
        problem = "compress a vector into (code_size * dim)/8 bytes, code size value should be in 4, 6, 8 and 16"
        raise Refusal("invalid value in json", problem)


def parts_of(vector: str) -> BuildRule:
    """``m`` divides the dimension; ``vector`` is how the complaint begins. 0 leaves the number to the kind."""

    def check(params: Mapping[str, Any], dim: int) -> None:
        parts = params["m"]
        if parts and dim % parts:
            raise Refusal(
                _INVALID,
                f"The dimension of {vector} (dim) should be a multiple of the number of subquantizers (m). "
                f"Dimension: {dim}, m: {parts}",
            )

    return check


def sub_dimensions(params: Mapping[str, Any], dim: int) -> None:
    if dim % params["sub_dim"]:
        raise Refusal(
            _INVALID,
            "The dimension of a vector (dim) should be a multiple of sub_dim. "
            f"Dimension:{dim}, sub_dim:{params['sub_dim']}",
        )


# -- searches --------------------------------------------------------------------------------------------------


def graph_width(params: Mapping[str, Any], wanted: int, ranged: bool) -> Mapping[str, Any]:
    """HNSW's ef: at least the number of rows asked for, or a default where none was given."""
    return _width(params, "ef", wanted, ranged)


def free_width(params: Mapping[str, Any], wanted: int, ranged: bool) -> Mapping[str, Any]:
    """The same without a least ef: the classes of HNSW_PQ and HNSW_PRQ leave out what their base class checks."""
    return params if "ef" in params else _width(params, "ef", wanted, ranged)


def search_list(params: Mapping[str, Any], wanted: int, ranged: bool) -> Mapping[str, Any]:
    """DISKANN's search_list, which stands for the breadth of our graph."""
    checked = _width(params, "search_list_size", wanted, ranged)
    return {**checked, "ef": checked["search_list_size"]}


def reordering(params: Mapping[str, Any], wanted: int, ranged: bool) -> Mapping[str, Any]:
    """SCANN's reorder_k: how many candidates are ranked again."""
    given = params.get("reorder_k")
    if given is not None and given < wanted:
        raise Refusal(_OUT_OF_RANGE, f"reorder_k({given}) should be larger than k({wanted})")
    return {**params, "reorder_k": wanted if given is None else given}


def unquantized(params: Mapping[str, Any], wanted: int, ranged: bool) -> Mapping[str, Any]:
    if params["rbq_bits_query"]:
        problem = "rbq_bits_query > 0 is not supported on IVF_RABITQ_FASTSCAN (FastScan always uses index-level qb=8)"
        raise Refusal(_INVALID, problem)
    return {name: value for name, value in params.items() if name != "rbq_bits_query"}


def at_most(rows: int) -> SearchRule:
    """A kind that finds no more than so many rows a query."""

    def check(params: Mapping[str, Any], wanted: int, ranged: bool) -> Mapping[str, Any]:
        if wanted > rows:
            problem = f"Out of range in json: param 'k' ({wanted}) should be in range [1, {rows}]"
            raise Refusal(_OUT_OF_RANGE, problem)
        return params

    return check


def candidates(params: Mapping[str, Any], wanted: int, ranged: bool) -> Mapping[str, Any]:
    """GPU_CAGRA's itopk_size in steps of 32, which stands for the breadth of our graph."""
    size = params.get("itopk_size")
    size = -(-(max(wanted, _CANDIDATES) if size is None else size) // _ALIGNED) * _ALIGNED
    width = params.get("search_width")
    if width is not None and max(size, _ALIGNED * width) < wanted:
        raise Refusal(_OUT_OF_RANGE, "max((itopk_size + 31)// 32, search_width) * 32< topk")
    checked = _width(params, "ef", wanted, ranged)
    return {**checked, "itopk_size": size, "ef": max(size, checked["ef"] if "ef" in params else 0)}


def _check_refinement(params: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    given = params.get("refine_type")
    if given is not None and given.lower() not in allowed:
        raise Refusal(_INVALID, f"invalid refine type : {given}, optional types are [{', '.join(allowed)}]")


def _width(params: Mapping[str, Any], name: str, wanted: int, ranged: bool) -> dict[str, Any]:
    given = params.get(name)
    if given is None:
        given = _RANGED_WIDTH if ranged else max(wanted, _LEAST_WIDTH)
    elif given < wanted and not ranged:
        raise Refusal(_OUT_OF_RANGE, f"{name}({given}) should be larger than k({wanted})")
    return {**params, name: given}


_INVALID = "invalid args"
_OUT_OF_RANGE = "out of range in json"
_LEAST_WIDTH = 16
_RANGED_WIDTH = 512
_CANDIDATES = 64
_ALIGNED = 32
