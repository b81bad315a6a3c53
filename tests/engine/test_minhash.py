"""MinHash signatures: bands, hits, similarities, and the index over them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fakemilvus.engine import knowhere
from fakemilvus.engine.families import BuiltIndex
from fakemilvus.engine.kinds import KINDS
from fakemilvus.engine.metrics import METRICS
from fakemilvus.engine.minhash import Signatures

ROWS, VALUES, BYTES = 300, 12, 4


def _signatures(seed: int = 0) -> Any:
    """Rows of values of which few are possible, so that some are equal."""
    values = np.random.default_rng(seed).integers(0, 4, (ROWS, VALUES), dtype=np.uint32)
    return values.view(np.uint8)


def _params(**given: Any) -> Any:
    return knowhere.load(KINDS["MINHASH_LSH"].build_params, {"mh_element_bit_width": 8 * BYTES, **given})


def _build(vectors: Any, **given: Any) -> BuiltIndex:
    make = KINDS["MINHASH_LSH"].make
    assert make is not None
    builder = make(vectors, METRICS["MHJACCARD"], _params(**given), 0)
    assert builder.train_steps == 0
    for start in range(0, ROWS, 70):
        builder.add(start, min(ROWS, start + 70))
    built: BuiltIndex = builder.finished()
    return built


def _hit(vectors: Any, query: Any, bands: int) -> set[int]:
    """The rows of which a whole band equals the query's, by plain Python."""
    width = VALUES // bands
    rows, wanted = vectors.view(np.uint32).tolist(), query.view(np.uint32).tolist()
    cuts = [slice(band * width, (band + 1) * width) for band in range(bands)]
    return {number for number, row in enumerate(rows) if any(row[cut] == wanted[cut] for cut in cuts)}


@pytest.mark.parametrize("bands", [3, 4, 5, 12])
def test_rows_with_an_equal_band_are_found(bands: int) -> None:
    """The index finds exactly the rows that share a band with the query; values that fill no band do not count."""
    vectors, queries = _signatures(), _signatures(1)[:5]
    distances, rows = _build(vectors, mh_lsh_band=bands).search(queries, ROWS, {}, None)
    for query, found, given in zip(queries, rows, distances, strict=True):
        hits = found[found >= 0]
        assert len(set(hits)) == len(hits)
        assert set(hits.tolist()) == _hit(vectors, query, bands)
        assert (given[: len(hits)] == 1).all()


@pytest.mark.parametrize("allowed", [None, np.arange(ROWS) % 2 == 1], ids=["all", "some"])
def test_rows_without_an_index_are_hit_alike(allowed: Any) -> None:
    """Comparing every band finds the rows that the index finds, under a mask too."""
    vectors, queries = _signatures(), _signatures(1)[:5]
    by_index = _build(vectors, mh_lsh_band=4).search(queries, ROWS, {}, allowed)[1]
    compared = Signatures(vectors, _params(mh_lsh_band=4)).search(queries, ROWS, {}, allowed)[1]
    assert [set(one.tolist()) for one in by_index] == [set(one.tolist()) for one in compared]


def test_hits_are_ranked_by_their_similarity() -> None:
    """With mh_search_with_jaccard the distance is the part of equal values, the largest first."""
    vectors, queries = _signatures(), _signatures(1)[:5]
    built = _build(vectors, mh_lsh_band=4, with_raw_data=True)
    asked = {"mh_search_with_jaccard": True, "refine_k": ROWS}
    distances, rows = built.search(queries, 5, asked, None)
    for query, found, given in zip(queries, rows, distances, strict=True):
        equal = (vectors.view(np.uint32) == query.view(np.uint32)).mean(axis=1)
        hits = sorted(_hit(vectors, query, 4), key=lambda row: -equal[row])[:5]
        assert given[found >= 0] == pytest.approx(equal[hits], abs=1e-6)


def test_refine_k_widens_what_is_ranked() -> None:
    """More candidates ranked again find more similar rows."""
    vectors, queries = _signatures(), _signatures(1)[:40]
    built = _build(vectors, mh_lsh_band=6, with_raw_data=True)
    few, many = (
        built.search(queries, 3, {"mh_search_with_jaccard": True, "refine_k": refine_k}, None)[0].sum()
        for refine_k in (3, 100)
    )
    assert many > few


def test_every_row_finds_itself() -> None:
    """A signature's own bands are equal, however many there are; more bands than values are as many as values."""
    vectors = _signatures()
    for bands in (0, 1, 100):
        rows = _build(vectors, mh_lsh_band=bands).search(vectors[:20], ROWS, {}, None)[1]
        assert all(number in found for number, found in enumerate(rows))
