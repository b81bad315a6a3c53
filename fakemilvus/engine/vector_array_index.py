"""An index on the vectors of a struct array: checked as Milvus checks it, and nothing is built.

Milvus wants one before such a collection can be loaded, and its metric says how lists are searched. A search compares
with every vector, see ``vector_lists``; so its rows count as indexed at once.
Source: the proxy's task_index.go and indexparamcheck's utils.go, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Mapping

from fakemilvus import errors
from fakemilvus.datatypes import DataType, type_name
from fakemilvus.engine.index_params import AUTOINDEX, INDEX_TYPE, METRIC_TYPE
from fakemilvus.engine.kinds import KINDS
from fakemilvus.engine.schema import Field, Pairs

UNBUILT_KIND = "FLAT"


def define_vector_array_index(
    field: Field, given: dict[str, str], params: Pairs
) -> tuple[Pairs, str, str, Mapping[str, float]]:
    """What DescribeIndex echoes, a kind that builds nothing, the metric, and no parameters."""
    element = "binary" if field.element_type is DataType.BINARY_VECTOR else "float"
    element = "int" if field.element_type is DataType.INT8_VECTOR else element
    index_type = given.get(INDEX_TYPE, AUTOINDEX)
    if not index_type:
        raise errors.IndexTypeEmpty()
    automatic = index_type == AUTOINDEX
    if automatic and given.keys() - {INDEX_TYPE, METRIC_TYPE}:
        raise errors.AutoIndexTakesOnlyMetric()
    metric = given.get(METRIC_TYPE, _DEFAULTS[element] if automatic else None)
    if metric is None:
        raise errors.MetricTypeNotSet()
    if metric not in _METRICS[element]:
        supported = " ".join(_METRICS[element])
        raise errors.VectorArrayMetric(type=element, metric=metric, supported=f"[{supported}]")
    if not automatic and (index_type not in KINDS or field.element_type not in KINDS[index_type].types):
        raise errors.IndexTypeNotForVectors(type=type_name(field.type), index=index_type)
    return ((INDEX_TYPE, AUTOINDEX), (METRIC_TYPE, metric)) if automatic else params, UNBUILT_KIND, metric, {}


_DENSE = ("L2", "IP", "COSINE", "MAX_SIM", "MAX_SIM_COSINE", "MAX_SIM_L2", "MAX_SIM_IP")
_BINARY = ("HAMMING", "JACCARD", "SUBSTRUCTURE", "SUPERSTRUCTURE", "MHJACCARD", "MAX_SIM_HAMMING", "MAX_SIM_JACCARD")
_METRICS = {"float": _DENSE, "int": _DENSE, "binary": _BINARY}
_DEFAULTS = {"float": "MAX_SIM_COSINE", "int": "MAX_SIM_COSINE", "binary": "MAX_SIM_HAMMING"}
