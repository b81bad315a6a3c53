"""Functions that a schema declares on its fields: what Milvus refuses in them.

A model that a TextEmbedding names is not asked for, while a real Milvus calls it once at creation.

Source: ValidateFunction of internal/util/function/validator, and embedding's checks, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fakemilvus import errors
from fakemilvus.datatypes import DataType, type_name
from fakemilvus.engine.computing import find_function
from fakemilvus.engine.embedding import TEXT_EMBEDDING, check_provider
from fakemilvus.engine.field_analyzers import TEXTS, enables_analyzer
from fakemilvus.engine.index_params import AUTOINDEX, INDEX_TYPE, METRIC_TYPE
from fakemilvus.engine.schema import Field, Function, Schema
from fakemilvus.engine.shingles import MINHASH, check_minhash

BM25 = "BM25"


def check_functions(schema: Schema) -> None:
    """Raises Milvus' complaint about the first function that has one."""
    fields = {field.name: field for field in schema.fields}
    names: set[str] = set()
    outputs: set[str] = set()
    for function in schema.functions:
        _check_basics(function)
        if function.name in names:
            raise errors.FunctionNameTwice(function=function.name)
        names.add(function.name)
        _check_inputs(function, _find(fields, function.inputs, "input"))
        for name in function.outputs:
            _check_output(function, fields, name, outputs)
        _check_outputs(function, [fields[name] for name in function.outputs])
    for function in schema.functions:
        if function.type == MINHASH:
            check_minhash(schema, function)
        if function.type == TEXT_EMBEDDING:
            check_provider(function)


def with_metric(schema: Schema, field: Field, given: dict[str, str]) -> dict[str, str]:
    """The parameters of an index with the metric that its field must have: BM25 where a BM25 makes it, nowhere else.

    AUTOINDEX stands for IP where no metric is named, which is wrong then, as in Milvus.
    """
    if find_function(schema, field, BM25) is None:
        if field.type is DataType.SPARSE_FLOAT_VECTOR and given.get(METRIC_TYPE) == BM25:
            raise errors.Bm25WithoutFunction()
        return given
    automatic = given.get(INDEX_TYPE, AUTOINDEX) == AUTOINDEX
    if automatic and given.keys() - {INDEX_TYPE, METRIC_TYPE}:
        return given  # refused for more than that
    metric = given.get(METRIC_TYPE, "IP" if automatic else BM25)
    if metric != BM25:
        raise errors.Bm25IndexMetric(metric=metric)
    return {**given, METRIC_TYPE: metric}


# -- private ---------------------------------------------------------------------------------------------------


def _check_basics(function: Function) -> None:
    if not function.name:
        raise errors.FunctionNameEmpty
    for kind, names in (("input", function.inputs), ("output", function.outputs)):
        if not names:
            raise errors.FunctionFieldsEmpty(kind=kind, function=function.name)
    for kind, names in (("input", function.inputs), ("output", function.outputs)):
        for name in names:
            if not name:
                raise errors.FunctionFieldNameEmpty(kind=kind, function=function.name)
            if kind == "output" and name in function.inputs:
                raise errors.FunctionFieldBoth(function=function.name, field=name)
            if names.count(name) > 1:
                raise errors.FunctionFieldTwice(kind=kind, function=function.name, field=name)
    if function.type not in _CHECKED:
        raise errors.FunctionTypeUnknown
    if function.type == BM25 and function.params:
        raise errors.Bm25Params
    if function.type == TEXT_EMBEDDING and not function.params:
        raise errors.TextEmbeddingParams


def _find(fields: Mapping[str, Field], names: Sequence[str], kind: str) -> list[Field]:
    missing = next((name for name in names if name not in fields), None)
    if missing is not None:
        raise errors.FunctionFieldNotFound(kind=kind, field=missing)
    return [fields[name] for name in names]


def _check_inputs(function: Function, inputs: list[Field]) -> None:
    first = inputs[0]
    wrong = len(inputs) != 1 or first.type not in TEXTS
    if function.type == TEXT_EMBEDDING:
        if wrong:
            raise errors.TextEmbeddingInput
        if first.nullable:
            raise errors.FunctionInputNullable(function=function.name, field=first.name)
        return
    if wrong:
        raise errors.FunctionInputType(kind=function.type, count=len(inputs), type=type_name(first.type))
    if function.type == BM25 and not enables_analyzer(first):
        raise errors.Bm25WithoutAnalyzer


def _check_output(function: Function, fields: Mapping[str, Field], name: str, seen: set[str]) -> None:
    (field,) = _find(fields, [name], "output")
    facts = {"function": function.name, "field": name}
    if field.is_primary:
        raise errors.FunctionOutputPrimary(**facts)
    if field.is_partition_key or field.is_clustering_key:
        raise errors.FunctionOutputKey(**facts)
    if field.nullable:
        raise errors.FunctionOutputNullable(**facts)
    if name in seen:
        raise errors.FunctionOutputTwice(**facts)
    seen.add(name)


def _check_outputs(function: Function, outputs: list[Field]) -> None:
    expected = _CHECKED[function.type]
    if function.type == TEXT_EMBEDDING:
        if len(outputs) != 1 or outputs[0].type not in expected:
            raise errors.TextEmbeddingOutput
        return
    if len(outputs) != 1:
        raise errors.FunctionOutputCount(kind=function.type, count=len(outputs))
    if outputs[0].type not in expected:
        raise errors.FunctionOutputType(
            kind=function.type, expected=type_name(expected[0]), type=type_name(outputs[0].type)
        )


_CHECKED = {
    BM25: (DataType.SPARSE_FLOAT_VECTOR,),
    TEXT_EMBEDDING: (DataType.FLOAT_VECTOR, DataType.INT8_VECTOR),
    MINHASH: (DataType.BINARY_VECTOR,),
}
"""The types that a schema may declare, each with the types of its output; a Rerank belongs in a search."""
