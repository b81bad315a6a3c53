"""The command line: serve, ctl, demo, watch, rpcs, version.

Each subcommand imports what it needs when it runs, so that a server is up quickly. Results go to stdout; what went
wrong is one line on stderr, and the exit code is 1 (2 for a wrong argument).
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import fields
from typing import Any

from fakemilvus.engine.options import Options

DEFAULT_PORT = 19530
DEFAULT_MANAGEMENT_PORT = 9091
MIN_DEMO_ROWS = 1_024
UPSTREAM_RPCS = 149  # of Milvus 3.0's MilvusService
WAKE_S = 0.25  # a signal may reach another thread first; the main thread looks this often


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one subcommand; returns the exit code."""
    chosen = _parser().parse_args(arguments)
    code: int = chosen.run(chosen)
    return code


def serve(chosen: argparse.Namespace) -> int:
    """Runs a server until SIGTERM or SIGINT."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    logging.basicConfig(level=chosen.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # its C library would complain of a taken port in words of its own
    gc.disable()  # imports make many objects and no garbage; collecting among them takes a sixth of the start
    from fakemilvus.engine.memory import share_arenas
    from fakemilvus.server import FakeMilvus

    share_arenas()
    knobs = {knob.name: getattr(chosen, knob.name) for knob in fields(Options)}
    try:
        server = FakeMilvus(chosen.host, chosen.port, clock=chosen.clock, control=chosen.control, **knobs).start()
    except (OSError, ValueError) as problem:
        return _fail(str(problem))
    finally:
        gc.freeze()  # what was imported stays, and need not be looked at again
        gc.enable()
    with ExitStack() as cleanup:
        cleanup.callback(server.stop)
        return _announce_and_wait(server, chosen, cleanup, stopped)


def ctl(chosen: argparse.Namespace) -> int:
    """Steers a server that was started with --control; `ctl verbs` lists what it can do."""
    from fakemilvus.wire.control import ControlClient

    client = ControlClient(chosen.uri if "://" in chosen.uri else f"http://{chosen.uri}")
    try:
        result = client.do(chosen.verb, **dict(chosen.argument))
    except (ValueError, TimeoutError, RuntimeError) as problem:
        return _fail(str(problem))
    finally:
        client.close()
    if isinstance(result, dict) and chosen.verb == "verbs":
        width = max(map(len, result))
        print("\n".join(f"{verb:{width}}  {what}" for verb, what in result.items()))
    elif result is not None:
        print(json.dumps(result, indent=2, ensure_ascii=False))
    return 0


def demo(chosen: argparse.Namespace) -> int:
    """Shows a build on a server of its own."""
    try:
        from fakemilvus.demo import run
    except ImportError as problem:
        return _needs_client("demo", problem)
    return run(chosen.rows)


def watch(chosen: argparse.Namespace) -> int:
    """Follows an index build on any Milvus."""
    try:
        from pymilvus import MilvusClient
        from pymilvus.exceptions import MilvusException

        from fakemilvus.progress import watch as watch_build
    except ImportError as problem:
        return _needs_client("watch", problem)
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it would print every error once more
    uri = chosen.uri if "://" in chosen.uri else f"http://{chosen.uri}"
    try:
        client = MilvusClient(uri, token=chosen.token, db_name=chosen.database, timeout=chosen.timeout)
        figures = watch_build(chosen.collection, chosen.index, client, chosen.timeout)
    except MilvusException as problem:
        return _fail(problem.message)
    except TimeoutError as problem:
        return _fail(str(problem))
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    print(f"{figures['indexed_rows']:,} of {figures['total_rows']:,} rows are indexed")
    return 0


def rpcs(chosen: argparse.Namespace) -> int:
    """Lists the rpcs that are built."""
    from fakemilvus.rpcs import HANDLERS

    width = max(map(len, HANDLERS))
    for name, handler in sorted(HANDLERS.items()):
        print(f"{name:{width}}  {(handler.__doc__ or '').partition(chr(10))[0]}".rstrip())
    print(f"\n{len(HANDLERS)} of the {UPSTREAM_RPCS} rpcs of Milvus 3.0 are built; the others answer UNIMPLEMENTED.")
    return 0


def version(chosen: argparse.Namespace) -> int:
    """Prints the version."""
    from fakemilvus import __version__

    print(f"fakemilvus {__version__}")
    return 0


def _announce_and_wait(server: Any, chosen: argparse.Namespace, cleanup: ExitStack, stopped: threading.Event) -> int:
    """Prints the ready line once an rpc has been answered over the network, then waits for the end."""
    from fakemilvus.wire.probe import Probe

    probe = Probe(server.uri.partition("://")[2])
    cleanup.callback(probe.close)
    if not probe.answers(timeout_s=10.0):
        return _fail(f"the server at {server.uri} does not answer")
    health = _start_management(chosen, probe, cleanup)
    print(f"fakemilvus is ready at {server.uri}{health}", flush=True)
    while not stopped.wait(WAKE_S):
        pass
    return 0


def _start_management(chosen: argparse.Namespace, probe: Any, cleanup: ExitStack) -> str:
    """Returns the line that says where it is; a taken port is only a warning, as the server can do without."""
    from fakemilvus.management import Management

    try:
        management = Management(chosen.host, chosen.management_port, probe.answers)
    except OSError as problem:
        _warn(f"warning: no /healthz, because port {chosen.management_port} cannot be used: {problem.strerror}")
        return ""
    cleanup.callback(management.stop)
    return f"\nhealth is at http://{management.host}:{management.port}/healthz"


def _warn(text: str) -> None:
    print(f"fakemilvus: {text}", file=sys.stderr)


def _fail(problem: str) -> int:
    _warn(problem)
    return 1


def _needs_client(command: str, problem: ImportError) -> int:
    return _fail(f"{command} needs pymilvus and tqdm ({problem}): pip install 'fakemilvus[client]'")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fakemilvus", description="An in-memory Milvus server for tests.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for run in (serve, ctl, demo, watch, rpcs, version):
        summary = (run.__doc__ or "").rstrip(".")
        command = commands.add_parser(run.__name__, help=summary, description=run.__doc__)
        command.set_defaults(run=run)
        for flag, details in _FLAGS.get(run.__name__, {}).items():
            command.add_argument(flag, **details)
    return parser


def _demo_rows(text: str) -> int:
    rows = int(text)
    if rows < MIN_DEMO_ROWS:
        raise argparse.ArgumentTypeError(f"at least {MIN_DEMO_ROWS}: smaller segments are not indexed")
    return rows


def _ctl_argument(text: str) -> tuple[str, Any]:
    """``name=value``; a value that is JSON is taken as such, any other as text."""
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _knob(name: str) -> Any:
    """The default of a knob, as Options has it."""
    return next(knob.default for knob in fields(Options) if knob.name == name)


_LEVELS = ("debug", "info", "warning", "error")

_FLAGS: dict[str, dict[str, dict[str, Any]]] = {
    "serve": {
        "--host": {"default": "127.0.0.1", "help": "the address to listen on (%(default)s)"},
        "--port": {"type": int, "default": DEFAULT_PORT, "help": "0 picks a free one (%(default)s)"},
        "--management-port": {
            "type": int,
            "default": DEFAULT_MANAGEMENT_PORT,
            "help": "where /healthz is; 0 picks a free one (%(default)s)",
        },
        "--log-level": {
            "choices": _LEVELS,
            "default": "warning",
            "help": "warning: what is not built; info: refusals; debug: every rpc (%(default)s)",
        },
        "--control": {
            "action": "store_true",
            "help": "let other processes of this machine steer the server, with `fakemilvus ctl` for example",
        },
        "--clock": {
            "choices": ("system", "manual"),
            "default": "system",
            "help": "manual: time stands still until `fakemilvus ctl advance seconds=...` (%(default)s)",
        },
        "--segment-rows": {
            "type": int,
            "default": _knob("segment_rows"),
            "help": "a segment of so many rows is flushed by itself (%(default)s)",
        },
        "--min-index-rows": {
            "type": int,
            "default": _knob("min_index_rows"),
            "help": "smaller segments count as indexed at once and are searched exactly (%(default)s)",
        },
        "--seal": {
            "choices": ("flush", "insert"),
            "default": _knob("seal"),
            "help": "rows become an indexed segment when flushed, as in Milvus, or with every insert (%(default)s)",
        },
        "--progress": {
            "choices": ("rows", "segment"),
            "default": _knob("progress"),
            "help": "indexed rows are counted chunk by chunk, or by whole segments, as in Milvus (%(default)s)",
        },
        "--builds": {
            "choices": ("real", "immediate", "manual"),
            "default": _knob("builds"),
            "help": "how indexes are built: in the background, before the rpc answers, or when released (%(default)s)",
        },
        "--default-index-names": {
            "choices": ("field", "field-id"),
            "default": _knob("default_index_names"),
            "help": "what an index without a name is called: as its field, or _default_idx_<field id> (%(default)s)",
        },
        "--build-threads": {
            "type": int,
            "default": _knob("build_threads"),
            "help": "threads of an index build (all cores but one)",
        },
        "--memory-limit-mib": {
            "type": float,
            "default": _knob("memory_limit_mib"),
            "help": "inserts beyond it are refused, as Milvus refuses them (no limit)",
        },
        "--read-lag-s": {
            "type": float,
            "default": _knob("read_lag_s"),
            "help": "seconds until Bounded and Eventually readers see a write (%(default)s)",
        },
        "--query-nodes": {
            "type": int,
            "default": _knob("query_nodes"),
            "help": "a load with more replicas is refused, as Milvus refuses it (any number is taken)",
        },
        "--embed": {
            "choices": ("hash",),
            "default": _knob("embed"),
            "help": "what stands for the models of TextEmbedding functions: hash, of words (rows for them are refused)",
        },
        "--seed": {
            "type": int,
            "default": _knob("seed"),
            "help": "makes training and sampling repeatable (%(default)s)",
        },
    },
    "ctl": {
        "verb": {"metavar": "VERB", "help": "such as builds.hold_at, faults.add or snapshot; `verbs` lists them"},
        "argument": {"metavar": "NAME=VALUE", "nargs": "*", "type": _ctl_argument, "help": "such as fraction=0.4"},
        "--uri": {"default": f"http://127.0.0.1:{DEFAULT_PORT}", "help": "of the server (%(default)s)"},
    },
    "demo": {"--rows": {"type": _demo_rows, "default": 50_000, "help": "how many vectors (%(default)s)"}},
    "watch": {
        "uri": {"metavar": "URI", "help": "of the Milvus, such as http://127.0.0.1:19530"},
        "collection": {"metavar": "COLLECTION", "help": "its name, or an alias"},
        "index": {"metavar": "INDEX", "nargs": "?", "default": "", "help": "needed where there are several"},
        "--database": {"default": "", "help": "the collection's database (default)"},
        "--token": {"default": "", "help": "user:password, where Milvus asks for it"},
        "--timeout": {"type": float, "default": None, "help": "seconds to wait at most (waits for the end)"},
    },
}
