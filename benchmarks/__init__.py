"""Benchmarks: the same work on fakemilvus, on its peers, and on the bare libraries below it, in one run.

`python -m benchmarks` prints the whole table; each file that measures prints its own part of it. The servers are
driven through pymilvus' generated stubs, with requests made beforehand, so that a figure shows the server and not
a client library.
"""
