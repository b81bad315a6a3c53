"""The kinds of vector index, one row each: the types, parameters and metrics of each, and how it is really built.

Training, assigning and attaching are the same for all: a builder trains step by step, adds rows range by range, and is
an index that can be searched. The families of builders have files of their own; to add a kind, add a row. What stands
for a kind that FAISS has not (DISKANN, AISAQ, those of GPUs) is in the row too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fakemilvus.datatypes import DataType
from fakemilvus.engine import kind_rules
from fakemilvus.engine.families import Make, bits, graph, inverted, lists, signatures
from fakemilvus.engine.kind_rules import BuildRule, SearchRule, parts_of, rules
from fakemilvus.engine.metrics import BITS, NUMBERS, SPARSE
from fakemilvus.engine.parameters import (
    FLOAT_MAX,
    INT_MAX,
    PLAIN,
    RANGED,
    REQUIRED,
    AnyParameter,
    ClosedFloatParameter,
    FlagParameter,
    FloatParameter,
    Parameter,
    TextParameter,
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of vector index. ``make`` is None where nothing is built and every search is exact.

    ``types`` are those over which Milvus builds it; the rules check and complete what ranges alone do not say;
    ``other_names`` are Milvus' names of knowhere's search parameters.
    """

    name: str
    types: frozenset[DataType]
    build_params: tuple[AnyParameter, ...] = ()
    search_params: tuple[AnyParameter, ...] = ()
    metrics: tuple[str, ...] = NUMBERS
    make: Make | None = None
    build_rule: BuildRule | None = None
    search_rule: SearchRule | None = None
    other_names: Mapping[str, str] = field(default_factory=dict)


_HALVES = frozenset((DataType.FLOAT16_VECTOR, DataType.BFLOAT16_VECTOR))
_FLOATS = _HALVES | {DataType.FLOAT_VECTOR}
_NUMBERS = _FLOATS | {DataType.INT8_VECTOR}
_BINARY = frozenset((DataType.BINARY_VECTOR,))
_SPARSE = frozenset((DataType.SPARSE_FLOAT_VECTOR,))
_GPU = frozenset((DataType.FLOAT_VECTOR, DataType.FLOAT16_VECTOR))
_GPU_INT8 = _GPU | {DataType.INT8_VECTOR}

