"""MinHash: what the function makes of texts.

A text is cut into tokens, or into the bytes that it is written with; each run of ``shingle_size`` of them is hashed,
and of each of ``num_hashes`` permutations of the hashes the least is kept: 32 bits of a binary vector. A text of
fewer tokens is one run, and one without tokens has the greatest values. Source: minhash_function.go and
MinHashComputer.cpp, Milvus 3.0.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, starmap

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.datatypes import DataType
from fakemilvus.engine.go_values import parse_int
from fakemilvus.engine.schema import Field, Function, Schema

MINHASH = "MinHash"
HASH_BITS = 32
Signatures = NDArray[np.uint8]
Hashes = NDArray[np.uint64]


def check_minhash(schema: Schema, function: Function) -> None:
    """Raises Milvus' complaint about the parameters, or the dim, of a function whose fields were checked."""
    fields = {field.name: field for field in schema.fields}
    text, output = fields[function.inputs[0]], fields[function.outputs[0]]
    if text.type is not DataType.VARCHAR:
        raise errors.MinHashInput(field=text.name, type="Text")
    given = _read(function)
    for name in ("num_hashes", "shingle_size", "seed"):
        _check_number(name, given.get(name))
    if given.get("hash_function", "xxhash").lower() not in _HASHERS:
        raise errors.MinHashHasherUnknown(value=given["hash_function"])
    if given.get("token_level", "word").lower() not in _LEVELS:
        raise errors.MinHashLevelUnknown(value=given["token_level"])
    _check_dim(output, int(given.get("num_hashes", "0")))


def find_signer(schema: Schema, function: Function) -> Signer:
    """What makes the rows of a function that was checked."""
    text, output = schema.by_name[function.inputs[0]], schema.by_name[function.outputs[0]]
    given = _read(function)
    return Signer(
        count=int(given.get("num_hashes", "0")) or output.dim // HASH_BITS,
        size=int(given.get("shingle_size", "3")),
        seed=int(given.get("seed", "1234")),
        hasher=given.get("hash_function", "xxhash").lower(),
        words=_LEVELS[given.get("token_level", "word").lower()],
        analyzer=dict(text.type_params).get("analyzer_params", ""),
    )


@dataclass(frozen=True, slots=True)
class Signer:
    """Makes signatures; ``words`` says that texts are cut by the analyzer, not into bytes."""

    count: int
    size: int
    seed: int
    hasher: str
    words: bool
    analyzer: str = ""

    def sign(self, texts: Sequence[str]) -> Signatures:
        """The signature of each text, shape (rows, 4 * count)."""
        shingles, counts = self._cut(texts)
        hashes = _HASHERS[self.hasher](shingles)
        values = np.full((len(texts), self.count), _GREATEST, "<u4")
        used = np.flatnonzero(counts)
        starts = np.cumsum(counts[used]) - counts[used]
        for first, last in _shares(starts, len(hashes)):
            share = used[first:last]
            stop = int(starts[last]) if last < len(starts) else len(hashes)
            values[share] = self._least(hashes[starts[first] : stop], starts[first:last] - starts[first])
        return values.view(np.uint8)

    def _cut(self, texts: Sequence[str]) -> tuple[list[bytes], NDArray[np.int64]]:
        """The shingles of all texts, and how many each has."""
        if not self.words:
            written = [text.encode() for text in texts]
            whole = b"".join(written)
            sizes = np.fromiter(map(len, written), np.int64, len(written))
            starts, stops, counts = _windows(sizes, self.size)
            return [whole[start:stop] for start, stop in zip(starts, stops, strict=True)], counts
        from fakemilvus.engine.analysis import find_analyzer  # late: few schemas cut texts

        analyzer = find_analyzer(self.analyzer)
        found = analyzer.occurrences(texts)
        terms, places = np.unique(found.terms, return_inverse=True)
        names = [name.encode() for name in analyzer.names_of(terms.tolist())]
        tokens = [names[place] for place in places.tolist()]
        starts, stops, counts = _windows(np.bincount(found.rows, minlength=len(texts)), self.size)
        return [b"".join(tokens[start:stop]) for start, stop in zip(starts, stops, strict=True)], counts

    def _least(self, hashes: Hashes, starts: NDArray[np.int64]) -> NDArray[np.uint32]:
        """The least of each permutation among the hashes of each text, shape (texts, count)."""
        least = np.empty((len(starts), self.count), np.uint32)
        for number, (factor, shift) in enumerate(_permutations(self.count, self.seed)):
            permuted = hashes * factor + shift
            permuted = (permuted & _PRIME) + (permuted >> _PRIME_BITS)
            np.subtract(permuted, _PRIME, out=permuted, where=permuted >= _PRIME)
            least[:, number] = np.minimum.reduceat(permuted.astype(np.uint32), starts)
        return least


