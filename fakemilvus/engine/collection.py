"""A collection: its rows in segments, its indexes, and the one place where both change.

Readers take ``snapshot``, one frozen value, and no lock. A writer holds the collection's lock while it copies
its own rows or masks, and publishes by one assignment; filters, sorting and FAISS run outside the lock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.clock import Clock
from fakemilvus.datatypes import Column
from fakemilvus.engine.build import Build
from fakemilvus.engine.builds import Builds
from fakemilvus.engine.consistency import STRONG, Consistency
from fakemilvus.engine.counting import count_segment
from fakemilvus.engine.definition import Definition
from fakemilvus.engine.growing import Growing
from fakemilvus.engine.history import History
from fakemilvus.engine.index import Index, IndexState, SegmentProgress, Tracker
from fakemilvus.engine.index_checks import define_index
from fakemilvus.engine.keys import automatic_keys
from fakemilvus.engine.loading import EVERYTHING, LoadCall, loaded, released
from fakemilvus.engine.options import Options
from fakemilvus.engine.partition_keys import partition_names
from fakemilvus.engine.quota import Account, Quota
from fakemilvus.engine.removal import Finder, Removal
from fakemilvus.engine.reshaping import computed_bytes, lost_bytes, reshaped
from fakemilvus.engine.schema import Pairs, Schema
from fakemilvus.engine.segment import Segment
from fakemilvus.engine.sessions import Sessions
from fakemilvus.engine.shares import Shares, divided
from fakemilvus.engine.snapshot import Partition, Snapshot
from fakemilvus.engine.visibility import unexpired

if TYPE_CHECKING:
    from fakemilvus.engine.state import CollectionState


EXCHANGE_TRIES = 4


@dataclass(frozen=True, slots=True)
class Inserted:
    """The primary keys that were stored, in the order of the request, and the write's timestamp."""

    keys: NDArray[Any]
    timestamp: int


