"""What Milvus refuses and completes when an index is created on a vector field.

Pure functions over the field and the parameters, in Milvus' order. Source: the proxy's task_index.go, indexparamcheck's
vector_index_checker.go, and knowhere's config classes, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Mapping

from fakemilvus import errors
from fakemilvus.datatypes import DataType, type_name
from fakemilvus.engine import index_params, knowhere
from fakemilvus.engine.index_params import AUTOINDEX, INDEX_TYPE, METRIC_TYPE
from fakemilvus.engine.kinds import AUTOMATIC, KINDS, LEGAL_TYPES, Kind
from fakemilvus.engine.metrics import METRICS_OF
from fakemilvus.engine.schema import Field, Pairs

Defined = tuple[Pairs, str, str, Mapping[str, float | str]]
QUANT_TYPE = "quant_type"


def define_vector_index(field: Field, given: dict[str, str], params: Pairs) -> Defined:
    """What DescribeIndex echoes, the kind, the metric, and every parameter of the kind."""
    if given.get(INDEX_TYPE, AUTOINDEX) == AUTOINDEX:
        return _automatic(field, given)
    index_type = given[INDEX_TYPE]
    metric = _checked_metric(field, given.get(METRIC_TYPE))
    if not index_type:
        raise errors.IndexTypeEmpty()
    if field.type not in LEGAL_TYPES.get(index_type, ()):
        raise errors.IndexTypeNotForVectors(type=type_name(field.type), index=index_type)
    if field.row_shape and str(field.dim) != given.get("dim", str(field.dim)):
        raise errors.DimensionMismatch(schema=field.dim, given=given["dim"])
    kind = _find_kind(index_type, field)
    _refuse_variants(index_type, given)
    build_params = _build_params(kind, given)
    if index_type.startswith("SPARSE_"):
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
    if metric == _DEDUPLICATE:
        raise errors.Unimplemented("the index type MINHASH_LSH")
    _check_kind_metric(KINDS[kind], metric)
    complete = {parameter.name: parameter.default for parameter in KINDS[kind].build_params}
    return ((INDEX_TYPE, AUTOINDEX), (METRIC_TYPE, metric)), kind, metric, {**complete, **build_params}


def _checked_metric(field: Field, metric: str | None) -> str:
    if metric is None:
        raise errors.MetricTypeNotSet()
    if metric in METRICS_OF[field.type] or (field.type is DataType.BINARY_VECTOR and metric == _DEDUPLICATE):
        return metric
    if field.type is not DataType.SPARSE_FLOAT_VECTOR:
        raise errors.MetricTypeNotSupported(kind=_METRIC_KINDS.get(field.type, "float"), metric=metric)
    raise errors.Bm25WithoutFunction() if metric == "BM25" else errors.SparseMetricNotSupported()


def _find_kind(index_type: str, field: Field) -> Kind:
    kind = KINDS.get(index_type)
    if kind is None:
        raise errors.Unimplemented(f"the index type {index_type}")
    if field.type not in kind.types:
        raise errors.Unimplemented(f"the index type {index_type} over {type_name(field.type)}")
    return kind


def _check_kind_metric(kind: Kind, metric: str) -> None:
    """Knowhere's refusal of a metric that the type has and this kind has not."""
    if metric == _DEDUPLICATE:
        raise errors.Unimplemented(f"the metric {metric} with the index type {kind.name}")
    if metric not in kind.metrics:
        supported = " ".join(kind.metrics)
        raise errors.IndexParamRefused(
            problem=f"metric type {metric} not found or not supported, supported: [{supported}]"
        )


def _build_params(kind: Kind, given: Mapping[str, str]) -> Mapping[str, float | str]:
    try:
        read = knowhere.read_texts((*kind.build_params, *kind.search_params), given)
        checked = knowhere.load(kind.build_params, read)
    except knowhere.Refusal as refusal:
        raise errors.IndexParamRefused(problem=refusal.problem) from None
    refined = given.get("refine", "").lower() == "true" or "refine_type" in given
    if kind.name == "HNSW" and refined:
        raise errors.IndexParamRefused(problem="refine is not supported for this index")
    return {**checked}


def _refuse_variants(index_type: str, given: Mapping[str, str]) -> None:
    """What Milvus builds under the name of a kind and we do not."""
    if index_type == "IVF_SQ8":
        _refuse_encodings(given)
    elif index_type.startswith("SPARSE_"):
        _refuse_inverted(given)


def _refuse_encodings(given: Mapping[str, str]) -> None:
    if given.get("sq_type", "SQ8").upper() != "SQ8":
        raise errors.Unimplemented(f"IVF_SQ8 with sq_type {given['sq_type']}")
    if given.get("refine", "").lower() == "true":
        raise errors.Unimplemented("IVF_SQ8 with refine")


def _refuse_inverted(given: Mapping[str, str]) -> None:
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
    quant_type = given.get(QUANT_TYPE) or "fp32"
    if quant_type not in ("fp16", "fp32"):
        raise errors.IndexParamRefused(problem=f"quant_type for IP metric must be 'fp16' or 'fp32', got '{quant_type}'")


_DEDUPLICATE = "MHJACCARD"
_METRIC_KINDS = {DataType.BINARY_VECTOR: "binary", DataType.INT8_VECTOR: "int"}
_ALGORITHMS = ("TAAT_NAIVE", "DAAT_WAND", "DAAT_MAXSCORE", "BLOCK_MAX_MAXSCORE", "BLOCK_MAX_WAND", "SINDI")
_CODECS = ("block_streamvbyte", "block_maskedvbyte", "block_adaptive")
