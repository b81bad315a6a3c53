"""The knobs of a server."""

from __future__ import annotations

import pytest

from fakemilvus.engine.options import MAX_SEED, Options


def test_defaults_are_milvus():
    """The defaults are Milvus': rows are sealed by a flush, segments under 1,024 rows count at once."""
    options = Options()
    assert (options.seal, options.min_index_rows, options.segment_rows) == ("flush", 1_024, 1_000_000)


@pytest.mark.parametrize(
    "knobs",
    [
        {"seal": "never"},
        {"progress": "bytes"},
        {"default_index_names": "x"},
        {"segment_rows": 0},
        {"min_index_rows": 0},
        {"build_threads": 0},
        {"query_nodes": 0},
        {"embed": "words"},
        {"seed": -1},
        {"seed": MAX_SEED + 1},
    ],
)
def test_refuses_what_makes_no_sense(knobs):
    """A knob outside its range is refused by name."""
    with pytest.raises(ValueError, match=next(iter(knobs))):
        Options(**knobs)
