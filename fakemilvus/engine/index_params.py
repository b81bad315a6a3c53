"""The parameters of CreateIndex as a client sends them: flat, or nested as JSON under ``params``, or both.

Only reads and measures them; what they mean is for ``index_checks``. Source: indexparamcheck's
index_params_util.go and index_type.go of Milvus 3.0.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from fakemilvus import errors, limits
from fakemilvus.engine.kinds import KINDS
from fakemilvus.engine.schema import Pairs

NESTED = "params"
INDEX_TYPE = "index_type"
METRIC_TYPE = "metric_type"
AUTOINDEX = "AUTOINDEX"

MMAP = "mmap.enabled"
OFFSET_CACHE = "indexoffsetcache.enabled"
WARMUP = "warmup"
ALTERABLE = frozenset((MMAP, OFFSET_CACHE, WARMUP))  # left out when an old definition is compared with a new one


def expanded(params: Pairs) -> dict[str, str]:
    """Every parameter under its own name, later ones winning over earlier; raises where a key comes twice."""
    check_size(params)
    seen: set[str] = set()
    flat: dict[str, str] = {}
    for key, value in params:
        if key in seen:
            raise errors.IndexParamDuplicate(key=key, value=value)
        seen.add(key)
        flat.update(_nested(value) if key == NESTED else {key: value})
    check_size(tuple(flat.items()))
    return flat


def check_size(params: Pairs) -> None:
    size = sum(len(key.encode()) + len(value.encode()) for key, value in params)
    if size > limits.MAX_INDEX_PARAMS_BYTES:
        raise errors.IndexParamsTooLarge(size=size, limit=limits.MAX_INDEX_PARAMS_BYTES)


def check_mmap(index_type: str, params: Mapping[str, str], where: str) -> None:
    """``where`` is the check that Milvus names before the complaint."""
    if MMAP not in params:
        return
    enabled = _BOOLEANS.get(params[MMAP])
    if enabled is None:
        raise errors.MmapValueInvalid(where=where, value=params[MMAP])
    if enabled and index_type not in _MMAP_TYPES:
        raise errors.MmapNotSupported(where=where, type=index_type)


def check_warmup(params: Mapping[str, str]) -> None:
    if params.get(WARMUP, "sync") not in ("disable", "sync", "async"):
        raise errors.WarmupPolicyInvalid(value=params[WARMUP])


def check_offset_cache(index_type: str, params: Mapping[str, str]) -> None:
    if OFFSET_CACHE not in params:
        return
    enabled = _BOOLEANS.get(params[OFFSET_CACHE])
    if enabled is None:
        raise errors.OffsetCacheValueInvalid(value=params[OFFSET_CACHE])
    if enabled and index_type != "BITMAP":
        raise errors.OffsetCacheNotSupported()


def _nested(text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except ValueError as complaint:
        raise errors.IndexParamsNotJson(problem=complaint) from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        problem = f"json: cannot unmarshal {_JSON_KINDS[type(found)]} into Go value of type map[string]interface {{}}"
        raise errors.IndexParamsNotJson(problem=problem)
    return {key: _printed(value) for key, value in found.items()}


def _printed(value: Any) -> str:
    """A JSON value as Go prints it with %v, where every number is a float64: 16.0 is "16", 1000000 is "1e+06"."""
    match value:
        case None:
            return "<nil>"
        case bool():
            return str(value).lower()
        case int() | float():
            return _printed_number(float(value))
        case list():
            return f"[{' '.join(map(_printed, value))}]"
        case dict():
            return f"map[{' '.join(f'{key}:{_printed(value[key])}' for key in sorted(value))}]"
    return str(value)


def _printed_number(value: float) -> str:
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)  # JSON has no NaN or infinity that Milvus would read
    scientific = len(digits) + exponent - 1
    if -4 <= scientific < _GO_EXPONENT:
        return f"{Decimal(repr(value)).normalize():f}"
    mantissa = f"{digits[0]}" + (f".{''.join(map(str, digits[1:]))}" if len(digits) > 1 else "")
    return f"{'-' * sign}{mantissa}e{'-' if scientific < 0 else '+'}{abs(scientific):02d}"


_GO_EXPONENT = 6  # from here on Go's shortest form is scientific, so that 1000000 no longer reads as an integer
_JSON_KINDS = {list: "array", str: "string", bool: "bool", int: "number", float: "number"}
_BOOLEANS = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}
_MMAP_TYPES = {AUTOINDEX, "INVERTED", "BITMAP", "HYBRID", "Trie", "NGRAM", *KINDS}
_MMAP_TYPES -= {"DISKANN", "AISAQ", "IVF_FLAT_CC", "MINHASH_LSH"}
_MMAP_TYPES -= {name for name in KINDS if name.startswith("GPU_")}
