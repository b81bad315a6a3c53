"""What CreateCollection fixes of a collection, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field

from fakemilvus.engine.go_values import parse_bool
from fakemilvus.engine.schema import Pairs, Schema

DESCRIPTION = "collection.description"
TTL_SECONDS, TTL_FIELD = "collection.ttl.seconds", "ttl_field"


@dataclass(frozen=True, slots=True)
class Definition:
    """What CreateCollection fixes and the rpcs that alter change; two equal definitions are the same collection.

    ``partitions`` is how many a partition key is hashed to, 0 where none was asked for.

    ``updated`` is a timestamp that no two schemas share, not even across a restore: clients know by it that the schema
    they kept is this one.
    """

    name: str
    schema: Schema
    shards: int = 1
    consistency_level: int = 2
    properties: Pairs = ()
    partitions: int = 0
    updated: int = field(default=0, compare=False)

    @property
    def allows_keys(self) -> bool:
        """Whether an insert may bring its keys also where they are automatic."""
        return parse_bool(dict(self.properties).get("allow_insert_auto_id", "false")) or False

    @property
    def ttl_seconds(self) -> int:
        """How long rows live after they were written; 0 or less is for ever."""
        return int(dict(self.properties).get(TTL_SECONDS, "0"))

    @property
    def ttl_field(self) -> str | None:
        """The field that says until when a row lives."""
        return dict(self.properties).get(TTL_FIELD)

    def noted(self) -> Pairs:
        """The properties with what Milvus notes on every collection, unless they say it already."""
        noted = {
            "timezone": "UTC",
            "namespace.sharding.enabled": "false",
            "max_field_id": str(self.schema.highest_id),
        }
        given = dict(self.properties)
        return (*self.properties, *((key, value) for key, value in noted.items() if key not in given))
