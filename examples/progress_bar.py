"""A progress bar for an index build, and a wait for its end: code as an application has it, of any Milvus.

``python progress_bar.py http://127.0.0.1:19530 COLLECTION INDEX`` shows the bar for an index of yours.
"""

import sys
import time

from pymilvus import MilvusClient


class IndexFailed(Exception):
    """The index will never be built."""


def follow_index(client, collection, index, show, poll_s=0.1, timeout_s=600.0):
    """Calls ``show(indexed_rows, total_rows)`` until every row is indexed."""
    deadline = time.monotonic() + timeout_s
    while True:
        answer = client.describe_index(collection, index)
        if answer["state"] == "Failed":
            raise IndexFailed(f"{index} of {collection}")
        show(answer["indexed_rows"], answer["total_rows"])
        if answer["state"] == "Finished" and answer["pending_index_rows"] == 0:
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"{answer['pending_index_rows']} rows of {collection} are still pending")
        time.sleep(poll_s)


def bar(indexed, total, width=20):
    """[########------------]  40 %"""
    share = min(indexed / total, 1.0) if total else 1.0
    done = round(share * width)
    return f"[{'#' * done}{'-' * (width - done)}] {share:4.0%}"


def main(uri, collection, index):
    client = MilvusClient(uri)
    follow_index(client, collection, index, lambda indexed, total: print(bar(indexed, total)))


if __name__ == "__main__":
    main(*sys.argv[1:])
