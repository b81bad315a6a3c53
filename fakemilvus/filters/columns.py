"""A column by its name as the filter language writes it: a field, a JSON key, a key of the dynamic field."""

from __future__ import annotations

from fakemilvus import errors
from fakemilvus.filters import plan
from fakemilvus.filters.checker import Checker
from fakemilvus.filters.fields import Fields
from fakemilvus.filters.parser import Parser
from fakemilvus.filters.tokens import tokenize


def find_column(text: str, fields: Fields) -> plan.Column:
    """The column; raises FilterError in the words of Milvus' parser where the text is no column."""
    tokens = tokenize(text)
    made = Checker(fields, text, tokens, "UTC").check(Parser(text, tokens).parse())
    if not isinstance(made, plan.Column):
        raise errors.FilterInvalid(expression=text)
    return made
