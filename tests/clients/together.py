"""The client's work and the server in one process: ``python together.py fakemilvus|pymilvus`` says what comes first.

It runs inside the matrix' virtual environments; flow.py lies beside it.
"""

import json
import sys
import warnings
from importlib import import_module

import flow

MODULES = {"fakemilvus": "fakemilvus.server", "pymilvus": "pymilvus"}  # each registers its messages when imported


def run_together(first):
    """Imports both, starts a server and does the client's work on it."""
    for name in (first, *MODULES):
        import_module(MODULES[name])
    with import_module("fakemilvus").FakeMilvus() as server:
        done = flow.run(server.uri)
        assert not server.bugs, server.bugs
        assert not server.unimplemented, server.unimplemented
        return done


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.stdout.write(json.dumps(run_together(sys.argv[1])))
