"""The demo's work through whatever pymilvus is installed, 2.3 to 3.0: ``python flow.py URI``.

It runs inside the matrix' virtual environments, so it knows nothing but the standard library and pymilvus. It prints
JSON that says which versions did the work and which parts of it were done.
"""

import asyncio
import json
import random
import sys
import time
import warnings
from importlib.metadata import version

DIM, ROWS, NLIST = 16, 3_000, 32
INDEXED = {"total_rows": ROWS, "indexed_rows": ROWS, "pending_index_rows": 0}
DEADLINE_S = 60


def run(uri):
    """Everything, on a server that holds nothing; raises AssertionError where an answer is wrong."""
    from pymilvus import MilvusClient

    client = MilvusClient(uri=uri)
    done = ["schema", "quick", "alias", "orm"]
    work_with_a_schema(client, uri)
    work_quickly(client)
    work_through_an_alias(client)
    work_with_the_orm(uri)
    client.close()
    done += asyncio.run(work_asynchronously(uri))
    return {"pymilvus": version("pymilvus"), "protobuf": version("protobuf"), "done": done}


def work_with_a_schema(client, uri):
    """Own schema, flush, IVF_FLAT build watched, load, search, query, get, delete, drop."""
    schema, index = make_plan()
    client.create_collection("books", schema=schema)
    assert client.has_collection("books")
    assert client.list_collections() == ["books"]
    rows = make_rows()
    assert client.insert("books", rows)["insert_count"] == ROWS
    flush(uri, "books")
    assert int(client.get_collection_stats("books")["row_count"]) == ROWS
    client.create_index("books", index)
    assert client.list_indexes("books") == ["vector"]
    watch(client, uri, "books", "vector")
    client.load_collection("books")
    check_reading(client, "books", rows)
    client.release_collection("books")
    client.drop_index("books", "vector")
    assert client.list_indexes("books") == []
    client.drop_collection("books")
    assert not client.has_collection("books")


def work_quickly(client):
    """A collection of one line: it is indexed and loaded, and finds what was just inserted."""
    client.create_collection("quick", dimension=DIM)
    rows = [{"id": row["id"], "vector": row["vector"], "colour": "red"} for row in make_rows(20)]
    client.insert("quick", rows)
    hits = client.search("quick", [rows[7]["vector"]], limit=3, output_fields=["colour"])[0]
    assert hits[0]["id"] == 7
    assert hits[0]["entity"]["colour"] == "red"
    client.drop_collection("quick")


def work_through_an_alias(client):
    """An alias names one collection, then another."""
    for name in ("first", "second"):
        client.create_collection(name, dimension=DIM)
    client.create_alias("first", "name")
    assert client.describe_alias("name")["collection_name"] == "first"
    assert client.list_aliases("first")["aliases"] == ["name"]
    client.insert("name", [{"id": 1, "vector": [0.5] * DIM}])
    assert [row["id"] for row in client.get("first", [1])] == [1]
    client.alter_alias("second", "name")
    assert client.describe_alias("name")["collection_name"] == "second"
    client.drop_alias("name")
    for name in ("first", "second"):
        client.drop_collection(name)


def work_with_the_orm(uri):
    """Columns instead of rows, through Collection and utility, which live in pymilvus up to 3.0."""
    from pymilvus import Collection, CollectionSchema, DataType, FieldSchema, connections, utility

    connections.connect("flow", uri=uri)
    fields = [
        FieldSchema("id", DataType.INT64, is_primary=True, auto_id=False),
        FieldSchema("vector", DataType.FLOAT_VECTOR, dim=DIM),
    ]
    collection = Collection("shelf", CollectionSchema(fields), using="flow")
    rows = make_rows()
    collection.insert([[row["id"] for row in rows], [row["vector"] for row in rows]])
    collection.flush()
    assert collection.num_entities == ROWS
    params = {"index_type": "IVF_FLAT", "metric_type": "L2", "params": {"nlist": NLIST}}
    collection.create_index("vector", params, index_name="near")
    utility.wait_for_index_building_complete("shelf", "near", timeout=DEADLINE_S, using="flow")
    assert collection.has_index(index_name="near")
    assert collection.index(index_name="near").params["params"]["nlist"] in (NLIST, str(NLIST))
    collection.load()
    hits = collection.search([rows[5]["vector"]], "vector", {"params": {"nprobe": NLIST}}, limit=4)[0]
    assert hits.ids == nearest(rows, rows[5]["vector"], 4)
    assert len(collection.query("id in [1, 2, 3]")) == 3
    collection.delete("id in [1]")
    assert len(collection.query("id in [1, 2, 3]")) == 2
    check_pages(collection, rows)
    utility.drop_collection("shelf", using="flow")
    connections.disconnect("flow")


def check_pages(collection, rows):
    """An iterator's pages are complete and without repeats, whatever is written beside it."""
    iterator = collection.query_iterator(batch_size=700, expr="id >= 0", output_fields=["id"])
    found = []
    for number in range(ROWS):
        page = [row["id"] for row in iterator.next()]
        if not page:
            break
        found += page
        collection.insert([[ROWS + number], [rows[0]["vector"]]])
        collection.delete(f"id in [{ROWS - 1 - number}]")
    iterator.close()
    assert found == sorted(set(found))
    assert set(found) >= set(range(ROWS - 10)) - {1}


