"""MinHash of texts: its permutations, and signatures against the definition, text by text."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import xxhash

from fakemilvus.datatypes import TEXT_DTYPE, Column, DataType
from fakemilvus.engine.computing import completed, with_computed
from fakemilvus.engine.schema import Field, Function, Schema
from fakemilvus.engine.shingles import Signer, _twister

PRIME = 2**61 - 1
TEXTS = ["the quick brown fox jumps", "", "one two", "a b c", "ü ß öä x", "the quick brown fox sleeps", "   "]


def xx(shingle: bytes) -> int:
    return int(xxhash.xxh3_64_intdigest(shingle)) & 0xFFFFFFFF


def sha(shingle: bytes) -> int:
    return int.from_bytes(hashlib.sha1(shingle).digest()[:4], "little", signed=True) % 2**64


def words(text: str) -> list[bytes]:
    return [word.encode() for word in text.split()]


def letters(text: str) -> list[bytes]:
    return [bytes([byte]) for byte in text.encode()]


def least(tokens: list[bytes], size: int, count: int, seed: int, hasher: object) -> list[int]:
    """The definition, for one text."""
    draws = _twister(seed)
    pairs = [(next(draws) % (PRIME - 1) + 1, next(draws) % PRIME) for _ in range(count)]
    runs = [tokens[i : i + size] for i in range(max(1, len(tokens) - size + 1))] if tokens else []
    hashes = [hasher(b"".join(run)) for run in runs]  # type: ignore[operator]
    return [min(((a * h + b) % 2**64 % PRIME & 0xFFFFFFFF for h in hashes), default=2**32 - 1) for a, b in pairs]


def test_twister() -> None:
    """The ten thousandth number of the default seed is the one that the C++ standard names."""
    draws = _twister(5489)
    assert [next(draws) for _ in range(10_000)][-1] == 9981545732273789042


@pytest.mark.parametrize("cut", [words, letters])
@pytest.mark.parametrize(("name", "hasher"), [("xxhash", xx), ("xxhash64", xx), ("sha1", sha)])
@pytest.mark.parametrize("size", [1, 3])
def test_signatures(cut: object, name: str, hasher: object, size: int) -> None:
    """A signature has the least of each permutation of the hashes of the text's shingles, as little-endian numbers."""
    made = Signer(9, size, 77, name, cut is words).sign(TEXTS)
    assert made.shape == (len(TEXTS), 36)
    for text, row in zip(TEXTS, made.view("<u4").tolist(), strict=True):
        assert row == least(cut(text), size, 9, 77, hasher)  # type: ignore[operator]


def test_many_texts() -> None:
    """Texts that are signed together are signed as alone."""
    texts = [" ".join(f"w{(i * j) % 97}" for j in range(i % 60)) for i in range(1_500)]
    signer = Signer(4, 3, 1234, "xxhash", True)
    alone = np.concatenate([signer.sign([text]) for text in texts[:200]])
    assert (signer.sign(texts)[:200] == alone).all()
    assert signer.sign([]).shape == (0, 16)


def schema(*params: tuple[str, str]) -> Schema:
    text = Field("text", DataType.VARCHAR, nullable=True, type_params=(("max_length", "99"),))
    fields = (
        Field("id", DataType.INT64, is_primary=True),
        text,
        Field("hashes", DataType.BINARY_VECTOR, type_params=(("dim", "64"),)),
    )
    return Schema(fields, functions=(Function("f", "MinHash", ("text",), ("hashes",), params=params),)).with_ids()


def column(*texts: str, valid: list[bool] | None = None) -> Column:
    return Column(DataType.VARCHAR, np.array(texts, TEXT_DTYPE), None if valid is None else np.array(valid))


def test_computed() -> None:
    """A MinHash makes its field of the texts beside it; the dim says how many values, and a null is an empty text."""
    made = with_computed(schema(), {101: column("a b c", "a b c", valid=[True, False])})[102]
    assert made.values.view("<u4").tolist() == [least(words(t), 3, 2, 1234, xx) for t in ("a b c", "")]


def test_added_later() -> None:
    """Of rows that are there the field is computed once; what came since is added to what is kept."""
    kept: dict[int, np.ndarray] = {}
    keys = Column(DataType.INT64, np.arange(3))
    texts = column("a b c", "d", "e f")
    first = completed(schema(), {100: keys.take(slice(2)), 101: texts.take(slice(2))}, 2, kept)[102].values
    held = kept[102]
    again = completed(schema(), {100: keys, 101: texts}, 3, kept)[102].values
    assert (again[:2] == first).all()
    assert (kept[102][:2] == held).all()
    assert again.view("<u4").tolist()[2] == least(words("e f"), 3, 2, 1234, xx)
