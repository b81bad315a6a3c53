"""Full text: texts of 50 words inserted where a BM25 makes rows of them, indexed, and searched by their words.

A word is drawn as in any language: few are common, most are rare. texts.py has the same without the wire.
"""

from __future__ import annotations

import json
from typing import Any

from pymilvus.grpc_gen import common_pb2, milvus_pb2, schema_pb2

from benchmarks.client import EVENTUALLY, INDEX, Client, Refused, pairs
from benchmarks.dataset import TOP_K
from benchmarks.session import Session, median, patiently, settled, timed, timed_each
from benchmarks.table import Row, milliseconds, per_second
from benchmarks.texts import make_texts

NAME, TEXT, OUTPUT = "full_text", "text", "terms"
ROWS_PER_CALL = 5_000
ROWS: list[Row] = [
    Row("bm25_insert", "insert of texts of 50 words into a BM25, documents/s", per_second, "", more_is_better=True),
    Row("bm25_build", "index of what the BM25 made, documents/s", per_second, "20,000/s", more_is_better=True),
    Row("bm25_found", "search of 5 words nq=1 top 10, p50", milliseconds, "5 ms"),
]


def measure(session: Session) -> None:
    """As many documents as the dataset has rows."""
    if not session.stores:
        return
    client, rows = session.client, session.data.rows
    client.call("CreateCollection", _create_request())
    texts, asked = make_texts(rows)
    inserts = [
        _insert_request(texts, start, min(start + ROWS_PER_CALL, rows)) for start in range(0, rows, ROWS_PER_CALL)
    ]
    insert_s = timed(lambda: [client.call("Insert", request) for request in inserts])
    client.flush(NAME)
    build_s = timed(lambda: _build(client))
    client.load(NAME)
    requests = [_search_request(text) for text in asked]
    if not client.call("Search", requests[0]).results.scores:
        raise Refused("a search by words finds nothing")
    took = timed_each((lambda request=request: client.call("Search", request)) for request in patiently(requests * 3))
    client.drop(NAME)
    session.figures |= {
        "bm25_insert": rows / insert_s,
        "bm25_build": rows / build_s,
        "bm25_found": median(settled(took)),
    }


def _create_request() -> Any:
    fields = [
        schema_pb2.FieldSchema(name="id", data_type=schema_pb2.Int64, is_primary_key=True),
        schema_pb2.FieldSchema(
            name=TEXT,
            data_type=schema_pb2.VarChar,
            type_params=pairs({"max_length": "2000", "enable_analyzer": "true"}),
        ),
        schema_pb2.FieldSchema(name=OUTPUT, data_type=schema_pb2.SparseFloatVector, is_function_output=True),
    ]
    function = schema_pb2.FunctionSchema(
        name="bm25", type=schema_pb2.BM25, input_field_names=[TEXT], output_field_names=[OUTPUT]
    )
    schema = schema_pb2.CollectionSchema(name=NAME, fields=fields, functions=[function])
    return milvus_pb2.CreateCollectionRequest(
        collection_name=NAME, schema=schema.SerializeToString(), shards_num=1, consistency_level=EVENTUALLY
    )


def _insert_request(texts: list[str], start: int, stop: int) -> Any:
    ids = schema_pb2.ScalarField(long_data=schema_pb2.LongArray(data=range(start, stop)))
    words = schema_pb2.ScalarField(string_data=schema_pb2.StringArray(data=texts[start:stop]))
    columns = [
        schema_pb2.FieldData(type=schema_pb2.Int64, field_name="id", scalars=ids),
        schema_pb2.FieldData(type=schema_pb2.VarChar, field_name=TEXT, scalars=words),
    ]
    return milvus_pb2.InsertRequest(
        base=common_pb2.MsgBase(msg_type=common_pb2.Insert),
        collection_name=NAME,
        partition_name="_default",
        fields_data=columns,
        num_rows=stop - start,
    )


def _build(client: Client) -> None:
    given = {"index_type": "SPARSE_INVERTED_INDEX", "metric_type": "BM25", "params": json.dumps({"bm25_k1": 1.2})}
    request = milvus_pb2.CreateIndexRequest(
        collection_name=NAME, field_name=OUTPUT, index_name=INDEX, extra_params=pairs(given)
    )
    client.call("CreateIndex", request)
    client.await_index(NAME)


def _search_request(text: str) -> Any:
    placeholder = common_pb2.PlaceholderValue(tag="$0", type=common_pb2.VarChar, values=[text.encode()])
    params = {"anns_field": OUTPUT, "topk": str(TOP_K), "metric_type": "BM25", "params": "{}"}
    return milvus_pb2.SearchRequest(
        collection_name=NAME,
        dsl_type=common_pb2.BoolExprV1,
        placeholder_group=common_pb2.PlaceholderGroup(placeholders=[placeholder]).SerializeToString(),
        search_params=pairs(params),
        nq=1,
        guarantee_timestamp=1,
        consistency_level=EVENTUALLY,
    )


if __name__ == "__main__":
    from benchmarks.compare import print_part

    print_part("full_text")
