"""Each data type through stock pymilvus: alone, nullable, with a default, and empty."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from pymilvus import DataType, MilvusClient

from fakemilvus import FakeMilvus
from fakemilvus.fast_waits import fast_waits

D = DataType
pytest.importorskip("shapely", reason="the extra geometry")


@dataclass(frozen=True)
class Kind:
    """A type as a field declares it. ``values`` are sent, ``back`` come back where they differ.

    ``default`` is None where a type takes none; ``empty`` is its emptiest value.
    """

    type: DataType
    values: list[Any]
    empty: Any
    default: Any = None
    params: dict[str, Any] = field(default_factory=dict)
    back: list[Any] | None = None
    default_back: Any = None


def _array(element: DataType, values: list[Any], **params: Any) -> Kind:
    return Kind(D.ARRAY, values, [], params={"element_type": element, "max_capacity": 8, **params})


KINDS = {
    "Bool": Kind(D.BOOL, [True, False], False, True),
    "Int8": Kind(D.INT8, [-128, 127], 0, np.int8(-7)),
    "Int16": Kind(D.INT16, [-(2**15), 2**15 - 1], 0, np.int16(300)),
    "Int32": Kind(D.INT32, [-(2**31), 2**31 - 1], 0, np.int32(70_000)),
    "Int64": Kind(D.INT64, [-(2**63), 2**63 - 1], 0, 2**40),
    "Float": Kind(D.FLOAT, [0.5, -3.25], 0.0, np.float32(1.5), default_back=1.5),
    "Double": Kind(D.DOUBLE, [0.1, 1e300], 0.0, 0.1),
    "VarChar": Kind(D.VARCHAR, ["a", "äß\U0001f600"], "", "usual", {"max_length": 16}),
    "Text": Kind(D.TEXT, ["a", "word " * 20_000], ""),
    "JSON": Kind(D.JSON, [{"a": [1, None, {"b": "ä"}]}, [1, 2], {"deep": {"er": 1.5}}], {}),
    "Timestamptz": Kind(
        D.TIMESTAMPTZ,
        ["2025-01-01T12:00:00+08:00", "1969-12-31T23:59:59.5"],
        "1970-01-01T00:00:00Z",
        "2025-06-01T00:00:00Z",
        back=["2025-01-01T04:00:00Z", "1969-12-31T23:59:59.5Z"],
    ),
    "Geometry": Kind(
        D.GEOMETRY,
        ["POINT(1 2)", "POLYGON ((0 0,1 0,1 1,0 0))"],
        "POINT EMPTY",
        "POINT (3 4)",
        back=["POINT (1 2)", "POLYGON ((0 0, 1 0, 1 1, 0 0))"],
    ),
    "Array of Bool": _array(D.BOOL, [[True, False], [False]]),
    "Array of Int8": _array(D.INT8, [[-128, 127], [0]]),
    "Array of Int16": _array(D.INT16, [[-(2**15)], [2**15 - 1, 0]]),
    "Array of Int32": _array(D.INT32, [[-(2**31), 2**31 - 1], [1]]),
    "Array of Int64": _array(D.INT64, [[-(2**63), 2**63 - 1], [1] * 8]),
    "Array of Float": _array(D.FLOAT, [[0.5, -1.25], [2.0]]),
    "Array of Double": _array(D.DOUBLE, [[0.1, 1e300], [2.0]]),
    "Array of VarChar": _array(D.VARCHAR, [["", "äß"], ["a"] * 8], max_length=8),
}


@pytest.fixture(scope="module", autouse=True)
def _fast() -> Iterator[None]:
    with fast_waits():
        yield


@pytest.fixture(scope="module")
def client() -> Iterator[MilvusClient]:
    with FakeMilvus() as server:
        client = MilvusClient(server.uri)
        yield client
        client.close()
        assert not server.bugs


@pytest.mark.parametrize("name", KINDS)
def test_alone(client: MilvusClient, name: str) -> None:
    """Values come back from a query, a search and after a flush as they went in."""
    kind = KINDS[name]
    made = _make(client, kind)
    client.insert(made, _rows(kind.values))
    expected = kind.values if kind.back is None else kind.back
    assert _read(client, made) == expected
    client.flush(made)
    assert _read(client, made) == expected
    found = client.search(made, [[0.0, 0.0]], limit=16, output_fields=["f"])[0]
    assert [hit["entity"]["f"] for hit in sorted(found, key=lambda hit: hit["id"])] == expected


@pytest.mark.parametrize("name", KINDS)
def test_nullable(client: MilvusClient, name: str) -> None:
    """Null beside values, in rows that say None and in rows that say nothing; a filter finds them."""
    kind = KINDS[name]
    made = _make(client, kind, nullable=True)
    expected = kind.values if kind.back is None else kind.back
    client.insert(made, _rows([kind.values[0], None, kind.values[1]]))
    client.insert(made, [{"id": 3, "v": [0.0, 1.0]}])
    assert _read(client, made) == [expected[0], None, expected[1], None]
    if kind.type is not D.TEXT:
        assert [row["id"] for row in client.query(made, "f is null", output_fields=["id"])] == [1, 3]


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.default is not None])
def test_default(client: MilvusClient, name: str) -> None:
    """A default stands in rows that say None and in rows that say nothing, and is described."""
    kind = KINDS[name]
    made = _make(client, kind, default_value=kind.default)
    client.insert(made, _rows([None, kind.values[0]]))
    client.insert(made, [{"id": 2, "v": [0.0, 1.0]}])
    expected = kind.values[0] if kind.back is None else kind.back[0]
    default = kind.default if kind.default_back is None else kind.default_back
    assert _read(client, made) == [default, expected, default]
    assert client.describe_collection(made)["fields"][-1]["default_value"]


@pytest.mark.parametrize("name", KINDS)
def test_empty(client: MilvusClient, name: str) -> None:
    """The emptiest value comes back as it is; a collection without rows answers none."""
    kind = KINDS[name]
    made = _make(client, kind)
    assert _read(client, made) == []
    client.insert(made, _rows([kind.empty]))
    assert _read(client, made) == [kind.empty]


@pytest.mark.parametrize("name", KINDS)
def test_state(client: MilvusClient, name: str, tmp_path: Any) -> None:
    """Values, nulls and defaults survive a state file."""
    kind = KINDS[name]
    with FakeMilvus() as server:
        other = MilvusClient(server.uri)
        made = _make(other, kind, nullable=True, **({} if kind.default is None else {"default_value": kind.default}))
        other.insert(made, _rows([kind.values[0], None, kind.values[1]]))
        before = _read(other, made)
        server.save(tmp_path / "state")
        other.close()
    with FakeMilvus() as server:
        server.load(tmp_path / "state")
        other = MilvusClient(server.uri)
        assert _read(other, made) == before
        assert [row["f"] for row in server.collection(made).rows()] == before
        other.close()


def _make(client: MilvusClient, kind: Kind, **more: Any) -> str:
    """A loaded collection with a key, a vector, and a field ``f`` of this kind."""
    name = f"t{next(_NUMBERS)}"
    schema = client.create_schema()
    schema.add_field("id", D.INT64, is_primary=True)
    schema.add_field("v", D.FLOAT_VECTOR, dim=2)
    schema.add_field("f", kind.type, **kind.params, **more)
    index = client.prepare_index_params()
    index.add_index("v", index_type="FLAT", metric_type="L2")
    client.create_collection(name, schema=schema, index_params=index)
    return name


def _rows(values: list[Any]) -> list[dict[str, Any]]:
    return [{"id": row, "v": [0.0, 1.0], "f": value} for row, value in enumerate(values)]


def _read(client: MilvusClient, name: str) -> list[Any]:
    rows = client.query(name, "id >= 0", output_fields=["f"])
    return [_plain(row["f"]) for row in rows]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, (list, tuple)) or type(value).__module__.startswith("google") else value


_NUMBERS = iter(range(10_000))
