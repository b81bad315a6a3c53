"""TextEmbedding: vectors that a model makes of texts, at insert and in searches.

A real Milvus asks the service of the function's provider. Here ``embed`` of the options stands for every service: a
callable that takes a list of texts and the dim of the field, and returns an array of shape (texts, dim); or "hash",
the vectors of this file, which need no model. Batches are as large as those of the provider that the function names.
Source: text_embedding_function.go and function_executor.go of internal/util/function/embedding, Milvus 3.0.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.datatypes import Column, DataType, type_name
from fakemilvus.engine.go_values import parse_bool
from fakemilvus.engine.schema import Field, Function, Pairs, Schema

TEXT_EMBEDDING = "TextEmbedding"
OUTPUTS_ALLOWED = "collection.function.allowInsertNonBM25FunctionOutputs"
Embed = Callable[[list[str], int], Any] | str | None
Vectors = NDArray[Any]


def check_provider(function: Function) -> None:
    """Raises for a function that names no service, or one that Milvus does not know."""
    provider = _provider(function)
    if provider is None:
        raise errors.EmbeddingProviderMissing
    if provider not in _BATCHES:
        raise errors.EmbeddingProviderUnknown(provider=provider, known=", ".join(_BATCHES))


def with_embedded(
    schema: Schema,
    columns: Mapping[int, Column],
    rows: int,
    embed: Embed,
    properties: Pairs = (),
    *,
    partial: bool = False,
) -> Mapping[int, Column]:
    """The columns as they were sent, and what the model makes of their texts.

    Vectors may be sent where a property of the collection says so, and are then kept; of a ``partial`` update that
    brings no texts nothing is made.
    """
    allowed = bool(parse_bool(dict(properties).get(OUTPUTS_ALLOWED, "false")))
    made: dict[int, Column] = {}
    for function in (one for one in schema.functions if one.type == TEXT_EMBEDDING):
        text, output = schema.by_name[function.inputs[0]], schema.by_name[function.outputs[0]]
        if output.id in columns:
            if not allowed:
                raise errors.FunctionOutputGiven
        elif text.id in columns or not partial:
            made[output.id] = Column(output.type, _embed_rows(function, output, columns.get(text.id), rows, embed))
    return {**columns, **made} if made else columns


def find_embedding(schema: Schema, field: Field) -> Function | None:
    """The function whose model makes a field, if one does."""
    return next((f for f in schema.functions if f.type == TEXT_EMBEDDING and field.name in f.outputs), None)


def embed_queries(function: Function, field: Field, texts: Sequence[str], embed: Embed) -> Vectors:
    """The vectors of a search's texts, shape (texts, dim)."""
    if embed is None:
        raise errors.Unimplemented(f"texts for the function {function.type} (function {function.name})")
    most = _most(function)
    if len(texts) > most:
        raise errors.EmbeddingTooManyQueries(nq=len(texts), function=function.name, limit=most)
    if "" in texts:
        raise errors.EmbeddingEmptyQuery
    return _vectors(field, list(texts), embed)


def embed_by_hash(texts: Sequence[str], dim: int) -> NDArray[np.float32]:
    """A unit vector for each text, always the same: the sum of a random vector for each of its words.

    Texts that share words are near one another; what words mean it does not know. Shape (texts, dim).
    """
    made = np.stack([np.sum([_word_vector(word, dim) for word in _words(text)], axis=0) for text in texts])
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)


# -- private ---------------------------------------------------------------------------------------------------


def _provider(function: Function) -> str | None:
    found = (value.lower() for key, value in function.params if key.lower() == "provider")
    return next(found, None)


def _most(function: Function) -> int:
    """How many texts one request may have: some batches of the provider's."""
    return _BATCHES[_provider(function) or ""] * _BATCH_FACTOR


def _embed_rows(function: Function, output: Field, column: Column | None, rows: int, embed: Embed) -> Vectors:
    if embed is None:
        raise errors.Unimplemented(f"rows for the function {function.type} (function {function.name})")
    most = _most(function)
    if rows > most:
        raise errors.EmbeddingTooManyRows(rows=rows, function=function.name, limit=most)
    if column is None:
        raise errors.EmbeddingFailed(problem="input field not found: invalid parameter")
    texts: list[str] = column.values.tolist()
    if "" in texts:
        raise errors.EmbeddingFailed(
            problem="there is an empty string in the input data, TextEmbedding function does not support empty text"
            ": invalid parameter"
        )
    return _vectors(output, texts, embed)


def _vectors(field: Field, texts: list[str], embed: Embed) -> Vectors:
    """What the model makes of some texts, as values of the field; raises where that does not fit."""
    assert embed is not None, "a model was asked for"
    model = embed_by_hash if isinstance(embed, str) else embed
    try:
        made = np.asarray(model(texts, field.dim))
    except Exception as problem:  # a test's own model may raise anything, and its client shall see it
        raise errors.EmbeddingFailed(problem=f"{type(problem).__name__}: {problem}") from problem
    if made.ndim != 2 or len(made) != len(texts) or made.dtype.kind not in "fiu":
        raise errors.EmbeddingFailed(problem=f"the model made {made.dtype} of shape {made.shape} of {len(texts)} texts")
    if made.shape[1] != field.dim:
        raise errors.EmbeddingDim(dim=field.dim, made=made.shape[1])
    if field.type is DataType.INT8_VECTOR:
        if isinstance(embed, str):
            return np.round(made * _INT8_MAX).astype(np.int8)
        if made.dtype != np.int8:
            raise errors.EmbeddingType(made="FloatVector", type=type_name(field.type))
    return made.astype(np.int8 if field.type is DataType.INT8_VECTOR else np.float32)


@lru_cache(maxsize=1 << 14)
def _word_vector(word: str, dim: int) -> NDArray[np.float32]:
    return np.random.default_rng(zlib.crc32(word.encode())).standard_normal(dim, np.float32)


def _words(text: str) -> list[str]:
    """The words of a text; of one without any, the text itself."""
    return _WORD.findall(text.lower()) or [text]


_WORD = re.compile(r"\w+")
_INT8_MAX = 127
_BATCH_FACTOR = 5
_BATCHES = {
    "openai": 128,
    "azure_openai": 128,
    "dashscope": 25,
    "bedrock": 1,
    "vertexai": 128,
    "voyageai": 128,
    "cohere": 96,
    "siliconflow": 32,
    "tei": 32,
    "yc": 128,
    "zilliz": 64,
    "gemini": 32,
    "huggingface": 128,
}
"""The services that Milvus knows, each with the texts of one call."""
