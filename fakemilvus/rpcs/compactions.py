"""Compaction: merging flushed segments, and how far that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fakemilvus.engine.collection import Collection
from fakemilvus.engine.compaction import CompactionRequest
from fakemilvus.engine.compactions import LIVE, NOTHING_TO_DO, Task, TaskState
from fakemilvus.engine.instance import Instance
from fakemilvus.wire.dispatch import Call
from fakemilvus.wire.messages import common, milvus


def manual_compaction(instance: Instance, call: Call) -> Any:
    """Starts merging a collection's segments and answers at once; id -1 where there is nothing to merge."""
    request = call.request
    collection, _ = instance.describe(call.database, request.collection_name, request.collectionID)
    if request.channel and request.channel not in collection.channels:
        return milvus.ManualCompactionResponse(compactionID=NOTHING_TO_DO)
    asked = CompactionRequest(
        partition_id=request.partition_id,
        segment_ids=tuple(request.segment_ids),
        clustering=request.majorCompaction,
        level_zero=request.l0Compaction,
        target_mb=request.target_size,
        shard=collection.channels.index(request.channel) if request.channel else None,
    )
    compaction_id, plans = instance.compactions.start(collection, asked)
    return milvus.ManualCompactionResponse(compactionID=compaction_id, compactionPlanCount=plans)


def get_compaction_state(instance: Instance, call: Call) -> Any:
    """Executing or Completed, with the number of plans in each state; Completed for an id that is unknown."""
    tasks = instance.compactions.tasks(call.request.compactionID)
    states = [task.state for task in tasks]
    return milvus.GetCompactionStateResponse(
        state=_state(tasks),
        executingPlanNo=sum(state in LIVE for state in states),
        completedPlanNo=states.count(TaskState.COMPLETED),
        failedPlanNo=states.count(TaskState.FAILED),
    )


def get_compaction_state_with_plans(instance: Instance, call: Call) -> Any:
    """The plans of one compaction; without an id, those of a collection, as later servers answer.

    Source: Milvus 3.0's datacoord services for the former, pymilvus 3.0.2's list_compaction_tasks for the latter.
    """
    request = call.request
    if request.compactionID or not (request.collection_name or request.collection_id):
        tasks = instance.compactions.tasks(request.compactionID)
        channels = {collection.id: collection.channels for collection in _collections(instance, tasks)}
    else:
        collection, _ = instance.describe(call.database, request.collection_name, request.collection_id)
        tasks, channels = instance.compactions.tasks_of(collection.id), {collection.id: collection.channels}
    response = milvus.GetCompactionPlansResponse(state=_state(tasks))
    for task in tasks:
        known = channels.get(task.collection_id)
        _encode_task(task, known[task.shard] if known else "", response.mergeInfos.add())
    return response


# -- private ---------------------------------------------------------------------------------------------------


def _collections(instance: Instance, tasks: Sequence[Task]) -> list[Collection]:
    ids = {task.collection_id for task in tasks}
    return [collection for collection in instance.all_collections() if collection.id in ids] if ids else []


def _state(tasks: Sequence[Task]) -> int:
    live = any(task.state in LIVE for task in tasks)
    return int(common.CompactionState.Value("Executing" if live else "Completed"))


def _encode_task(task: Task, channel: str, message: Any) -> None:
    message.sources.extend(task.sources)
    message.target = task.targets[0] if task.targets else -1
    message.targets.extend(task.targets)
    message.plan_id = task.plan_id
    message.trigger_id = task.compaction_id
    message.collection_id = task.collection_id
    message.partition_id = task.partition_id
    message.channel = channel
    message.type = common.CompactionType.Value(f"CompactionType{'Clustering' if task.clustering else 'Mix'}")
    message.state = common.CompactionTaskState.Value(f"CompactionTaskState{task.state.name.title()}")
    message.failure_reason = task.reason


RPCS = {
    "ManualCompaction": manual_compaction,
    "GetCompactionState": get_compaction_state,
    "GetCompactionStateWithPlans": get_compaction_state_with_plans,
}
