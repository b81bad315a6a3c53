"""The parts of Milvus' grammar that are known but not built: each is refused by its name, never as a syntax error."""

from __future__ import annotations

from fakemilvus import errors

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


def refuse_call(name: str) -> errors.Unimplemented:
    """The refusal of a function, built in or not: Milvus accepts any name and knows it only when it runs."""
    return errors.Unimplemented(f"the filter function {name.lower()}")


def refuse(token: str) -> errors.Unimplemented:
    """The refusal of a token that starts or continues something that is not built."""
    return errors.Unimplemented(NOT_BUILT[token])


NOT_BUILT: dict[str, str] = {
    "{": "filter templates",
    "=~": "the filter operator =~ (regular expressions)",
    "!~": "the filter operator !~ (regular expressions)",
    "&": "the filter operator & (bits)",
    "|": "the filter operator | (bits)",
    "^": "the filter operator ^ (bits)",
}
