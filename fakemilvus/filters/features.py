"""The functions that are words of Milvus' grammar."""

from __future__ import annotations

CALLS = frozenset(
    (
        "json_contains",
        "json_contains_all",
        "json_contains_any",
        "array_contains",
        "array_contains_all",
        "array_contains_any",
        "array_length",
        "text_match",
        "text_match_fuzzy",
        "phrase_match",
        "random_sample",
        "element_filter",
        "match_all",
        "match_any",
        "match_least",
        "match_most",
        "match_exact",
        "st_equals",
        "st_touches",
        "st_overlaps",
        "st_crosses",
        "st_contains",
        "st_intersects",
        "st_within",
        "st_dwithin",
        "st_isvalid",
    )
)
"""Functions that are tokens of their own in Milvus' grammar, all lower or all upper case."""
