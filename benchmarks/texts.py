"""Texts of 50 words: how fast a BM25 makes rows of them, and how fast they are searched and matched.

`python -m benchmarks.texts ROWS` prints the figures as JSON; compare.py runs it in a fresh process. The figures are of
fakemilvus alone, without the wire.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import numpy as np

from benchmarks.session import median, note, timed
from benchmarks.table import Row, milliseconds, per_second

WORDS, DIFFERENT, ASKED, QUERIES = 50, 30_000, 5, 100

ROWS: list[Row] = [
    Row("bm25_rows", "full text: rows made of texts of 50 words", per_second, "20,000", more_is_better=True),
    Row("bm25_search", "full text: search of 5 words over 100,000 texts, p50", milliseconds, "5 ms"),
    Row("text_match", "text_match of 5 words over 100,000 texts, p50", milliseconds, "5 ms"),
    Row("phrase_match", "phrase_match of 3 words over 100,000 texts, p50", milliseconds, "5 ms"),
]


def run(rows: int) -> dict[str, float]:
    """The figures, measured in a process of their own."""
    command = [sys.executable, "-m", "benchmarks.texts", str(rows)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def main() -> None:
    from fakemilvus.datatypes import TEXT_DTYPE, Column, DataType
    from fakemilvus.engine.analysis import find_analyzer
    from fakemilvus.engine.bm25 import rows_of
    from fakemilvus.engine.schema import Field
    from fakemilvus.engine.text_index import TextForms

    rows = int(sys.argv[1])
    note("  full text")
    texts, asked = make_texts(rows)
    figures = {"bm25_rows": rows / timed(lambda: rows_of(find_analyzer(""), texts))}
    figures["bm25_search"] = _search_s(rows_of(find_analyzer(""), texts), rows_of(find_analyzer(""), asked))
    column = Column(DataType.VARCHAR, np.array(texts, TEXT_DTYPE))
    index = TextForms().index(Field("text", DataType.VARCHAR, id=1), column)
    figures["text_match"] = median([timed(lambda text=text: index.matching(text)) for text in asked])  # type: ignore[misc]
    phrases = [" ".join(text.split()[:3]) for text in asked]
    figures["phrase_match"] = median([timed(lambda text=text: index.with_phrase(text, 1)) for text in phrases])  # type: ignore[misc]
    print(json.dumps(figures))


def make_texts(rows: int) -> tuple[list[str], list[str]]:
    """So many texts, the same each time, and what is asked of them."""
    drawn = np.random.default_rng(7)
    words = np.array(["".join(letters) for letters in drawn.choice(list("abcdefghijklmnop"), (DIFFERENT, 6))])
    texts = [" ".join(words[row]) for row in _common(drawn, (rows, WORDS))]
    return texts, [" ".join(words[row]) for row in _common(drawn, (QUERIES, ASKED))]


def _common(drawn: np.random.Generator, shape: tuple[int, int]) -> Any:
    """Numbers of words, of which few are common and most are rare, as in any language."""
    return np.minimum(drawn.zipf(1.3, shape), DIFFERENT) - 1


def _search_s(rows: Any, queries: Any) -> float:
    from fakemilvus.engine.term_rows import AVERAGE, K1, B, TermRows

    terms = TermRows().followed_by(rows)
    params = {K1: 1.2, B: 0.75, AVERAGE: float(WORDS)}
    return median(
        [
            timed(lambda number=number: terms.search(queries[number : number + 1], 10, params, None))
            for number in range(QUERIES)
        ]  # type: ignore[misc]
    )


if __name__ == "__main__":
    main()