# -- private ---------------------------------------------------------------------------------------------------


def _read(function: Function) -> dict[str, str]:
    return {key.lower(): value for key, value in function.params}


def _check_number(name: str, value: str | None) -> None:
    if value is None:
        return
    number = parse_int(value)
    if number is None:
        raise errors.MinHashNumber(name=name, value=value)
    if number <= 0 and name != "seed":
        raise errors.MinHashNotPositive(name=name, value=number)


def _check_dim(output: Field, count: int) -> None:
    if count and output.dim != count * HASH_BITS:
        raise errors.MinHashDim(field=output.name, dim=output.dim, expected=count * HASH_BITS, count=count)
    if output.dim % HASH_BITS:
        raise errors.MinHashDimUneven(field=output.name, dim=output.dim)


def _windows(sizes: NDArray[np.int64], size: int) -> tuple[list[int], list[int], NDArray[np.int64]]:
    """Where each run of ``size`` tokens starts and stops; a text of fewer is one run."""
    counts = np.where(sizes, np.maximum(sizes - size + 1, 1), 0)
    ends = np.cumsum(sizes)
    within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    starts = np.repeat(ends - sizes, counts) + within
    return starts.tolist(), np.minimum(starts + size, np.repeat(ends, counts)).tolist(), counts


def _shares(starts: NDArray[np.int64], total: int) -> Iterator[tuple[int, int]]:
    """The texts in shares whose hashes stay in the processor's cache."""
    cuts = np.searchsorted(starts, np.arange(0, total, _SHARE)).tolist()
    yield from pairwise(dict.fromkeys([*cuts, len(starts)]))


def _xxhash(shingles: Sequence[bytes]) -> Hashes:
    try:
        import xxhash
    except ImportError:
        raise errors.Unimplemented(
            "hash_function xxhash of MinHash without the extra `text`: pip install 'fakemilvus[text]'"
        ) from None
    digests = map(xxhash.xxh3_64_intdigest, shingles)
    return np.fromiter(digests, np.uint64, len(shingles)) & np.uint64(0xFFFFFFFF)


def _sha1(shingles: Sequence[bytes]) -> Hashes:
    """The first four bytes, as a signed number: Milvus widens them with their sign."""
    digests = b"".join(hashlib.sha1(shingle, usedforsecurity=False).digest()[:4] for shingle in shingles)
    return np.frombuffer(digests, "<i4").astype(np.int64).view(np.uint64)


@lru_cache(maxsize=64)
def _permutations(count: int, seed: int) -> list[tuple[np.uint64, np.uint64]]:
    """A factor and a shift for each, from the 64-bit Mersenne twister."""
    draws = _twister(seed & _ALL)
    pairs = ((next(draws) % (int(_PRIME) - 1) + 1, next(draws) % int(_PRIME)) for _ in range(count))
    return list(starmap(lambda factor, shift: (np.uint64(factor), np.uint64(shift)), pairs))


def _twister(seed: int) -> Iterator[int]:
    """The numbers of mt19937_64, by its definition in the C++ standard."""
    state = [seed]
    for number in range(1, 312):
        state.append((6364136223846793005 * (state[-1] ^ state[-1] >> 62) + number) & _ALL)
    while True:
        for i in range(312):
            joined = state[i] & 0xFFFFFFFF80000000 | state[(i + 1) % 312] & 0x7FFFFFFF
            state[i] = state[(i + 156) % 312] ^ joined >> 1 ^ (0xB5026F5AA96619E9 if joined & 1 else 0)
        for drawn in state:
            drawn ^= drawn >> 29 & 0x5555555555555555
            drawn ^= drawn << 17 & 0x71D67FFFEDA60000
            drawn ^= drawn << 37 & 0xFFF7EEE000000000
            yield drawn ^ drawn >> 43


_ALL = (1 << 64) - 1
_PRIME_BITS = np.uint64(61)
_PRIME = np.uint64((1 << 61) - 1)
_GREATEST = (1 << HASH_BITS) - 1
_SHARE = 16_384
_LEVELS = {"word": True, "char": False, "character": False}
_HASHERS: dict[str, Callable[[Sequence[bytes]], Hashes]] = {"xxhash": _xxhash, "xxhash64": _xxhash, "sha1": _sha1}
