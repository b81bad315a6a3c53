"""What all tests share."""

import pytest

pytest_plugins = ["pytester"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of tests/conformance; pytest takes options from the first conftest only."""
    group = parser.getgroup("conformance")
    group.addoption("--milvus-uri", help="run tests/conformance against this server, such as http://127.0.0.1:19530")
    group.addoption("--milvus-token", default="", help="user:password of that server")
