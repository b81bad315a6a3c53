"""Every error a client can receive, with Milvus' codes and texts: the one place.

A class is one refusal. Its template is the whole text as Milvus composes it, the base text included, so that
searching for what a client printed lands here; raising it takes keyword facts, never a sentence. ``code`` is
Milvus' error code since 2.3, ``legacy`` the older ``error_code`` enum that SDKs still look at. Texts and codes
follow Milvus 3.0 (its merr package and the call sites); where 2.3.5 answers otherwise, the conformance case says so.

Everybody writes ``errors.CollectionNotFound``; in which file a class stands is nobody's concern. A start needs core
alone; the others are imported one after the other, when a name is asked for that those before it have not. To add an
error, add its class to the file that fits. Only a new file is named here, twice.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from fakemilvus.errors.core import *

FILES = (
    "schemas",
    "indexes",
    "rows",
    "filters",
    "filter_values",
    "collections",
    "partitions",
    "databases",
    "searches",
    "reads",
    "filter_functions",
    "changes",
    "function_changes",
    "functions",
    "analyzers",
    "groups",
    "rankers",
    "times",
    "nodes",
)
"""The files beside core; those first whose names are asked for early."""

if TYPE_CHECKING:
    from fakemilvus.errors.analyzers import *
    from fakemilvus.errors.changes import *
    from fakemilvus.errors.collections import *
    from fakemilvus.errors.databases import *
    from fakemilvus.errors.filter_functions import *
    from fakemilvus.errors.filter_values import *
    from fakemilvus.errors.filters import *
    from fakemilvus.errors.function_changes import *
    from fakemilvus.errors.functions import *
    from fakemilvus.errors.groups import *
    from fakemilvus.errors.indexes import *
    from fakemilvus.errors.nodes import *
    from fakemilvus.errors.partitions import *
    from fakemilvus.errors.rankers import *
    from fakemilvus.errors.reads import *
    from fakemilvus.errors.rows import *
    from fakemilvus.errors.schemas import *
    from fakemilvus.errors.searches import *
    from fakemilvus.errors.times import *
else:

    def __getattr__(name: str) -> Any:
        """A class of one of the files that are not imported yet."""
        for file in FILES if name[:1].isupper() else ():
            found = vars(import_module(f"{__name__}.{file}")).get(name)
            if found is not None:
                globals()[name] = found
                return found
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
