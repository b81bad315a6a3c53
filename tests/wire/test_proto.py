"""proto/ agrees with itself and with what stock clients speak."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import descriptor_pb2

from fakemilvus.wire import messages

ROOT = Path(__file__).parent.parent.parent
BINPB = ROOT / "fakemilvus" / "wire" / "milvus.binpb"


def test_compiled_set_is_current(tmp_path: Path) -> None:
    """The committed descriptor set is what proto/ compiles to."""
    target = tmp_path / "milvus.binpb"
    code = f"import sys; sys.path.insert(0, 'proto'); import compile; compile.compile_to(compile.Path({str(target)!r}))"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
    compiled, committed = (descriptor_pb2.FileDescriptorSet.FromString(p.read_bytes()) for p in (target, BINPB))
    assert compiled == committed


def _ours() -> list[Any]:
    packed = descriptor_pb2.FileDescriptorSet.FromString(BINPB.read_bytes())
    return [messages.POOL.FindFileByName(file.name) for file in packed.file if file.package.startswith("milvus.")]


def _upstream(full_name: str) -> Any:
    from pymilvus.grpc_gen import common_pb2, milvus_pb2, schema_pb2

    for module in (common_pb2, schema_pb2, milvus_pb2):
        package = module.DESCRIPTOR.package
        if full_name.startswith(package + "."):
            return getattr(module, full_name[len(package) + 1 :]).DESCRIPTOR
    raise AssertionError(full_name)


MESSAGES = [message for file in _ours() for message in file.message_types_by_name.values()]
ENUMS = [enum for file in _ours() for enum in file.enum_types_by_name.values()]


def _facts(message: Any) -> dict[str, tuple[Any, ...]]:
    """What the wire depends on, of each field by name."""
    declared = descriptor_pb2.DescriptorProto()
    message.CopyToProto(declared)
    oneofs = [oneof.name for oneof in declared.oneof_decl]
    return {
        field.name: (
            field.number,
            field.type,
            field.label,
            field.type_name,
            oneofs[field.oneof_index] if field.HasField("oneof_index") else "",
        )
        for field in declared.field
    }


@pytest.mark.parametrize("ours", MESSAGES, ids=lambda message: message.name)
def test_message_is_the_clients(ours: Any) -> None:
    """Every field that we declare has the client's name, number, type, cardinality and oneof."""
    theirs = _facts(_upstream(ours.full_name))
    for name, facts in _facts(ours).items():
        assert facts == theirs[name], name


@pytest.mark.parametrize("ours", ENUMS, ids=lambda enum: enum.name)
def test_enum_is_the_clients(ours: Any) -> None:
    """Every enum value that we declare has the client's number."""
    from pymilvus.grpc_gen import common_pb2, milvus_pb2, schema_pb2

    home = {"common": common_pb2, "schema": schema_pb2, "milvus": milvus_pb2}[ours.full_name.split(".")[2]]
    theirs = getattr(home, ours.name)
    for value in ours.values:
        assert theirs.Value(value.name) == value.number


def test_methods_are_the_clients() -> None:
    """Every rpc has the client's request and response types."""
    from pymilvus.grpc_gen import milvus_pb2

    theirs = milvus_pb2.DESCRIPTOR.services_by_name["MilvusService"].methods_by_name
    for name, method in messages.methods().items():
        assert method.input_type.full_name == theirs[name].input_type.full_name
        assert method.output_type.full_name == theirs[name].output_type.full_name
