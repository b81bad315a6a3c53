"""Pages of a search: the hits beyond a distance, a few at a time, as iterators ask for them.

Source: CachedSearchIterator of Milvus 3.0's segcore, which drops what is not strictly farther than the last hit of the
page before; so of hits at the same distance on both sides of a page's end the later ones are never shown, as in Milvus.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fakemilvus.engine.metrics import BITS, METRICS, NUMBERS
from fakemilvus.engine.search import Hits, SearchRequest, search
from fakemilvus.engine.snapshot import Snapshot

GROWTH = 4  # how many times more hits are asked for while a page is not full


def search_page(snapshot: Snapshot, request: SearchRequest, size: int, last_bound: np.float32 | None) -> Hits:
    """The ``size`` nearest hits of each query that are farther than ``last_bound``.

    They are found by comparing: a distance that an index works out otherwise would show a hit twice, or never.
    """
    if request.metric in (*NUMBERS, *BITS):
        request = replace(request, index=None)
    if last_bound is None:
        return search(snapshot, replace(request, limit=size, offset=0))
    metric = METRICS[request.metric]
    begun = metric.worth(np.array([last_bound], np.float32))[0]
    total = request.most_hits(snapshot)
    asked = GROWTH * size
    while True:
        hits = search(snapshot, replace(request, limit=asked, offset=0))
        queries = np.repeat(np.arange(len(hits.counts)), hits.counts)
        beyond = np.flatnonzero(metric.worth(hits.distances) > begun)
        counts = np.bincount(queries[beyond], minlength=len(hits.counts))
        if asked >= total or bool(((counts >= size) | (hits.counts < asked)).all()):
            break
        asked *= GROWTH
    places = np.arange(len(beyond)) - np.repeat(np.cumsum(counts) - counts, counts)
    return hits.taken(beyond[places < size], np.minimum(counts, size))
