"""The paths of JSON indexes: the keys that lead to a value, and the JSON pointer that Milvus names an index by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

Path: TypeAlias = tuple[str, ...]


def path_of(pointer: str) -> Path:
    """The keys of a JSON pointer; none for the empty one, which is the whole document."""
    return tuple(key.replace("~1", "/").replace("~0", "~") for key in pointer.split("/")[1:])


def pointer_of(path: Iterable[str]) -> str:
    """The JSON pointer of some keys; empty for the whole document."""
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in path)
