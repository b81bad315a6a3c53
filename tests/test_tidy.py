"""The house rules that a machine can check: layers, sizes, names and broad excepts."""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "fakemilvus"
FILES = sorted(PACKAGE.rglob("*.py"))

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50
LONG_FILES = {
    "engine/collection.py": "the one place where a collection changes: every writer, under its one lock",
}
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "base", "misc"}

GROUND = {"errors", "datatypes", "clock", "limits", "faults", "timestamptz"}
MAY_IMPORT = {
    "errors": set(),
    "limits": set(),
    "clock": {"limits"},
    "datatypes": {"errors", "limits"},
    "faults": {"errors"},
    "timestamptz": {"errors", "datatypes"},
    "filters": GROUND,
    "engine": GROUND | {"filters"},
    "wire": GROUND | {"filters", "engine"},
    "rpcs": GROUND | {"filters", "engine", "wire"},
    "control": GROUND | {"filters", "engine", "wire", "rpcs", "server"},  # the server's type alone
    "server": GROUND | {"filters", "engine", "wire", "rpcs", "control"},
    "remote": GROUND | {"engine", "wire"},
    "management": GROUND | {"wire", "rpcs", "server"},
    "progress": set(),
    "fast_waits": set(),
}
"""What each part of the package may import; parts that are not named here (cli, pytest_plugin, demo) may import all."""

OUTSIDE = {
    "grpc": {"wire"},
    "google": {"wire"},
    "faiss": {"engine"},
    "pymilvus": {"progress", "fast_waits", "pytest_plugin", "demo", "cli"},
    "tqdm": {"progress", "demo"},
}
BROAD_EXCEPTS = {"wire/dispatch.py", "engine/build_queue.py", "engine/compactions.py", "engine/embedding.py"}


def part_of(path: Path) -> str:
    """The part of the package that a file belongs to: a folder of it, or a module."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names if node.module == "fakemilvus")


def run_at_import(body: Iterable[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports that run when a module is imported: those in functions, and for type checkers alone, do not."""
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If) and ast.unparse(node.test) != "TYPE_CHECKING":
            yield from run_at_import([*node.body, *node.orelse])
        elif isinstance(node, ast.Try):
            yield from run_at_import([*node.body, *(line for handler in node.handlers for line in handler.body)])


def needed(path: Path, modules: set[str]) -> set[str]:
    """The modules of ours that the import of one needs, the packages around it among them."""
    names = [
        name
        for node in run_at_import(ast.parse(path.read_text()).body)
        for name in (
            [f"{node.module}.{alias.name}" for alias in node.names]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
        )
    ]
    ours = {name if name in modules else name.rpartition(".")[0] for name in names} & modules
    return ours | {".".join(name.split(".")[:end]) for name in ours for end in range(1, name.count(".") + 1)}


@pytest.fixture(params=FILES, ids=[str(file.relative_to(PACKAGE)) for file in FILES])
def source(request: pytest.FixtureRequest) -> tuple[Path, ast.Module, str]:
    text = request.param.read_text()
    return request.param, ast.parse(text), text


def test_layers(source: tuple[Path, ast.Module, str]) -> None:
    """A part imports only what stands below it."""
    path, tree, _ = source
    part = part_of(path)
    if part not in MAY_IMPORT:
        return
    used = {name.split(".")[1] for name in imports(tree) if name.startswith("fakemilvus.")}
    assert used - {part, "__version__"} <= MAY_IMPORT[part]


def test_no_imports_in_a_circle() -> None:
    """Two threads that import late, each another file of a circle, would wait for each other for ever."""
    names = {path: ".".join(("fakemilvus", *path.relative_to(PACKAGE).with_suffix("").parts)) for path in FILES}
    modules = {name.removesuffix(".__init__"): path for path, name in names.items()}
    graph = {name: needed(path, set(modules)) - {name} for name, path in modules.items()}
    graphlib.TopologicalSorter(graph).prepare()


def test_outside_packages(source: tuple[Path, ast.Module, str]) -> None:
    """grpc and protobuf stay in wire, faiss in the engine, pymilvus at the faces."""
    path, tree, _ = source
    for name in imports(tree):
        root = name.split(".")[0]
        if root in OUTSIDE:
            assert part_of(path) in OUTSIDE[root], f"{name} in {path.name}"


def test_faiss_is_imported_late(source: tuple[Path, ast.Module, str]) -> None:
    """No module imports faiss or pymilvus at its top, for both are slow; progress and demo are nothing without it."""
    path, tree, _ = source
    if part_of(path) in ("progress", "demo"):
        return
    top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {name.split(".")[0] for node in top for name in imports(node)}
    assert not names & {"faiss", "pymilvus", "tqdm"}


def test_file_length(source: tuple[Path, ast.Module, str]) -> None:
    """A file stays under 400 lines, or is listed with its reason."""
    path, _, text = source
    assert text.count("\n") <= MAX_FILE_LINES or str(path.relative_to(PACKAGE)) in LONG_FILES


def test_function_length(source: tuple[Path, ast.Module, str]) -> None:
    """A function stays under 50 lines, its docstring not counted."""
    for node in ast.walk(source[1]):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            start = node.body[0].end_lineno if ast.get_docstring(node) else node.lineno
            assert node.end_lineno is not None
            assert start is not None
            assert node.end_lineno - start <= MAX_FUNCTION_LINES, node.name


def test_names(source: tuple[Path, ast.Module, str]) -> None:
    """No file is named after nothing."""
    assert source[0].stem not in FORBIDDEN_NAMES


def test_every_file_says_what_it_is(source: tuple[Path, ast.Module, str]) -> None:
    """Each file opens with a docstring."""
    assert ast.get_docstring(source[1])


def test_broad_excepts(source: tuple[Path, ast.Module, str]) -> None:
    """`except Exception` stands in the dispatcher, in workers, and around a test's own model."""
    path, tree, _ = source
    place = str(path.relative_to(PACKAGE))
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            names = {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)} if node.type else {""}
            if names & {"", "Exception", "BaseException"}:
                assert place in BROAD_EXCEPTS, f"{place}:{node.lineno}"


def test_private_attributes_stay_private() -> None:
    """rpcs and server touch no private attribute of the engine."""
    for path in FILES:
        if part_of(path) in ("rpcs", "server"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
                    assert isinstance(node.value, ast.Name), f"{path.name}:{node.lineno} {node.attr}"
                    assert node.value.id in ("self", "cls"), f"{path.name}:{node.lineno} {node.attr}"
