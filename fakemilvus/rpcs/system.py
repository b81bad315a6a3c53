"""The server itself: connecting, versions, health and timestamps."""

from __future__ import annotations

from typing import Any

from fakemilvus.engine.instance import Instance
from fakemilvus.wire.dispatch import Call
from fakemilvus.wire.messages import common, milvus

MILVUS_VERSION = "v3.0.0-fakemilvus"  # the Milvus that answers are modelled on, and who gives them


def connect(instance: Instance, call: Call) -> Any:
    """Registers a client; refused where its metadata names a database that does not exist."""
    instance.check_database(call.database)
    response = milvus.ConnectResponse(identifier=next(instance.identifiers))
    response.server_info.build_tags = MILVUS_VERSION
    response.server_info.deploy_mode = "STANDALONE"
    return response


def get_version(instance: Instance, call: Call) -> Any:
    """The version of Milvus that is simulated."""
    return milvus.GetVersionResponse(version=MILVUS_VERSION)


def check_health(instance: Instance, call: Call) -> Any:
    """Healthy whenever it can answer at all."""
    return milvus.CheckHealthResponse(isHealthy=True)


def alloc_timestamp(instance: Instance, call: Call) -> Any:
    """One fresh hybrid timestamp."""
    return milvus.AllocTimestampResponse(timestamp=instance.clock.timestamp())


def get_component_states(instance: Instance, call: Call) -> Any:
    """One healthy component, the proxy, which is what Milvus' proxy says of itself."""
    state = milvus.ComponentInfo(nodeID=1, role="Proxy", state_code=common.StateCode.Value("Healthy"))
    return milvus.ComponentStates(state=state)


RPCS = {
    "Connect": connect,
    "GetVersion": get_version,
    "CheckHealth": check_health,
    "AllocTimestamp": alloc_timestamp,
    "GetComponentStates": get_component_states,
}
