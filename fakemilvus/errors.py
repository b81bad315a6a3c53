"""Every error a client can receive, with Milvus' codes and texts: the one place.

A class is one refusal. Its template is the whole text as Milvus composes it, the base text included, so that
searching for what a client printed lands here; raising it takes keyword facts, never a sentence. ``code`` is
Milvus' error code since 2.3, ``legacy`` the older ``error_code`` enum that SDKs still look at. Texts and codes
follow Milvus 3.0 (its merr package and the call sites); where 2.3.5 answers otherwise, the conformance case says so.
"""

from __future__ import annotations

from typing import Any, ClassVar


class MilvusError(Exception):
    """A refusal in Milvus' own words; the dispatcher turns it into the response's status.

    ``within`` is what Milvus wraps around the text for one rpc, for example "failed to search".
    """

    code: ClassVar[int] = 65535
    legacy: ClassVar[int] = 1
    retriable: ClassVar[bool] = False
    input_error: ClassVar[bool] = False
    template: ClassVar[str] = "{message}"

    def __init__(self, *, within: str = "", **facts: Any) -> None:
        self.facts = facts
        self.message = (f"{within}: " if within else "") + self.template.format(**facts)
        super().__init__(self.message)


class RpcAborted(Exception):
    """Ends an rpc with a gRPC status instead of an answer; ``status`` is the name of a grpc.StatusCode."""

    def __init__(self, status: str, details: str) -> None:
        self.status = status
        self.details = details
        super().__init__(f"{status}: {details}")


class Unimplemented(RpcAborted):
    """What fakemilvus does not build: said loudly, naming the rpc or the parameter."""

    def __init__(self, what: str) -> None:
        super().__init__("UNIMPLEMENTED", f"fakemilvus does not implement {what}")


# -- service ---------------------------------------------------------------------------------------------------


class ServiceInternal(MilvusError):
    code = 5
    template = "service internal error: {reason}"


# -- collections -----------------------------------------------------------------------------------------------


class CollectionNotFound(MilvusError):
    code = 100
    legacy = 4
    input_error = True
    template = "collection not found[database={database}][collection={collection}]"


class CollectionNotFoundByDescribe(CollectionNotFound):
    """DescribeCollection alone words it so and keeps legacy 1; clients recognise a missing collection by it."""

    legacy = 1
    template = "can't find collection[database={database}][collection={collection}]"


class CollectionNotLoaded(MilvusError):
    code = 101
    template = "collection not loaded[collection={collection}]"


class SchemaMismatch(MilvusError):
    code = 109
    legacy = 62
    input_error = True
    template = "collection schema mismatch[collection={collection}]"


# -- databases -------------------------------------------------------------------------------------------------


class DatabaseNotFound(MilvusError):
    code = 800
    input_error = True
    template = "database not found[database={database}]"


# -- partitions ------------------------------------------------------------------------------------------------


class PartitionNotFound(MilvusError):
    code = 200
    legacy = 15
    input_error = True
    template = "partition not found[partition={partition}]"


# -- indexes ---------------------------------------------------------------------------------------------------


class IndexNotFound(MilvusError):
    code = 700
    legacy = 25
    template = "index not found[indexName={index}]"


class IndexNotFoundOnCollection(IndexNotFound):
    template = "index not found[collection={collection}]"


class IndexDuplicate(MilvusError):
    code = 702
    input_error = True
    template = "index duplicates[indexName={index}]"


# -- parameters ------------------------------------------------------------------------------------------------


class ParameterInvalid(MilvusError):
    """Code 1100; each subclass is one text."""

    code = 1100
    legacy = 5
    input_error = True
    template = "{message}: invalid parameter"


class ParameterMissing(MilvusError):
    """Code 1101; each subclass is one text."""

    code = 1101
    legacy = 5
    input_error = True
    template = "{message}: missing parameter"


# -- filters ---------------------------------------------------------------------------------------------------


class FilterError(MilvusError):
    """What is wrong with a filter, before Milvus wraps it for the rpc that it came with."""

    code = 2201
    input_error = True
    template = "cannot parse expression: {expression}, error: {problem}: query plan failed"


# -- aliases ---------------------------------------------------------------------------------------------------


class AliasNotFound(MilvusError):
    code = 1600
    input_error = True
    template = "alias not found[database={database}][alias={alias}]"
