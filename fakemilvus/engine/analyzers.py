"""What Milvus refuses in the analyzers of the text fields of a schema.

Source: validateAnalyzer of rootcoord's create_collection_task.go, and the query node's ValidateAnalyzer, Milvus 3.0.
"""

from __future__ import annotations

import json
from typing import Any

from fakemilvus import errors
from fakemilvus.datatypes import DataType
from fakemilvus.engine.field_analyzers import enables_analyzer
from fakemilvus.engine.schema import Field, Schema


def check_analyzer(schema: Schema, field: Field, collection: str) -> None:
    """Raises for a field that is matched, or the input of a BM25, without a proper analyzer.

    Milvus takes a MinHash whose analyzer is none, and fails at its first rows.
    """
    params = dict(field.type_params)
    matched = field.enables_match
    if any(f.type == "MinHash" and field.name in f.inputs for f in schema.functions):
        _check_analyzer(params.get("analyzer_params", ""), f"field: {field.name}")
    if not matched and not any(f.type == "BM25" and field.name in f.inputs for f in schema.functions):
        return
    if not enables_analyzer(field):
        raise errors.MatchNeedsAnalyzer(field=field.name)
    several = params.get("multi_analyzer_params")
    if several is None:
        _check_analyzer(params.get("analyzer_params", ""), f"field: {field.name}")
        return
    if matched:
        raise errors.MultiAnalyzerMatch(field=field.name)
    if "analyzer_params" in params:
        raise errors.MultiAnalyzerBeside(field=field.name)
    for name, made in _check_several(several, schema, collection).items():
        _check_analyzer(json.dumps(made), f"field: {field.name}, name: {name}")


# -- private ---------------------------------------------------------------------------------------------------


def _check_analyzer(params: str, whose: str) -> None:
    from fakemilvus.engine.analysis import find_analyzer  # late: few schemas cut texts
    from fakemilvus.engine.tokenizers import Refused

    try:
        find_analyzer(params)
    except Refused as refused:
        raise errors.AnalyzerInvalid(whose=whose, problem=refused, params=params) from None


def _check_several(text: str, schema: Schema, collection: str) -> dict[str, Any]:
    """The parameters of each analyzer by its name."""
    try:
        given = json.loads(text)
    except ValueError as problem:
        raise errors.AnalyzerParamsUnreadable(problem=problem) from None
    if not isinstance(given, dict):
        raise errors.AnalyzerParamsUnreadable(problem=f"{text} is no map")
    if "by_field" not in given:
        raise errors.MultiAnalyzerWithoutField
    name = given["by_field"]
    if not isinstance(name, str):
        raise errors.MultiAnalyzerFieldNotText(value=json.dumps(name))
    field = next((field for field in schema.fields if field.name == name), None)
    if field is None:
        raise errors.MultiAnalyzerFieldNotFound(field=json.dumps(name), collection=collection)
    if field.type is not DataType.VARCHAR:
        raise errors.MultiAnalyzerFieldType(field=name)
    alias = given.get("alias", {})
    if not isinstance(alias, dict) or not all(isinstance(value, str) for value in alias.values()):
        raise errors.MultiAnalyzerAlias(value=json.dumps(alias))
    _check_default(given)
    analyzers: dict[str, Any] = given["analyzers"]
    return analyzers


def _check_default(given: dict[str, Any]) -> None:
    if "analyzers" not in given:
        raise errors.MultiAnalyzerWithoutAnalyzers
    if not isinstance(given["analyzers"], dict):
        raise errors.MultiAnalyzersUnreadable(problem=f"{json.dumps(given['analyzers'])} is no map")
    if "default" not in given["analyzers"]:
        raise errors.MultiAnalyzerWithoutDefault