# What changes only how fast an index is or where it lies, and no answer, is checked and otherwise passed over.
_LISTS: tuple[AnyParameter, ...] = (Parameter("nlist", 1, 65_536, 128), FlagParameter("use_elkan", True))
_PROBES: tuple[AnyParameter, ...] = (
    Parameter("nprobe", 1, 65_536, 8),
    Parameter("max_empty_result_buckets", 0, 65_536, 2, RANGED),
)
_FULL = FlagParameter("ensure_topk_full", True, PLAIN)
_REFINE: tuple[AnyParameter, ...] = (FlagParameter("refine", False), TextParameter("refine_type", None))
_REFINE_K = ClosedFloatParameter("refine_k", 1, FLOAT_MAX, 1, PLAIN)
_BITS = Parameter("nbits", 1, 24, 8)
_SEGMENT = Parameter("ssize", 32, 2_048, 48)
_GRAPH: tuple[AnyParameter, ...] = (
    Parameter("M", 2, 2_048, 30),
    Parameter("efConstruction", 1, INT_MAX, 360),
    *_REFINE,
)
_EF = Parameter("ef", 1, INT_MAX, None)
_WIDTH = (_EF, FlagParameter("disable_fallback_brute_force", False, PLAIN), _REFINE_K)
_QUERY_BITS = Parameter("rbq_bits_query", 0, 8, 0)
_DISK: tuple[AnyParameter, ...] = (
    Parameter("max_degree", 1, 2_048, 48),
    Parameter("search_list_size", 1, INT_MAX, 128),
    *(
        ClosedFloatParameter(f"{name}_budget_gb{unit}", 0, FLOAT_MAX, 0)
        for name in ("pq_code", "search_cache")
        for unit in ("", "_ratio")
    ),
    ClosedFloatParameter("build_dram_budget_gb", 0, FLOAT_MAX, 0),
    Parameter("disk_pq_dims", None, 0, 0),
    FlagParameter("accelerate_build", False),
)
_DISK_SEARCH: tuple[AnyParameter, ...] = (
    Parameter("search_list_size", 1, INT_MAX, None),
    Parameter("min_k", 1, INT_MAX, 100, RANGED),
    Parameter("max_k", 1, INT_MAX, INT_MAX, RANGED),
    ClosedFloatParameter("filter_threshold", -1, 1, -1, PLAIN),
)
_AISAQ = (
    Parameter("inline_pq", -1, 2_048, -1),
    Parameter("pq_cache_size", 0, 2**30, 0),
    Parameter("pq_read_page_cache_size", 0, 2**25, 0),
    FlagParameter("rearrange", True),
    TextParameter("pq_read_io_engine", "aio"),
    Parameter("num_entry_points", 0, 1_000, 100),
)
_DEVICE = FlagParameter("cache_dataset_on_device", False)
_DEVICE_LISTS: tuple[AnyParameter, ...] = (
    _DEVICE,
    Parameter("kmeans_n_iters", None, 0, 20),
    FloatParameter("kmeans_trainset_fraction", None, 0, 0.5),
)
_RATIO = FloatParameter("refine_ratio", None, 0, 1, PLAIN)
_CAGRA: tuple[AnyParameter, ...] = (
    Parameter("intermediate_graph_degree", None, 0, 128),
    Parameter("graph_degree", None, 0, 64),
    TextParameter("build_algo", "NN_DESCENT"),
    Parameter("nn_descent_niter", None, 0, 20),
    FlagParameter("adapt_for_cpu", False),
    _DEVICE,
)
_CAGRA_SEARCH: tuple[AnyParameter, ...] = (
    Parameter("itopk_size", None, 0, None, PLAIN),
    Parameter("search_width", None, 0, None, PLAIN),
    TextParameter("search_algo", "AUTO", PLAIN),
    TextParameter("hashmap_mode", "AUTO", PLAIN),
    Parameter("team_size", 0, 32, 0, PLAIN),
    Parameter("num_random_samplings", 1, INT_MAX, 1, PLAIN),
    *(
        Parameter(name, None, 0, 0, PLAIN)
        for name in ("max_queries", "min_iterations", "max_iterations", "thread_block_size", "hashmap_min_bitlen")
    ),
    ClosedFloatParameter("hashmap_max_fill_rate", 0.1, 0.9, 0.5, PLAIN),
    FlagParameter("persistent", False, PLAIN),
    _EF,
    _RATIO,
)
_SIGNATURES: tuple[AnyParameter, ...] = (
    Parameter("mh_lsh_band", None, 0, 1),
    Parameter("mh_element_bit_width", 8, 256, 8),
)
_SIGNATURES_BUILD = (
    *_SIGNATURES,
    Parameter("mh_lsh_aligned_block_size", 4_096, INT_MAX, 4_096),
    FlagParameter("with_raw_data", False),
)
_SIGNATURES_SEARCH = (
    FlagParameter("mh_search_with_jaccard", False, PLAIN),
    Parameter("refine_k", 1, INT_MAX, 1, PLAIN),
    FlagParameter("mh_lsh_batch_search", False, PLAIN),
)
_BM25 = (
    ClosedFloatParameter("bm25_k1", 0, 3, None),
    ClosedFloatParameter("bm25_b", 0, 1, None),
    ClosedFloatParameter("bm25_avgdl", 0, FLOAT_MAX, None),
)
_INVERTED_BUILD = (
    FloatParameter("drop_ratio_build", 0, 1, 0),
    Parameter("block_max_block_size", 1, INT_MAX, 128),
    Parameter("sindi_window_size", 1_024, 65_535, 65_535),
    *_BM25,
)
_INVERTED_SEARCH = (
    FloatParameter("drop_ratio_search", 0, 1, 0),
    Parameter("refine_factor", -INT_MAX - 1, INT_MAX, 1),
    ClosedFloatParameter("dim_max_score_ratio", 0.5, 1.3, 1.05),
    Parameter("bulk_query_nnz_threshold", 0, INT_MAX, 20),
    *_BM25,
)


