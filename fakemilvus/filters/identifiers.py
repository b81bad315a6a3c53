"""A JSON path as a client of an index writes it, in the language of filters: a field with keys, or a dynamic key."""

from __future__ import annotations

from fakemilvus import errors
from fakemilvus.filters import plan
from fakemilvus.filters.checker import Checker
from fakemilvus.filters.fields import Fields
from fakemilvus.filters.parser import Parser
from fakemilvus.filters.tokens import tokenize
from fakemilvus.timestamptz import DEFAULT_TIMEZONE


def parse_identifier(text: str, fields: Fields) -> plan.Column:
    """The field and the path; raises FilterError where the text names neither, as Milvus' ParseIdentifier does."""
    if not text.strip():
        raise errors.IdentifierUnread(text=text)
    try:
        tokens = tokenize(text)
        found = Checker(fields, text, tokens, DEFAULT_TIMEZONE).check(Parser(text, tokens).parse())
    except errors.FilterError as error:
        raise type(error)(within=f"cannot parse identifier: {text}", **error.facts) from None
    if not isinstance(found, plan.Column):
        raise errors.IdentifierUnread(text=text)
    return found
