"""The functions of a collection that is there: added, altered, dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fakemilvus import errors
from fakemilvus.engine.definition import Definition
from fakemilvus.engine.function_changes import with_added, with_altered, without_function
from fakemilvus.engine.instance import Instance
from fakemilvus.engine.schema import Function
from fakemilvus.engine.snapshot import Snapshot
from fakemilvus.wire.dispatch import Call
from fakemilvus.wire.schemas import decode_function


def add_collection_function(instance: Instance, call: Call) -> None:
    """Adds a function over fields that are there; rows that are there stay as they are."""
    function = _decode(call.request)
    _redefine(instance, call, lambda definition: with_added(definition, function))


def alter_collection_function(instance: Instance, call: Call) -> None:
    """Puts another function in the place of one with the same name."""
    function = _decode(call.request)
    _redefine(instance, call, lambda definition: with_altered(definition, call.request.function_name, function))


def drop_collection_function(instance: Instance, call: Call) -> None:
    """Forgets a function; the fields that it made stay."""
    _redefine(instance, call, lambda definition: without_function(definition, call.request.function_name))


# -- private ---------------------------------------------------------------------------------------------------


def _decode(request: Any) -> Function:
    if not request.HasField("functionSchema"):
        raise errors.FunctionSchemaMissing
    return decode_function(request.functionSchema)


def _redefine(instance: Instance, call: Call, changed: Callable[[Definition], Definition]) -> None:
    def change(definition: Definition, snapshot: Snapshot) -> Definition:
        return changed(definition)

    instance.look_up(call.database, call.request.collection_name).redefine(change)


RPCS = {
    "AddCollectionFunction": add_collection_function,
    "AlterCollectionFunction": alter_collection_function,
    "DropCollectionFunction": drop_collection_function,
}