class Collection:
    """One collection. ``id`` and the partition ids are unique in the life of the process.

    ``definition`` is what DescribeCollection tells, ``snapshot`` what readers of rows see.
    """

    def __init__(
        self, definition: Definition, clock: Clock, builds: Builds, options: Options, quota: Quota | None = None
    ) -> None:
        self.id = clock.timestamp()
        self.created = clock.timestamp()
        self.definition = replace(definition, updated=self.created)
        self._clock = clock
        self._written = 0  # the timestamp of the last write that changed rows
        self._history = History(clock, round(1000 * options.read_lag_s))
        self._sessions = Sessions()
        self.snapshot = Snapshot(definition.schema, partitions=_first_partitions(definition, self.created, clock))
        self._builds = builds
        self._options = options
        self._lock = threading.Lock()  # guards what stands below, and every replacement of snapshot
        self._growing = Growing(clock, options.segment_rows)
        self._account = Account(quota or Quota())
        self._dropped = False

    @property
    def snapshot(self) -> Snapshot:
        """The state at this moment, of which some readers may not see everything yet: see ``seen``."""
        return self._snapshot

    @snapshot.setter
    def snapshot(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._history.note(self._written, snapshot)

    def seen(self, consistency: Consistency = STRONG) -> Snapshot:
        """What a reader sees: nothing whose time to live is over, and on a lagging server maybe not the last writes."""
        definition, unix_ms = self.definition, self._clock.unix_ms()
        needed = max(definition.updated, consistency.needed(definition.consistency_level, unix_ms))
        return unexpired(self._history.seen(self._snapshot, needed), definition, unix_ms)

    def begin_session(self, seen: Snapshot) -> int:
        """The timestamp by which an iterator will name this moment, of which its first page saw ``seen``."""
        timestamp = self._clock.timestamp()
        self._sessions.begin(timestamp, seen)
        return timestamp

    def seen_in_session(self, timestamp: int) -> Snapshot:
        """What an iterator goes on with: nothing that was written, or deleted, after it began."""
        return unexpired(self._sessions.seen(timestamp, self._snapshot), self.definition, self._clock.unix_ms())

    # -- keeping and restoring -------------------------------------------------------------------------------------

    @property
    def paused(self) -> AbstractContextManager[Any]:
        """While this is held nothing is written and no index is attached; hold it shortly."""
        return self._lock

    def resume(self, state: CollectionState) -> None:
        """Makes this new collection what ``state`` says; ``rebuild`` is still to come."""
        with self._lock:
            self.id = state.id
            self.created = state.created
            self.definition = replace(self.definition, updated=state.updated)
            self._growing.resume(segment for segment in state.snapshot.segments if not segment.sealed)
            sealed = [segment for segment in state.snapshot.segments if segment.sealed]
            indexes = tuple(replace(index, tracker=_make_tracker(self._options)) for index in state.snapshot.indexes)
            self.snapshot = replace(state.snapshot, segments=(*sealed, *self._growing.views), indexes=indexes)
            self._account.adopt(state.size_bytes)

    def rebuild(self, failures: Mapping[tuple[int, int], str]) -> list[Build]:
        """Counts a resumed collection's segments for its indexes; builds that were not finished start anew, and are
        returned.
        """
        with self._lock:
            builds = []
            for index in self.snapshot.indexes:
                for segment in self.snapshot.segments:
                    counted = SegmentProgress(segment.id, segment.rows, segment.last_timestamp)
                    failure = failures.get((index.id, segment.id))
                    if failure is not None:
                        index.tracker.add(replace(counted, state=IndexState.FAILED, reason=failure))
                    elif index.id in segment.built:
                        index.tracker.add(replace(counted, indexed_rows=segment.rows, state=IndexState.FINISHED))
                    elif segment.sealed:
                        builds.append(self._locked_count(index, segment))
            return self._locked_submit(builds)

    def reseed(self, seed: int) -> None:
        """Trains the indexes that are started from now on with this seed."""
        with self._lock:
            self._options = replace(self._options, seed=seed)

    @property
    def size_bytes(self) -> int:
        """What the rows take in memory, the deleted ones included, indexes not."""
        return self._account.size_bytes

    @property
    def segment_rows(self) -> int:
        """How many rows make a full segment."""
        return self._options.segment_rows

    @property
    def schema(self) -> Schema:
        return self.snapshot.schema

    @property
    def properties(self) -> Pairs:
        """The properties as DescribeCollection tells them."""
        return self.definition.noted()

    @property
    def updated(self) -> int:
        return self.definition.updated

    @property
    def channels(self) -> list[str]:
        """The virtual channels, one a shard; nothing flows through them, but clients and complaints name them."""
        return [f"by-dev-rootcoord-dml_{shard}_{self.id}v{shard}" for shard in range(self.definition.shards)]

    # -- rows ------------------------------------------------------------------------------------------------------

    def insert(
        self,
        columns: Mapping[int, Column],
        rows: int,
        shares: Shares | None = None,
        replaced: Finder | None = None,
        replaced_in: frozenset[int] | None = None,
    ) -> Inserted:
        """Appends rows, given as one column per stored field; without the primary key it is made automatically.

        ``shares`` says which rows go to which partition; without it all go to the default one. ``replaced`` finds the
        rows whose place these take, in the partitions ``replaced_in`` or in all: no reader sees both, or neither.
        """
        primary = self.schema.primary
        removal = None if replaced is None else Removal.of(self.snapshot.segments, replaced, replaced_in)
        if primary.id not in columns:
            columns = {**columns, primary.id: automatic_keys(self._clock, primary.type, rows)}
        size_bytes = sum(column.size_bytes for column in columns.values())
        shares = shares or ((self.snapshot.partitions[0].id, None),)
        parts = divided(columns, rows, shares, primary.id, self.definition.shards)
        with self._lock:
            self._locked_check_partitions(part.partition_id for part in parts)
            self._account.take(size_bytes)
            timestamp = self._written = self._clock.timestamp()
            kept = self._locked_sealed() if removal is None else self._locked_remove(removal, removal.complete)
            schema = self.snapshot.schema
            sealed = [s for part in parts for s in self._growing.append(schema, part, timestamp)]
            if self._options.seal == "insert":
                sealed += self._growing.seal()
            builds = self._locked_publish(sealed, kept)
        self._builds.settle(builds)
        return Inserted(columns[primary.id].values, timestamp)

    def delete(self, find: Finder, within: frozenset[int] | None = None) -> tuple[int, int]:
        """Deletes the living rows that ``find`` names in each segment; returns how many, and the timestamp.

        ``within`` are the ids of the partitions to look at, None for all.

        ``find`` runs outside the lock, on the state of the collection at the time of the call.
        """
        removal = Removal.of(self.snapshot.segments, find, within)
        with self._lock:
            timestamp = self._written = self._clock.timestamp()
            kept = self._locked_remove(removal, removal.known)
            self.snapshot = replace(self.snapshot, segments=(*kept, *self._growing.views))
        return removal.count, timestamp

    def flush(self) -> tuple[list[int], int]:
        """Seals what is growing; returns the ids of the segments that were sealed, and the flush's timestamp."""
        with self._lock:
            sealed = self._growing.seal()
            builds = self._locked_publish(sealed, self._locked_sealed())
            timestamp = self._clock.timestamp()
        self._builds.settle(builds)
        return [segment.id for segment in sealed], timestamp

    # -- indexes and loading ---------------------------------------------------------------------------------------

    def create_index(self, field_name: str, name: str, params: Pairs) -> None:
        """Publishes an index and starts its builds; the same definition again is no error, any other is refused."""
        with self._lock:
            asked = define_index(self.schema, field_name, name, params, self.snapshot.indexes, self._options)
            if asked is None:
                return
            index = Index(
                id=self._clock.timestamp(),
                name=asked.name,
                field=asked.field,
                params=asked.params,
                kind=asked.kind,
                metric=asked.metric,
                build_params=asked.build_params,
                created=self._clock.timestamp(),
                named=asked.named,
                tracker=_make_tracker(self._options),
            )
            builds = [self._locked_count(index, segment) for segment in self.snapshot.segments if segment.sealed]
            self.snapshot = replace(self.snapshot, indexes=(*self.snapshot.indexes, index))
            submitted = self._locked_submit(builds)
        self._builds.settle(submitted)

    def drop_index(self, name: str) -> None:
        """Forgets an index at once; its builds end after at most one iteration or chunk.

        A missing index is no error; a vector index of a loaded collection is refused, and so is no name for several.
        """
        with self._lock:
            found = self.snapshot.find_index(name)
            if len(found) > 1:
                raise errors.IndexDuplicate(index=name)
            if not found:
                return
            (index,) = found
            if self.snapshot.loaded and index.field.is_vector:
                raise errors.VectorIndexOfLoadedCollection(collection=self.id)
            segments = tuple(s.without_built(index.id) if index.id in s.built else s for s in self.snapshot.segments)
            kept = tuple(other for other in self.snapshot.indexes if other is not index)
            self.snapshot = replace(self.snapshot, segments=segments, indexes=kept)
        self._builds.cancel([index])

    def load(self, asked: LoadCall = EVERYTHING) -> None:
        """Loads at once; refused as long as there is no index at all, or a vector field has none."""
        self.change(lambda snapshot: loaded(snapshot, self.definition.name, self.id, asked, self._options.query_nodes))

    def release(self, partitions: Sequence[str] | None = None) -> None:
        """Ends reading of everything, or of some partitions."""
        self.change(lambda snapshot: released(snapshot, partitions))

    def change(self, change: Callable[[Snapshot], Snapshot]) -> Snapshot:
        """Replaces the snapshot by what ``change`` makes of it, and returns the new one; for what concerns no rows.

        It runs under the lock: it must be quick, and take no other lock.
        """
        with self._lock:
            self.snapshot = change(self.snapshot)
            return self.snapshot

    def forget_partitions(self, change: Callable[[Snapshot], Snapshot]) -> None:
        """Like ``change``, where that may leave out partitions: their rows, and builds over them, go too."""
        with self._lock:
            before = self.snapshot
            after = change(before)
            kept = {partition.id for partition in after.partitions}
            gone = [segment for segment in before.segments if segment.partition_id not in kept]
            self._growing.keep_partitions(kept)
            self.snapshot = replace(after, segments=tuple(s for s in before.segments if s.partition_id in kept))
            self._locked_forget(gone)
        self._builds.cancel_segments({segment.id for segment in gone})

    def exchange(
        self,
        schema: Schema,
        ids: Sequence[int],
        make: Callable[[Sequence[Segment]], Sequence[Segment]],
        freed_bytes: int,
    ) -> bool:
        """Puts what ``make`` makes of sealed segments, as they are now, in their place, which frees so much memory.

        False when the schema is another one by now, or a segment is gone. ``make`` runs outside the lock, and again
        where rows were deleted meanwhile; the last time inside, so that this ends while others go on deleting.
        """
        for tries_left in range(EXCHANGE_TRIES, -1, -1):
            seen = _of_ids(self.snapshot, ids)
            if len(seen) < len(ids):
                return False
            made = make(seen)
            with self._lock:
                now = _of_ids(self.snapshot, ids)
                if self._dropped or self.snapshot.schema is not schema or len(now) < len(ids):
                    return False
                if any(one.alive is not other.alive for one, other in zip(seen, now, strict=True)):
                    if tries_left:
                        continue
                    made = make(now)
                builds = self._locked_exchange(now, made, freed_bytes)
            break
        self._builds.cancel_segments(set(ids))
        self._builds.settle(builds)
        return True

    @property
    def dropped(self) -> bool:
        return self._dropped

    def redefine(self, change: Callable[[Definition, Snapshot], Definition]) -> None:
        """Replaces the definition by what ``change`` makes of it, and the segments follow its schema.

        It runs under the lock: it must be quick, and take no other lock. Where it gives back the same definition,
        nothing changes; anything else is told to clients by a new ``updated``.
        """
        with self._lock:
            made = change(self.definition, self.snapshot)
            if made is self.definition:
                return
            before = self.snapshot
            if made.schema is not before.schema:
                self._growing.reshape(made.schema)
                self.snapshot = reshaped(before, made.schema, self._growing.views)
                self._account.adopt(computed_bytes(before, self.snapshot))
            self.definition = replace(made, updated=self._clock.timestamp())
        self._builds.cancel([index for index in before.indexes if index.field.id not in made.schema.by_id])
        size_bytes = lost_bytes(before, made.schema)
        with self._lock:
            self._account.give_back(size_bytes)

    def truncate(self) -> tuple[Segment, ...]:
        """Forgets every row, and the builds over them; gives back what is to be freed."""
        with self._lock:
            gone = self.snapshot.segments
            self._history.clear()
            self._sessions.clear()
            self._growing.keep_partitions(())
            self.snapshot = replace(self.snapshot, segments=())
            self._account.give_back(self._account.size_bytes)
            self._locked_uncount(gone)
        self._builds.cancel_segments({segment.id for segment in gone})
        return gone

    def close(self) -> None:
        """Ends every build of a collection that was dropped; its rows are no longer counted as memory in use."""
        with self._lock:
            self._dropped = True
            self._account.close()
            indexes = self.snapshot.indexes
        self._builds.cancel(indexes)

    # -- private ---------------------------------------------------------------------------------------------------

    def _locked_forget(self, segments: Sequence[Segment]) -> None:
        """The rows of segments that are gone are no longer counted, neither as memory in use nor for any index."""
        self._account.give_back(sum(segment.size_bytes for segment in segments))
        self._locked_uncount(segments)

    def _locked_uncount(self, segments: Sequence[Segment]) -> None:
        ids = [segment.id for segment in segments]
        for index in self.snapshot.indexes:
            index.tracker.remove(ids)

    def _locked_exchange(self, old: Sequence[Segment], made: Sequence[Segment], freed_bytes: int) -> list[Build]:
        """Publishes merged segments where the first of the old ones was, and starts their builds."""
        ids = [segment.id for segment in old]
        place = next(number for number, segment in enumerate(self.snapshot.segments) if segment.id in ids)
        kept = [segment for segment in self.snapshot.segments if segment.id not in ids]
        self.snapshot = replace(self.snapshot, segments=(*kept[:place], *made, *kept[place:]))
        self._account.give_back(freed_bytes)
        builds = []
        for index in self.snapshot.indexes:
            builds += [self._locked_count(index, segment, () if number else ids) for number, segment in enumerate(made)]
            if not made:
                index.tracker.remove(ids)
        return self._locked_submit(builds)

    def _locked_check_partitions(self, partition_ids: Iterable[int]) -> None:
        """Refuses to write into a partition that was dropped since it was looked up."""
        known = {partition.id for partition in self.snapshot.partitions}
        for partition_id in partition_ids:
            if partition_id not in known:
                raise errors.PartitionNotFound(partition=partition_id)

    def _locked_sealed(self) -> list[Segment]:
        return [segment for segment in self.snapshot.segments if segment.sealed]

    def _locked_remove(self, removal: Removal, gone: Finder) -> list[Segment]:
        """Takes rows out of the growing segments, which is yet to be published, and returns the sealed ones without.

        ``gone`` is how the removal is to be asked, ``known`` or ``complete``.
        """
        self._growing.remove(gone, removal.concerns)
        sealed = self._locked_sealed()
        return [one.without(gone(one)) if removal.concerns(one.partition_id) else one for one in sealed]

    def _locked_publish(self, sealed: list[Segment], kept: list[Segment]) -> list[Build]:
        """Makes the growing rows and newly sealed segments visible in one assignment, then starts their builds.

        ``kept`` are the segments that were sealed before.
        """
        self.snapshot = replace(self.snapshot, segments=(*kept, *sealed, *self._growing.views))
        indexes = self.snapshot.indexes
        return self._locked_submit([self._locked_count(index, segment) for segment in sealed for index in indexes])

    def _locked_count(self, index: Index, segment: Segment, gone: Sequence[int] = ()) -> Build | None:
        """Counts a flushed segment for an index, instead of those that are gone; the build that it needs, if any."""
        subject = index.subject(self.definition.name)

        def attach(built: Any) -> bool:
            return self._attach(segment.id, index.id, built)

        return count_segment(self._builds, self._options, subject, index, segment, attach, gone)

    def _locked_submit(self, builds: Iterable[Build | None]) -> list[Build]:
        """Queues builds, unless the collection was dropped meanwhile: then nobody would ever cancel them."""
        submitted = [build for build in builds if build is not None and not self._dropped]
        for build in submitted:
            self._builds.submit(build)
        return submitted

    def _attach(self, segment_id: int, index_id: int, built: Any) -> bool:
        """Publishes a finished index on its segment; False when either is gone."""
        with self._lock:
            known = any(index.id == index_id for index in self.snapshot.indexes)
            if self._dropped or not known or all(s.id != segment_id for s in self.snapshot.segments):
                return False
            segments = tuple(s.with_built(index_id, built) if s.id == segment_id else s for s in self.snapshot.segments)
            self.snapshot = replace(self.snapshot, segments=segments)
            return True


def _of_ids(snapshot: Snapshot, ids: Sequence[int]) -> tuple[Segment, ...]:
    return tuple(segment for segment in snapshot.segments if segment.id in ids)


def _first_partitions(definition: Definition, created: int, clock: Clock) -> tuple[Partition, ...]:
    return tuple(Partition(clock.timestamp(), name, created) for name in partition_names(definition))


def _make_tracker(options: Options) -> Tracker:
    return Tracker(whole_segments=options.progress == "segment")
