"""Analyzers: what becomes of a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fakemilvus import errors
from fakemilvus.engine.analysis import Analyzer, find_analyzer, hash_of
from fakemilvus.engine.field_analyzers import DEFAULT, analyzers_of, enables_analyzer
from fakemilvus.engine.instance import Instance
from fakemilvus.engine.tokenizers import Refused, Word
from fakemilvus.wire.dispatch import Call
from fakemilvus.wire.messages import milvus


def run_analyzer(instance: Instance, call: Call) -> Any:
    """The terms of some texts, by an analyzer's parameters or by the analyzer of a loaded collection's field."""
    request = call.request
    texts = [text.decode(errors="replace") for text in request.placeholder]
    response = milvus.RunAnalyzerResponse()
    if not texts:
        return response
    analyzers = _of_field(instance, call) if request.collection_name else [_of_params(request.analyzer_params)]
    for number, text in enumerate(texts):
        words = analyzers[number if len(analyzers) > 1 else 0].tokens(text)
        response.results.add().tokens.extend(_encoded(words, request.with_detail, request.with_hash))
    return response


# -- private ---------------------------------------------------------------------------------------------------


def _of_params(params: str) -> Analyzer:
    try:
        return find_analyzer(params)
    except Refused as refused:
        raise errors.AnalyzerRefused(problem=refused, params=params) from None


def _of_field(instance: Instance, call: Call) -> list[Analyzer]:
    """One analyzer for every text, or one for each."""
    request = call.request
    _check(request)
    collection = instance.look_up(call.database, request.collection_name)
    snapshot = collection.snapshot
    field = snapshot.schema.by_name.get(request.field_name)
    if field is None:
        raise errors.AnalyzedFieldNotFound(field=request.field_name)
    if not snapshot.loaded:
        raise errors.CollectionNotLoaded(collection=collection.id)
    if not enables_analyzer(field):
        raise errors.FieldNotAnalyzed(field=field.id)
    analyzers = analyzers_of(field)
    return [analyzers.named(name or DEFAULT) for name in request.analyzer_names or (DEFAULT,)]


def _check(request: Any) -> None:
    if request.analyzer_params:
        raise errors.AnalyzerParamsBesideField
    if not request.field_name:
        raise errors.AnalyzedFieldMissing
    names, texts = len(request.analyzer_names), len(request.placeholder)
    if names not in (0, 1, texts):
        raise errors.AnalyzerNamesMismatch(names=names, texts=texts)


def _encoded(words: Sequence[Word], with_detail: bool, with_hash: bool) -> list[Any]:
    tokens = []
    for word in words:
        token = milvus.AnalyzerToken(token=word.text)
        if with_detail:
            token.start_offset, token.end_offset = word.start, word.stop
            token.position, token.position_length = word.position, word.length
        if with_hash:
            token.hash = hash_of(word.text)
        tokens.append(token)
    return tokens


RPCS = {"RunAnalyzer": run_analyzer}
