"""What Milvus refuses and completes when an index is created on a vector field.

Pure functions over the field and the parameters, in Milvus' order. Source: the proxy's task_index.go, indexparamcheck's
vector_index_checker.go, and knowhere's config classes, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakemilvus import errors
from fakemilvus.datatypes import DataType, type_name
from fakemilvus.engine import index_params, knowhere, minhash
from fakemilvus.engine.index_params import AUTOINDEX, INDEX_TYPE, METRIC_TYPE
from fakemilvus.engine.kinds import AUTOMATIC, KINDS, Kind
from fakemilvus.engine.metrics import BITS, METRICS_OF
from fakemilvus.engine.schema import Field, Pairs

Defined = tuple[Pairs, str, str, Mapping[str, Any]]
QUANT_TYPE = "quant_type"


def define_vector_index(field: Field, given: dict[str, str], params: Pairs) -> Defined:
    """What DescribeIndex echoes, the kind, the metric, and every parameter of the kind."""
    if given.get(INDEX_TYPE, AUTOINDEX) == AUTOINDEX:
        return _automatic(field, given)
    index_type = given[INDEX_TYPE]
    metric = _checked_metric(field, given.get(METRIC_TYPE))
    if not index_type:
        raise errors.IndexTypeEmpty()
    kind = KINDS.get(index_type)
    if kind is None or field.type not in kind.types:
        raise errors.IndexTypeNotForVectors(type=type_name(field.type), index=index_type)
    if field.row_shape and str(field.dim) != given.get("dim", str(field.dim)):
        raise errors.DimensionMismatch(schema=field.dim, given=given["dim"])
    build_params = _build_params(kind, given, field.dim if field.row_shape else 0)
    if index_type.startswith("SPARSE_"):
        _refuse_inverted(given, metric)
        build_params = {**build_params, QUANT_TYPE: given.get(QUANT_TYPE) or "fp32"}
    _check_kind_metric(kind, metric)
    index_params.check_offset_cache(index_type, given)
    return params, kind.name, metric, build_params


# -- private ---------------------------------------------------------------------------------------------------


def _automatic(field: Field, given: dict[str, str]) -> Defined:
    if given.keys() - {INDEX_TYPE, METRIC_TYPE}:
        raise errors.AutoIndexTakesOnlyMetric()
    kind, build_params, default = AUTOMATIC[field.type]
    metric = _checked_metric(field, given.get(METRIC_TYPE, default))
    if metric == minhash.METRIC:
        kind, build_params = "MINHASH_LSH", {}
    _check_kind_metric(KINDS[kind], metric)
    complete = knowhere.load(KINDS[kind].build_params, {})
    return ((INDEX_TYPE, AUTOINDEX), (METRIC_TYPE, metric)), kind, metric, {**complete, **build_params}


def _checked_metric(field: Field, metric: str | None) -> str:
    if metric is None:
        raise errors.MetricTypeNotSet()
    if metric in METRICS_OF[field.type] or (field.type is DataType.BINARY_VECTOR and metric == minhash.METRIC):
        return metric
    if field.type is not DataType.SPARSE_FLOAT_VECTOR:
        raise errors.MetricTypeNotSupported(kind=_METRIC_KINDS.get(field.type, "float"), metric=metric)
    raise errors.Bm25WithoutFunction() if metric == "BM25" else errors.SparseMetricNotSupported()


def _check_kind_metric(kind: Kind, metric: str) -> None:
    """Knowhere's refusal of a metric that the type has and this kind has not.

    Signatures in BIN_FLAT, and other bits in MINHASH_LSH, it takes, and then answers what its metric does not say.
    """
    if (metric == minhash.METRIC and kind.metrics == BITS) or (kind.name == minhash.KIND and metric in BITS):
        raise errors.Unimplemented(f"the metric {metric} with the index type {kind.name}")
    if metric not in kind.metrics:
        supported = " ".join(kind.metrics)
        raise errors.IndexParamRefused(
            problem=f"metric type {metric} not found or not supported, supported: [{supported}]"
        )


def _build_params(kind: Kind, given: Mapping[str, str], dim: int) -> Mapping[str, Any]:
    try:
        read = knowhere.read_texts((*kind.build_params, *kind.search_params), given)
        checked = knowhere.load(kind.build_params, read)
        if kind.build_rule is not None:
            kind.build_rule(checked, dim)
    except knowhere.Refusal as refusal:
        raise errors.IndexParamRefused(problem=refusal.problem) from None
    return checked


def _refuse_inverted(given: Mapping[str, str], metric: str) -> None:
    """Every algorithm and codec gives the same answers, and so does ours."""
    algorithm = given.get("inverted_index_algo", _ALGORITHMS[0])
    if algorithm not in _ALGORITHMS:
        raise errors.SparseAlgorithmUnknown(algorithm=algorithm, supported=" ".join(_ALGORITHMS))
    codec = given.get("inverted_index_codec", _CODECS[0])
    if codec not in _CODECS:
        supported = " ".join(_CODECS)
        raise errors.IndexParamRefused(
            problem=f"inverted_index_codec {codec} not found or not supported, supported: [{supported}]"
        )
    quant_type, known = given.get(QUANT_TYPE), _QUANT_TYPES[metric]
    if quant_type and quant_type not in known:
        problem = f"quant_type for {metric} metric must be '{known[0]}' or '{known[1]}', got '{quant_type}'"
        raise errors.IndexParamRefused(problem=problem)


_METRIC_KINDS = {DataType.BINARY_VECTOR: "binary", DataType.INT8_VECTOR: "int"}
_ALGORITHMS = ("TAAT_NAIVE", "DAAT_WAND", "DAAT_MAXSCORE", "BLOCK_MAX_MAXSCORE", "BLOCK_MAX_WAND", "SINDI")
_QUANT_TYPES = {"IP": ("fp16", "fp32"), "BM25": ("u16", "u32")}
_CODECS = ("block_streamvbyte", "block_maskedvbyte", "block_adaptive")
