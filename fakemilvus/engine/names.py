"""What the name of a collection, an alias or a field may look like. Source: validateName of the proxy's util.go."""

from __future__ import annotations

import re

from fakemilvus import errors, limits

NAME_START = re.compile("[A-Za-z_]")
NAME = re.compile("[A-Za-z0-9_]*")


def check_name(name: str, kind: str) -> None:
    """The rules for the name of a collection (``kind`` "name") or an alias ("alias")."""
    if not name:
        raise errors.NameEmpty(kind=kind)
    if len(name.encode()) > limits.MAX_NAME_LENGTH:
        raise errors.NameTooLong(kind=kind, name=name, limit=limits.MAX_NAME_LENGTH)
    if not NAME_START.match(name):
        raise errors.NameStart(kind=kind, name=name)
    if not NAME.fullmatch(name):
        raise errors.NameCharacters(kind=kind, name=name)
