"""What Milvus refuses when functions of a collection are added, altered or dropped.

Source: the proxy's function_task.go, validateDropFunction of its task.go, and rootcoord's
ddl_callbacks_collection_function.go, Milvus 3.0. Adding needs a server with its storage format 3, which this one is
taken to be.
"""

from __future__ import annotations

from dataclasses import replace

from fakemilvus import errors
from fakemilvus.datatypes import DataType, type_name
from fakemilvus.engine.alterations import with_field, with_functions, without_field
from fakemilvus.engine.definition import Definition
from fakemilvus.engine.field_changes import count_vectors
from fakemilvus.engine.functions import check_functions
from fakemilvus.engine.index_params import AUTOINDEX
from fakemilvus.engine.schema import Field, Function, Pairs, Schema
from fakemilvus.engine.shingles import MINHASH

BM25 = "BM25"


def with_added(
    definition: Definition, function: Function, refusal: type[errors.MilvusError] = errors.Bm25NotAdded
) -> Definition:
    """The definition with one more function, over fields that are there."""
    if function.type == BM25:
        raise refusal
    check_text_input(definition.schema, function)
    return _checked(definition, (*definition.schema.functions, function))


def with_computed_field(definition: Definition, function: Function, field: Field, index: Pairs) -> Definition:
    """The definition with one more field and the function that makes it, of rows that are there too."""
    if function.type not in _MADE_OF_TEXT:
        raise errors.AddedFunctionKind
    if len(function.inputs) != 1 or len(function.outputs) != 1:
        raise errors.AddedFunctionFields(type=function.type)
    if function.outputs[0] != field.name:
        raise errors.AddedFunctionOutput(output=function.outputs[0], field=field.name)
    if not index:
        raise errors.AddedFunctionIndex(field=field.name, type=type_name(field.type))
    if dict(index).get("index_type", AUTOINDEX) in ("", AUTOINDEX):
        raise errors.AddedFunctionIndexType(field=field.name)
    added = with_field(definition, field)
    check_text_input(added.schema, function)
    return _checked(added, (*added.schema.functions, function))


def with_altered(definition: Definition, name: str, function: Function) -> Definition:
    """The definition with a function in the place of the one that has its name."""
    if function.type == BM25:
        raise errors.Bm25NotAltered
    if name != function.name:
        raise errors.AlteredFunctionName
    held = definition.schema.functions
    before = next((other for other in held if other.name == name), None)
    if before is None:
        raise errors.AlteredFunctionNotFound(function=name)
    if before.type == BM25:
        raise errors.Bm25NotAltered
    return _checked(definition, (*(other for other in held if other is not before), function))


def without_function(definition: Definition, name: str) -> Definition:
    """The definition without the function, whose fields stay; one that is not there is no complaint."""
    held = definition.schema.functions
    gone = next((function for function in held if function.name == name), None)
    if gone is None:
        return definition
    if gone.type == BM25:
        raise errors.Bm25NotDropped
    return with_functions(definition, (function for function in held if function is not gone))


def with_detached(definition: Definition, name: str, with_outputs: bool) -> Definition:
    """The definition without the function, and, if asked, without the fields that it made."""
    function = _find_dropped(definition.schema, name)
    if not with_outputs:
        if function.type == BM25:
            raise errors.Bm25DroppedAlone(function=name)
        return without_function(definition, name)
    _check_outputs_dropped(definition.schema, function)
    kept = tuple(other for other in definition.schema.functions if other is not function)
    definition = replace(definition, schema=replace(definition.schema, functions=kept))
    for output in function.outputs:
        definition = without_field(definition, output)
    return definition


def check_text_input(schema: Schema, function: Function) -> None:
    """What a function makes of TEXT cannot be made for rows that are there already."""
    types = {field.name: field.type for field in schema.fields}
    for name in function.inputs:
        if function.type in _MADE_OF_TEXT and types.get(name) is DataType.TEXT:
            raise errors.AddedFunctionOfText(type=function.type, field=name)


# -- private ---------------------------------------------------------------------------------------------------


def _checked(definition: Definition, functions: tuple[Function, ...]) -> Definition:
    check_functions(replace(definition.schema, functions=functions))
    return with_functions(definition, functions)


def _find_dropped(schema: Schema, name: str) -> Function:
    if not name:
        raise errors.DroppedFunctionEmpty
    for function in schema.functions:
        if function.name == name:
            return function
    raise errors.DroppedFunctionNotFound(function=name)


def _check_outputs_dropped(schema: Schema, function: Function) -> None:
    if function.type not in _MADE_OF_TEXT:
        raise errors.DroppedOutputsKind(function=function.name)
    outputs = [field for field in schema.fields if field.name in function.outputs]
    if count_vectors(outputs) >= count_vectors(schema.stored):
        raise errors.DroppedFunctionOfLastVector(function=function.name)


_MADE_OF_TEXT = (BM25, MINHASH)