_flat = lists("flat_lists")
_product = lists("product_lists")
_hnsw = graph("FlatStorage")
_disk = graph("FlatStorage", degree="max_degree", breadth="search_list_size", halved=2)
_cagra = graph("FlatStorage", degree="graph_degree", breadth="intermediate_graph_degree", halved=2)

KINDS = {
    kind.name: kind
    for kind in (
        Kind("FLAT", _FLOATS),
        Kind("IVF_FLAT", _FLOATS, _LISTS, (*_PROBES, _FULL), make=_flat),
        Kind("IVF_FLAT_CC", _FLOATS, (*_LISTS, _SEGMENT), (*_PROBES, _FULL), make=lists("flat_lists", fills=True)),
        Kind(
            "IVF_SQ8",
            _FLOATS,
            (*_LISTS, TextParameter("sq_type", "SQ8"), *_REFINE),
            (*_PROBES, _REFINE_K),
            make=lists("scalar_lists"),
            build_rule=rules(kind_rules.list_scalars, kind_rules.list_refinement),
        ),
        Kind(
            "IVF_SQ_CC",
            _FLOATS,
            (*_LISTS, _SEGMENT, Parameter("code_size", None, 0, 8), TextParameter("raw_data_store_prefix", None)),
            (*_PROBES, _FULL),
            make=lists("sized_scalar_lists", fills=True),
            build_rule=kind_rules.code_sizes,
        ),
        Kind(
            "IVF_PQ",
            _FLOATS,
            (*_LISTS, Parameter("m", 1, 65_536, REQUIRED), _BITS, *_REFINE),
            (*_PROBES, _REFINE_K),
            make=_product,
            build_rule=rules(parts_of("a vector"), kind_rules.list_refinement),
        ),
        Kind(
            "IVF_RABITQ",
            _FLOATS,
            (*_LISTS, Parameter("rbq_bits", 1, 9, 1), *_REFINE),
            (*_PROBES, _QUERY_BITS, _REFINE_K),
            make=lists("rabitq_lists"),
            build_rule=kind_rules.list_refinement,
        ),
        Kind(
            "IVF_RABITQ_FASTSCAN",
            _FLOATS,
            (*_LISTS, *_REFINE),
            (*_PROBES, _QUERY_BITS, _REFINE_K),
            make=lists("fast_rabitq_lists"),
            build_rule=kind_rules.flat_refinement,
            search_rule=kind_rules.unquantized,
        ),
        Kind(
            "SCANN",
            _FLOATS,
            (*_LISTS, FlagParameter("with_raw_data", True), Parameter("sub_dim", 1, 65_536, 2)),
            (*_PROBES, Parameter("reorder_k", 1, INT_MAX, None, PLAIN)),
            make=lists("fast_scan_lists"),
            build_rule=kind_rules.sub_dimensions,
            search_rule=kind_rules.reordering,
        ),
        Kind(
            "HNSW",
            _NUMBERS | _BINARY,
            _GRAPH,
            _WIDTH,
            metrics=(*NUMBERS, *BITS),
            make=_hnsw,
            build_rule=kind_rules.no_refinement,
            search_rule=kind_rules.graph_width,
        ),
        Kind(
            "HNSW_SQ",
            _NUMBERS,
            (*_GRAPH, TextParameter("sq_type", "SQ8")),
            _WIDTH,
            make=graph("ScalarStorage"),
            build_rule=rules(kind_rules.graph_scalars, kind_rules.graph_refinement),
            search_rule=kind_rules.graph_width,
        ),
        Kind(
            "HNSW_PQ",
            _NUMBERS,
            (*_GRAPH, Parameter("m", 1, 65_536, 32), _BITS),
            _WIDTH,
            make=graph("ProductStorage"),
            build_rule=rules(parts_of("the vector"), kind_rules.graph_refinement),
            search_rule=kind_rules.free_width,
        ),
        Kind(
            "HNSW_PRQ",
            _NUMBERS,
            (*_GRAPH, Parameter("m", 1, 65_536, 2), Parameter("nrq", 1, 16, 2), _BITS),
            _WIDTH,
            make=graph("ResidualStorage"),
            build_rule=rules(parts_of("the vector"), kind_rules.graph_refinement),
            search_rule=kind_rules.free_width,
        ),
        Kind(
            "DISKANN",
            _FLOATS,
            _DISK,
            (*_DISK_SEARCH, Parameter("beamwidth", 1, 128, 8)),
            make=_disk,
            search_rule=kind_rules.search_list,
            other_names={"search_list": "search_list_size"},
        ),
        Kind(
            "AISAQ",
            _FLOATS,
            (*_DISK, *_AISAQ),
            (*_DISK_SEARCH, Parameter("beamwidth", 1, 16, 2), Parameter("vectors_beamwidth", 1, 4, 1)),
            make=_disk,
            search_rule=kind_rules.search_list,
        ),
        Kind("GPU_BRUTE_FORCE", _GPU),
        Kind(
            "GPU_IVF_FLAT",
            _GPU_INT8,
            (*_LISTS, *_DEVICE_LISTS, FlagParameter("adaptive_centers", False)),
            (*_PROBES, _RATIO),
            make=_flat,
            search_rule=kind_rules.at_most(2_048),
        ),
        Kind(
            "GPU_IVF_PQ",
            _GPU_INT8,
            (*_LISTS, Parameter("m", 0, 65_536, 0), Parameter("nbits", 4, 8, 8), *_DEVICE_LISTS),
            (*_PROBES, _RATIO),
            make=_product,
            search_rule=kind_rules.at_most(1_024),
        ),
        Kind(
            "GPU_CAGRA",
            _GPU_INT8 | _BINARY,
            _CAGRA,
            _CAGRA_SEARCH,
            metrics=(*NUMBERS, "HAMMING"),
            make=_cagra,
            search_rule=kind_rules.candidates,
        ),
        Kind("BIN_FLAT", _BINARY, metrics=BITS),
        Kind("BIN_IVF_FLAT", _BINARY, _LISTS, _PROBES, metrics=("HAMMING", "JACCARD"), make=bits),
        Kind(
            "MINHASH_LSH",
            _BINARY,
            _SIGNATURES_BUILD,
            _SIGNATURES_SEARCH,
            metrics=("MHJACCARD",),
            make=signatures,
        ),
        Kind("SPARSE_INVERTED_INDEX", _SPARSE, _INVERTED_BUILD, _INVERTED_SEARCH, metrics=SPARSE, make=inverted),
        Kind("SPARSE_WAND", _SPARSE, _INVERTED_BUILD, _INVERTED_SEARCH, metrics=SPARSE, make=inverted),
    )
}

_GRAPH_PARAMS: Mapping[str, int | str] = {"M": 18, "efConstruction": 240}
_HALF_REFINED: Mapping[str, int | str] = {**_GRAPH_PARAMS, "sq_type": "SQ4U", "refine": True, "refine_type": "FP16"}

AUTOMATIC: Mapping[DataType, tuple[str, Mapping[str, int | str], str]] = {
    DataType.FLOAT_VECTOR: ("HNSW_SQ", _HALF_REFINED, "COSINE"),
    DataType.FLOAT16_VECTOR: ("HNSW_SQ", _HALF_REFINED, "COSINE"),
    DataType.BFLOAT16_VECTOR: ("HNSW_SQ", {**_HALF_REFINED, "refine_type": "BF16"}, "COSINE"),
    DataType.INT8_VECTOR: ("HNSW", _GRAPH_PARAMS, "COSINE"),
    DataType.BINARY_VECTOR: ("BIN_IVF_FLAT", {"nlist": 1_024}, "HAMMING"),
    DataType.SPARSE_FLOAT_VECTOR: ("SPARSE_INVERTED_INDEX", {}, "IP"),
}
"""What AUTOINDEX stands for over each type: the kind, its parameters, and the default metric."""
