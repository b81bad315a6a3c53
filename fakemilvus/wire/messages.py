"""Milvus' protobuf messages, from a descriptor pool of our own.

A client in the same process registers the same names in protobuf's default pool, where two versions of one file
cannot live side by side; so ours are loaded into a private pool from a compiled descriptor set that is package
data. ``milvus.CreateIndexRequest`` is a message class, ``common.IndexState.Finished`` an enum value; both are
made when first asked for.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

SERVICE = "milvus.proto.milvus.MilvusService"
UNREADABLE = (DecodeError, ValueError)
"""What reading a message from bytes raises; ValueError where text is no UTF-8."""


def _load() -> DescriptorPool:
    pool = DescriptorPool()
    encoded = files("fakemilvus.wire").joinpath("milvus.binpb").read_bytes()
    for file in descriptor_pb2.FileDescriptorSet.FromString(encoded).file:
        pool.Add(file)
    return pool


POOL = _load()


class _Package:
    """The messages and enums of one proto package, as attributes."""

    def __init__(self, package: str) -> None:
        self._package = package

    def __getattr__(self, name: str) -> Any:
        full_name = f"{self._package}.{name}"
        try:
            found: Any = GetMessageClass(POOL.FindMessageTypeByName(full_name))
        except KeyError:
            try:
                found = EnumTypeWrapper(POOL.FindEnumTypeByName(full_name))
            except KeyError:
                raise AttributeError(f"proto/ declares no {full_name}") from None
        setattr(self, name, found)
        return found


common = _Package("milvus.proto.common")
schema = _Package("milvus.proto.schema")
milvus = _Package("milvus.proto.milvus")
control = _Package("fakemilvus.control")


def methods() -> dict[str, MethodDescriptor]:
    """Every rpc that proto/ declares, by name."""
    service = POOL.FindServiceByName(SERVICE)
    return {method.name: method for method in service.methods}


def message_class(descriptor: Any) -> Any:
    """The class of a message descriptor of our pool."""
    return GetMessageClass(descriptor)