async def work_asynchronously(uri):
    """The same job through AsyncMilvusClient; returns what of it this pymilvus has."""
    import pymilvus

    make_client = getattr(pymilvus, "AsyncMilvusClient", None)
    if make_client is None:
        return []
    client = make_client(uri=uri)
    schema, index = make_plan()
    await client.create_collection("later", schema=schema)
    rows = make_rows()
    assert (await client.insert("later", rows))["insert_count"] == ROWS
    done = ["async"]
    if hasattr(client, "flush"):
        await client.flush("later")
    await client.create_index("later", index)
    if hasattr(client, "describe_index"):
        figures = await client.describe_index("later", "vector")
        assert {name: figures[name] for name in INDEXED} == INDEXED, figures
        done.append("async describe_index")
    await client.load_collection("later")
    params = {"params": {"nprobe": NLIST}}
    queries = [client.search("later", [row["vector"]], limit=4, search_params=params) for row in rows[:8]]
    for row, hits in zip(rows[:8], await asyncio.gather(*queries), strict=True):
        assert [hit["id"] for hit in hits[0]] == nearest(rows, row["vector"], 4)
    assert [row["id"] for row in await client.get("later", [1, 2])] == [1, 2]
    await client.delete("later", ids=[1])
    assert [row["id"] for row in await client.query("later", "id < 3", output_fields=["word"])] == [0, 2]
    await client.drop_collection("later")
    await client.close()
    return done


def check_reading(client, name, rows):
    """Search, query, get and delete on a loaded collection that holds exactly these rows."""
    params = {"metric_type": "L2", "params": {"nprobe": NLIST}}
    for row in rows[:5]:
        hits = client.search(name, [row["vector"]], limit=10, search_params=params, output_fields=["word", "extra"])
        assert [hit["id"] for hit in hits[0]] == nearest(rows, row["vector"], 10)
        assert hits[0][0]["distance"] == 0
        assert hits[0][0]["entity"]["word"] == row["word"]
        assert hits[0][0]["entity"]["extra"] == row["extra"]
    hits = client.search(name, [rows[0]["vector"]], filter="word == 'w3'", limit=5, search_params=params)
    assert [hit["id"] % 7 for hit in hits[0]] == [3] * 5
    found = client.query(name, filter="id < 3", output_fields=["vector", "word"])
    assert [row["word"] for row in found] == ["w0", "w1", "w2"]
    assert max(abs(a - b) for a, b in zip(found[1]["vector"], rows[1]["vector"], strict=True)) < 1e-6
    assert client.query(name, filter="", output_fields=["count(*)"])[0]["count(*)"] == len(rows)
    assert [row["extra"] for row in client.get(name, [4])] == [rows[4]["extra"]]
    client.delete(name, ids=[4])
    assert client.get(name, [4]) == []
    client.delete(name, filter="word == 'w5'")
    assert client.query(name, filter="word == 'w5'", output_fields=["id"]) == []


def watch(client, uri, name, index):
    """Polls both ways of asking until no row is pending; both must end in the same figures."""
    from pymilvus import connections, utility

    connections.connect("flow", uri=uri)
    deadline = time.monotonic() + DEADLINE_S
    while True:
        progress = utility.index_building_progress(name, index, using="flow")
        assert progress["indexed_rows"] + progress["pending_index_rows"] == progress["total_rows"] == ROWS, progress
        if not progress["pending_index_rows"]:
            break
        assert time.monotonic() < deadline, progress
    described = client.describe_index(name, index)
    assert {figure: described.get(figure, INDEXED[figure]) for figure in INDEXED} == INDEXED, described
    assert described["index_type"] == "IVF_FLAT", described
    connections.disconnect("flow")


def flush(uri, name):
    """MilvusClient has it from 2.4 on, the ORM has it in every version."""
    from pymilvus import Collection, connections

    connections.connect("flow", uri=uri)
    Collection(name, using="flow").flush()
    connections.disconnect("flow")


def make_plan():
    """The schema of the flow's collections, and their index."""
    from pymilvus import DataType, MilvusClient

    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=DIM)
    schema.add_field("word", DataType.VARCHAR, max_length=32)
    index = MilvusClient.prepare_index_params()
    index.add_index(field_name="vector", index_type="IVF_FLAT", metric_type="L2", params={"nlist": NLIST})
    return schema, index


def make_rows(rows=ROWS):
    """Rows with ids from 0, a vector, a word out of seven and a key that no schema knows."""
    made = random.Random(5)
    return [
        {"id": row, "vector": [made.random() for _ in range(DIM)], "word": f"w{row % 7}", "extra": row * 2}
        for row in range(rows)
    ]


def nearest(rows, query, limit):
    """The ids of the nearest rows by exact arithmetic."""
    distances = [(sum((a - b) ** 2 for a, b in zip(row["vector"], query, strict=True)), row["id"]) for row in rows]
    return [row_id for _, row_id in sorted(distances)[:limit]]


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.stdout.write(json.dumps(run(sys.argv[1])))
