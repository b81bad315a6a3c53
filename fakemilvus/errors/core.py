"""What every refusal derives from, and what any rpc may answer; a server that starts needs this file alone."""

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
    detail_template: ClassVar[str] = ""  # where the status' detail is not its reason

    def __init__(self, *, within: str = "", **facts: Any) -> None:
        self.facts = facts
        self.message = (f"{within}: " if within else "") + self.template.format(**facts)
        self.detail = self.detail_template.format(**facts) or self.message
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


class InjectedFailure(MilvusError):
    """What a fault wants to be answered; its codes are the fault's."""

    def __init__(self, reason: str, code: int, legacy: int, retriable: bool) -> None:
        super().__init__(message=reason)
        self.code = code  # type: ignore[misc]
        self.legacy = legacy  # type: ignore[misc]
        self.retriable = retriable  # type: ignore[misc]


NODE = "fail to search on QueryNode 1: worker(1) query failed: "
"""What the query node adds to a search that it refuses; there is one node."""


class ServiceInternal(MilvusError):
    code = 5
    template = "service internal error: {reason}"


class SegmentsNotCompactable(ServiceInternal):
    template = "not all segment ids provided could be compacted: service internal error"


class MemoryQuotaExceeded(MilvusError):
    """What an insert is answered while Milvus' quota center denies writing; not retriable."""

    code = 9
    legacy = 48
    template = (
        "quota exceeded[reason=memory quota exceeded, please allocate more resources: force deny writing for memory "
        "quota exceeded]"
    )


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


class TargetSizeTooSmall(ParameterInvalid):
    template = "targetSize {target} MB should be greater than or equal to configMaxSize {least} MB: invalid parameter"


class FlushTimestampMissing(ParameterMissing):
    template = "FlushAllTss or FlushAllTs is required: missing parameter"


class FlushTimestampOfChannelMissing(ParameterInvalid):
    template = "FlushAllTs not found for pchannel {channel}: invalid parameter"


class DatabasePropertyUnreadable(ServiceInternal):
    template = "service internal error: parse value of property fail, key:{key}, value:{value}"


class Segcore(MilvusError):
    """What Milvus' core refuses; its own code stands in the text."""

    code = 2000
    input_error = True


class QueryPlanFailed(ParameterInvalid):
    """Search and query wrap every complaint about their filter in this."""

    template = "failed to create query plan: {reason}: invalid parameter"


class DeletePlanFailed(ParameterInvalid):
    """Delete wraps every complaint about its filter in this."""

    template = "failed to create delete plan: {reason}: invalid parameter"


class DeletePlanAlwaysTrue(ParameterInvalid):
    """Delete refuses a filter that is ``always_true``."""

    template = "delete plan can't be empty or always true : {expression}: invalid parameter"
