"""Roles, users and resource groups: there are none, which is what clients that clean up want to hear."""

from __future__ import annotations

from typing import Any

from fakemilvus.engine.instance import Instance
from fakemilvus.wire.dispatch import Call
from fakemilvus.wire.messages import milvus


def select_role(instance: Instance, call: Call) -> Any:
    """No roles."""
    return milvus.SelectRoleResponse()


def select_user(instance: Instance, call: Call) -> Any:
    """No users."""
    return milvus.SelectUserResponse()


def list_resource_groups(instance: Instance, call: Call) -> Any:
    """No resource groups."""
    return milvus.ListResourceGroupsResponse()


RPCS = {"SelectRole": select_role, "SelectUser": select_user, "ListResourceGroups": list_resource_groups}
