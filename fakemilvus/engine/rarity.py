"""How a query of texts is weighted by what a collection holds: a rare term is worth more than a common one.

Milvus counts rows and terms where the channel's segments are loaded, deleted rows too; so does this over the snapshot.
Source: the delegator's idf_oracle.go, and storage's stats.go, Milvus 3.0.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.datatypes import as_objects
from fakemilvus.engine import index_params
from fakemilvus.engine.index import Index
from fakemilvus.engine.schema import Field
from fakemilvus.engine.snapshot import Snapshot
from fakemilvus.engine.term_rows import AVERAGE, K1, B, TermRows
from fakemilvus.engine.vector_checks import SPARSE_ELEMENT

DEFAULTS = {K1: 1.2, B: 0.75}
Rows = NDArray[Any]


def check_scoring(index: Index, params: Mapping[str, Any], channel: str) -> None:
    """Raises where a search names another k1 or b than its index, whose algorithm has used them already."""
    if index_params.expanded(index.params).get("inverted_index_algo") in _UNBOUND:
        return
    for name, usual in DEFAULTS.items():
        built = float(str(index.build_params.get(name, usual)))
        if np.float32(params.get(name, built)) != np.float32(built):
            config = json.dumps(dict(params), sort_keys=True, separators=(",", ":"))
            raise errors.SearchParamRefused(
                channel=channel,
                config=config,
                status="invalid value in json",
                problem="BM25 parameters k1 and b in search config must be same as built index",
            )


def weighted(
    snapshot: Snapshot, field: Field, index: Index, queries: Rows, given: Mapping[str, Any]
) -> tuple[Rows, Mapping[str, float]]:
    """The queries with each count times the rarity of its term, and the parameters of the scores: the search's, or else
    the index's.

    Without any text in the collection there is nothing to find, and no row of the answer has a term.
    """
    segments = [s for s in snapshot.segments if s.rows and s.partition_id in snapshot.loaded]
    terms = [s.built.get(index.id) or s.sparse.terms(field.id, s.columns[field.id].values) for s in segments]
    rows, length = sum(one.rows for one in terms), sum(one.total_length for one in terms)
    params = {
        name: float(str(given.get(name, index.build_params.get(name, usual)))) for name, usual in DEFAULTS.items()
    }
    average = max(length / rows, 1.0) if rows else 1.0
    rarities: dict[int, float] = {}
    return as_objects([_weighted(query, terms, rows, rarities) for query in queries]), {**params, AVERAGE: average}


# -- private ---------------------------------------------------------------------------------------------------


def _weighted(query: bytes, terms: Sequence[TermRows], rows: int, rarities: dict[int, float]) -> bytes:
    elements = np.frombuffer(query, SPARSE_ELEMENT).copy()
    for place, term in enumerate(elements["index"].tolist()):
        if term not in rarities:
            having = sum(one.having(term) for one in terms)
            rarities[term] = math.log(1 + (rows - having + 0.5) / (having + 0.5))
        elements["value"][place] *= np.float32(rarities[term])
    return elements.tobytes()


_UNBOUND = ("TAAT_NAIVE", "SINDI")
"""The algorithms that keep no score of an index's own k1 and b."""
