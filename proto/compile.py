"""Compiles proto/ into the descriptor set that the package carries: ``python proto/compile.py``.

The result is committed, so that installing needs no protoc; a test compiles again and compares.
"""

from __future__ import annotations

import importlib.resources
from pathlib import Path

HERE = Path(__file__).parent
TARGET = HERE.parent / "fakemilvus" / "wire" / "milvus.binpb"
FILES = ("common.proto", "schema.proto", "milvus.proto", "control.proto")


def compile_to(target: Path) -> None:
    """Writes the descriptor set of all files; raises RuntimeError when protoc refuses one."""
    from grpc_tools import protoc

    with importlib.resources.as_file(importlib.resources.files("grpc_tools") / "_proto") as well_known:
        status = protoc.main(["protoc", f"-I{HERE}", f"-I{well_known}", f"--descriptor_set_out={target}", *FILES])
    if status:
        raise RuntimeError(f"protoc ended with status {status}")


if __name__ == "__main__":
    compile_to(TARGET)
