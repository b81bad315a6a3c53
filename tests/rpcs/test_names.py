"""Which rpcs refuse a name that no collection can have, and which only do not find it: Milvus 3.0 does either."""

from __future__ import annotations

from typing import Any

import pytest
from pymilvus.exceptions import MilvusException

CHECKED = {
    "CreateAlias": lambda client: client.create_alias("1a", "alias"),
    "AlterAlias": lambda client: client.alter_alias("1a", "alias"),
    "ListAliases": lambda client: client.list_aliases("1a"),
    "HasCollection": lambda client: client.has_collection("1a"),
    "DescribeCollection": lambda client: client.describe_collection("1a"),
    "LoadCollection": lambda client: client.load_collection("1a"),
    "GetLoadState": lambda client: client.get_load_state("1a"),
    "DescribeIndex": lambda client: client.describe_index("1a", "x"),
    "Insert": lambda client: client.insert("1a", [{"id": 1}]),
    "Query": lambda client: client.query("1a", "id > 1"),
}
LOOKED_UP = {
    "Flush": lambda client: client.flush("1a"),
    "DropIndex": lambda client: client.drop_index("1a", "x"),
    "GetCollectionStatistics": lambda client: client.get_collection_stats("1a"),
    "Search": lambda client: client.search("1a", [[0.0]]),
}


@pytest.mark.parametrize("rpc", CHECKED)
def test_an_impossible_name_is_refused(rpc: str, fakemilvus_client: Any) -> None:
    """Code 1100 and the rule that it breaks."""
    with pytest.raises(MilvusException) as raised:
        CHECKED[rpc](fakemilvus_client)
    rule = "the first character of a collection name must be an underscore or letter: invalid parameter"
    assert (raised.value.code, raised.value.message) == (1100, f"Invalid collection name: 1a. {rule}")


@pytest.mark.parametrize("rpc", LOOKED_UP)
def test_an_impossible_name_is_not_found(rpc: str, fakemilvus_client: Any) -> None:
    """Code 100, as for any name that is not there."""
    with pytest.raises(MilvusException) as raised:
        LOOKED_UP[rpc](fakemilvus_client)
    assert raised.value.code == 100


def test_an_impossible_alias_is_dropped(fakemilvus_client: Any) -> None:
    """DropAlias takes any name, and finds nothing to do."""
    fakemilvus_client.drop_alias("1a")
