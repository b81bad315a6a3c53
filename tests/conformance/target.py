"""The server under test, fakemilvus or a real Milvus, behind pymilvus' raw stub."""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import grpc
import pytest
from pymilvus.grpc_gen import common_pb2, milvus_pb2, milvus_pb2_grpc
from pymilvus.grpc_gen import schema_pb2 as schemas

from fakemilvus import FakeMilvus
from tests.conformance.making import Vectors, pairs, placeholders, schema
from tests.conformance.refusals import Refusal, Version, check_accepted, check_refused

POLL_S = 0.02
TIMEOUT_S = 60.0
METHODS = milvus_pb2.DESCRIPTOR.services_by_name["MilvusService"].methods_by_name
STRONG = common_pb2.Strong


class Target:
    """One server. ``fake`` is its handle where it is a FakeMilvus, else None."""

    def __init__(self, uri: str, token: str = "", fake: FakeMilvus | None = None) -> None:
        self.uri = uri
        self.token = token
        self.fake = fake
        options = [("grpc.enable_http_proxy", 0), ("grpc.max_receive_message_length", -1)]
        self.channel = grpc.insecure_channel(uri.removeprefix("http://"), options=options)
        self.stub = milvus_pb2_grpc.MilvusServiceStub(self.channel)
        self.version: Version = _numbers(self.done("GetVersion").version)

    def close(self) -> None:
        self.channel.close()

    def needs(self, version: str, why: str) -> None:
        """Skips the test where the server is older; ``why`` tells what such a one answers or has not."""
        if self.version < _numbers(version):
            pytest.skip(f"since Milvus {version}: {why}")

    # -- rpcs ------------------------------------------------------------------------------------------------------

    def ask(self, rpc: str, **fields: Any) -> Any:
        """The response to a request that is given by its fields; dicts become key-value pairs."""
        request = getattr(milvus_pb2, METHODS[rpc].input_type.name)(
            **{name: pairs(value) if isinstance(value, dict) else value for name, value in fields.items()}
        )
        return getattr(self.stub, rpc)(request, timeout=TIMEOUT_S)

    def done(self, rpc: str, **fields: Any) -> Any:
        """The response to a request that has to succeed."""
        response = self.ask(rpc, **fields)
        check_accepted(response)
        return response

    def refused(self, rpc: str, refusal: Refusal, facts: dict[str, Any] | None = None, **fields: Any) -> None:
        """Fails unless the request is refused in exactly these words."""
        check_refused(self.ask(rpc, **fields), refusal, self.version, **(facts or {}))

    # -- verbs of several rpcs, or with long requests --------------------------------------------------------------

    def insert(self, name: str, columns: Sequence[schemas.FieldData], rows: int, **fields: Any) -> Any:
        return self.ask("Insert", collection_name=name, fields_data=columns, num_rows=rows, **fields)

    def flush(self, name: str) -> None:
        """Flushes, and waits until everything is."""
        flushed = self.done("Flush", collection_names=[name])
        segments = flushed.coll_segIDs[name].data
        timestamp = flushed.coll_flush_ts[name]
        until(lambda: self.done("GetFlushState", segmentIDs=segments, flush_ts=timestamp, collection_name=name).flushed)

    def load(self, name: str) -> None:
        """Loads, and waits until everything is."""
        self.done("LoadCollection", collection_name=name, replica_number=1)
        until(lambda: self.done("GetLoadingProgress", collection_name=name).progress == 100)

    def describe_index(self, name: str, index: str = "", timestamp: int = 0) -> Any:
        """The description of the only index, or of the named one."""
        response = self.done("DescribeIndex", collection_name=name, index_name=index, timestamp=timestamp)
        (description,) = response.index_descriptions
        return description

    def counters(self, name: str, index: str = "") -> tuple[int, int, int]:
        """total_rows, indexed_rows and pending_index_rows of the only index, or of the named one."""
        described = self.describe_index(name, index)
        return described.total_rows, described.indexed_rows, described.pending_index_rows

    def wait_until_indexed(self, name: str) -> None:
        def indexed() -> bool:
            found = self.done("DescribeIndex", collection_name=name).index_descriptions
            return all(i.pending_index_rows == 0 and i.state == common_pb2.Finished for i in found)

        until(indexed)

    def search(
        self,
        name: str,
        vectors: Vectors,
        topk: int | str = 10,
        *,
        filter: str = "",
        outputs: Iterable[str] = (),
        params: str = "{}",
        consistency: int = STRONG,
        group: bytes | None = None,
        partitions: Iterable[str] = (),
        **search_params: Any,
    ) -> Any:
        """The response to a search; ``search_params`` with the value None are left out of the defaults."""
        given = {"topk": topk, "params": params, "anns_field": "vec", **search_params}
        return self.ask(
            "Search",
            collection_name=name,
            dsl=filter,
            dsl_type=common_pb2.BoolExprV1,
            placeholder_group=placeholders(vectors) if group is None else group,
            nq=len(vectors),
            output_fields=outputs,
            partition_names=partitions,
            consistency_level=consistency,
            search_params={key: value for key, value in given.items() if value is not None},
        )

    def query(
        self,
        name: str,
        filter: str = "",
        outputs: Iterable[str] = (),
        *,
        consistency: int = STRONG,
        partitions: Iterable[str] = (),
        **query_params: Any,
    ) -> Any:
        return self.ask(
            "Query",
            collection_name=name,
            expr=filter,
            output_fields=outputs,
            partition_names=partitions,
            consistency_level=consistency,
            query_params=query_params,
        )

    def count(self, name: str) -> int:
        """count(*) of a loaded collection, strongly consistent."""
        response = self.query(name, "", ["count(*)"])
        check_accepted(response)
        (counted,) = response.fields_data
        return int(counted.scalars.long_data.data[0])


class Collections:
    """Makes collections with names that nobody else uses, and drops them in the end."""

    def __init__(self, target: Target, prefix: str) -> None:
        self.target = target
        self._prefix = prefix
        self._numbers = itertools.count()
        self._names: list[str] = []
        self._aliases: list[str] = []

    def name(self) -> str:
        """A fresh name; what is made under it is dropped in the end."""
        self._names.append(f"{self._prefix}_{next(self._numbers)}_{uuid.uuid4().hex[:6]}")
        return self._names[-1]

    def alias(self) -> str:
        """A fresh name for an alias."""
        self._aliases.append(f"{self._prefix}_alias{next(self._numbers)}_{uuid.uuid4().hex[:6]}")
        return self._aliases[-1]

    def make(
        self, fields: Sequence[schemas.FieldSchema] = (), *, dynamic: bool = False, **fields_of_request: Any
    ) -> str:
        """Creates a collection; without fields it has "id" and "vec"."""
        name = self.name()
        encoded = schema(name, fields, dynamic=dynamic)
        self.target.done("CreateCollection", collection_name=name, schema=encoded, **fields_of_request)
        return name

    def drop_all(self) -> None:
        for alias in self._aliases:
            self.target.ask("DropAlias", alias=alias)
        for name in self._names:
            self.target.ask("DropCollection", collection_name=name)


def until(reached: Callable[[], bool]) -> None:
    """Waits for a state that the server reaches by itself; TimeoutError after a minute."""
    deadline = time.monotonic() + TIMEOUT_S
    while not reached():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not reached within {TIMEOUT_S} s")
        time.sleep(POLL_S)


def _numbers(version: str) -> Version:
    """v2.3.5-lite -> (2, 3, 5)"""
    return tuple(int(part) for part in version.lstrip("v").split("-")[0].split("."))
