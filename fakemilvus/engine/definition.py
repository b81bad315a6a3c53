"""What CreateCollection fixes of a collection, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass

from fakemilvus.engine.go_values import parse_bool
from fakemilvus.engine.schema import Pairs, Schema


@dataclass(frozen=True, slots=True)
class Definition:
    """What CreateCollection fixes; two equal definitions are the same collection."""

    name: str
    schema: Schema
    shards: int = 1
    consistency_level: int = 2
    properties: Pairs = ()

    @property
    def allows_keys(self) -> bool:
        """Whether an insert may bring its keys also where they are automatic."""
        return parse_bool(dict(self.properties).get("allow_insert_auto_id", "false")) or False

    def noted(self) -> Pairs:
        """The properties with what Milvus notes on every collection, unless they say it already."""
        highest = max(field.id for field in self.schema.stored)
        noted = {"timezone": "UTC", "namespace.sharding.enabled": "false", "max_field_id": str(highest)}
        given = dict(self.properties)
        return (*self.properties, *((key, value) for key, value in noted.items() if key not in given))
