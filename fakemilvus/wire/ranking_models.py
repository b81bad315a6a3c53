"""What Milvus refuses of a function that has a model rank the hits; the model itself is not asked: that is not built.

Source: rerank_builder.go, rerank_model_expr.go and the providers beside model_function.go of Milvus 3.0.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import urlsplit

from fakemilvus import errors
from fakemilvus.datatypes import DataType, type_name
from fakemilvus.engine.go_values import parse_bool
from fakemilvus.engine.schema import Schema

Params = Mapping[str, str]


def refuse_model(params: Params, inputs: tuple[str, ...], vectors: int, schema: Schema) -> NoReturn:
    """Raises what is wrong with the function, in Milvus' order, and Unimplemented where nothing is.

    There is a query for each of the ``vectors`` of the search.
    """
    _check_input(inputs, schema)
    queries = _decode_queries(params)
    if "provider" not in params:
        raise errors.ModelProviderMissing
    asked = params["provider"]
    provider = _PROVIDERS.get(asked.lower())
    if provider is None:
        raise errors.ModelProviderUnknown(provider=asked)
    provider.check(params)
    if len(queries) != vectors:
        raise errors.ModelQueryCount(queries=len(queries), vectors=vectors)
    if provider.hosted:
        _check_endpoint(params.get("endpoint", ""))
    raise errors.Unimplemented(f"ranking by a model of the provider {asked.lower()}")


# -- private ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Provider:
    """Who runs a model: on a host of the user's, or as a service that wants a key and a model's name."""

    name: str
    hosted: bool = False
    key: str = ""
    named: bool = False
    numbers: tuple[str, ...] = ()

    def check(self, params: Params) -> None:
        """Raises what Milvus refuses when it makes the provider's client."""
        if self.key and not os.environ.get(self.key) and not {"credential", "integration_id"} & params.keys():
            kind = "conifg" if self.name == "siliconflow" else "config"
            raise errors.ModelKeyMissing(config=kind, key=self.key)
        _check_batch(params)
        for name in self.numbers:
            if name in params and not _is_number(params[name]):
                raise errors.ModelParamNotNumber(name=name, value=params[name])
        if self.name == "voyageai" and parse_bool(params.get("truncation", "true")) is None:
            raise errors.ModelTruncation(value=params["truncation"])
        if self.hosted:
            _check_truncation(self.name, params)
        if self.named and not params.get("model_name"):
            raise errors.ModelNameMissing(provider=self.name)


def _check_input(inputs: tuple[str, ...], schema: Schema) -> None:
    if len(inputs) != 1:
        raise errors.ModelInputs(count=len(inputs))
    field = next((field for field in schema.fields if field.name == inputs[0]), None)
    if field is None:
        raise errors.DecayFieldNotFound(field=inputs[0])
    if field.type is not DataType.VARCHAR:
        raise errors.ModelFieldType(field=field.name, type=type_name(field.type))


def _decode_queries(params: Params) -> list[Any]:
    if "queries" not in params:
        raise errors.ModelQueriesMissing
    problem, queries = _read_texts(params["queries"])
    if problem:
        raise errors.ModelQueriesUnreadable(problem=problem)
    if not queries:
        raise errors.ModelQueriesEmpty
    return queries


def _read_texts(text: str) -> tuple[str, list[Any]]:
    """What Go says of a JSON that is no list of texts, and the list."""
    try:
        read = json.loads(text)
    except ValueError:
        first = text.strip()[:1]
        if not first:
            return "unexpected end of JSON input", []
        return f"invalid character '{first}' looking for beginning of value", []
    if read is not None and not isinstance(read, list):
        return f"json: cannot unmarshal {_KINDS[type(read)]} into Go value of type []string", []
    wrong = next((one for one in read or () if one is not None and not isinstance(one, str)), None)
    if wrong is not None:
        return f"json: cannot unmarshal {_KINDS[type(wrong)]} into Go value of type string", []
    return "", read or []


def _check_batch(params: Params) -> None:
    text = params.get("max_client_batch_size", "1")
    if not _is_number(text):
        raise errors.ModelParamNotNumber(name="max_client_batch_size", value=text)
    if int(text) <= 0:
        raise errors.ModelBatchNotPositive(value=text)


def _check_truncation(provider: str, params: Params) -> None:
    if provider == "vllm":
        text = params.get("truncate_prompt_tokens", "0")
        if not _is_number(text):
            raise errors.ModelTokens(value=text)
        if not params.get("endpoint"):
            raise errors.ModelEndpointMissing
        return
    text = params.get("truncate", "true")
    if parse_bool(text) is None:
        raise errors.ModelTruncate(value=text)
    side = params.get("truncation_direction", "Left")
    if side not in ("Left", "Right"):
        raise errors.ModelTruncationSide(value=side)


def _check_endpoint(endpoint: str) -> None:
    """Milvus looks at it when it asks the model, after the search."""
    try:
        parts = urlsplit(endpoint)
    except ValueError:
        raise errors.ModelEndpoint(endpoint=endpoint) from None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise errors.ModelEndpoint(endpoint=endpoint)


def _is_number(text: str) -> bool:
    digits = text[1:] if text[:1] in ("+", "-") else text
    return digits.isascii() and digits.isdecimal()


_PROVIDERS = {
    provider.name: provider
    for provider in (
        _Provider("vllm", hosted=True),
        _Provider("tei", hosted=True),
        _Provider("siliconflow", False, "MILVUS_SILICONFLOW_API_KEY", True, ("max_chunks_per_doc", "overlap_tokens")),
        _Provider("cohere", key="MILVUS_COHERE_API_KEY", named=True, numbers=("max_tokens_per_doc",)),
        _Provider("voyageai", key="MILVUS_VOYAGEAI_API_KEY", named=True),
        _Provider("huggingface", key="MILVUS_HUGGINGFACE_API_KEY", named=True),
        _Provider("ali", named=True),
        _Provider("zilliz"),
    )
}

_KINDS = {dict: "object", list: "array", str: "string", int: "number", float: "number", bool: "bool"}
"""Go's words for what a JSON holds."""
