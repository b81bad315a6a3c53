"""The state file: what comes back, and what is refused without changing anything."""

from __future__ import annotations

import io
import json
import pickle
import zipfile

import numpy as np
import pytest

from fakemilvus.clock import Clock, ManualClock
from fakemilvus.datatypes import TEXT_DTYPE, Column, DataType
from fakemilvus.engine.alterations import with_field, with_properties, without_field
from fakemilvus.engine.contents import Contents
from fakemilvus.engine.definition import Definition
from fakemilvus.engine.instance import Instance
from fakemilvus.engine.loading import LoadCall
from fakemilvus.engine.options import Options
from fakemilvus.engine.partitions import with_partition
from fakemilvus.engine.portable import StateFileInvalid, read_state, write_state
from fakemilvus.engine.schema import Field, Schema
from fakemilvus.engine.snapshot import Partition
from tests.engine.making import create_ivf, make_columns, make_definition, make_schema, make_vectors, put

DB = "default"
TEXTS = ["", "a", "grün", "\N{SNOWMAN}" * 20, "nul\0inside", "b" * 64, "c"]
SCHEMA = Schema(
    (
        Field("id", DataType.INT64, is_primary=True, auto_id=True),
        Field("flag", DataType.BOOL, default=True),
        Field("tiny", DataType.INT8),
        Field("short", DataType.INT16),
        Field("int", DataType.INT32, nullable=True),
        Field("long", DataType.INT64),
        Field("float", DataType.FLOAT),
        Field("double", DataType.DOUBLE, default=0.5),
        Field("text", DataType.VARCHAR, nullable=True, type_params=(("max_length", "256"),)),
        Field("json", DataType.JSON),
        Field("vector", DataType.FLOAT_VECTOR, type_params=(("dim", "4"),)),
    ),
    description="every type",
    enable_dynamic_field=True,
).with_ids()


def every_type():
    """A column for every stored field but the automatic key."""
    random, rows = np.random.default_rng(3), len(TEXTS)
    documents = np.array([json.dumps({"n": i, "t": TEXTS[i]}).encode() for i in range(rows)], object)
    values = {
        "flag": random.random(rows) < 0.5,
        "tiny": random.integers(-128, 127, rows).astype(np.int8),
        "short": random.integers(-30_000, 30_000, rows).astype(np.int16),
        "int": random.integers(-(2**31), 2**31 - 1, rows).astype(np.int32),
        "long": random.integers(-(2**63), 2**63 - 1, rows),
        "float": random.random(rows, np.float32),
        "double": random.random(rows),
        "text": np.array(TEXTS, TEXT_DTYPE),
        "json": documents,
        "vector": random.random((rows, 4), np.float32),
        "$meta": documents,
    }
    valid = np.arange(rows) % 3 > 0
    fields = {f.name: f for f in SCHEMA.stored}
    return {
        fields[name].id: Column(fields[name].type, column, valid if fields[name].nullable and name != "$meta" else None)
        for name, column in values.items()
    }


@pytest.fixture
def make_instance():
    made = []

    def make(clock=None, **options):
        made.append(Instance(Options(**options), clock or Clock()))
        return made[-1]

    yield make
    for instance in made:
        instance.stop()


@pytest.fixture
def instance(make_instance):
    return make_instance()


def reloaded(source, target, path):
    write_state(source.snapshot(), path)
    target.replace_by(read_state(path, target.clock, target.options))
    return target


def contents(instance, name="c"):
    return Contents(instance.find_collection(DB, name))


# -- what comes back -------------------------------------------------------------------------------------------


def test_rows_of_every_type_come_back(instance, make_instance, tmp_path):
    """Every value of every type, nulls and dynamic keys included, is what it was."""
    instance.create_collection(DB, Definition("c", SCHEMA))
    instance.find_collection(DB, "c").insert(every_type(), len(TEXTS))
    instance.find_collection(DB, "c").flush()
    instance.find_collection(DB, "c").insert(every_type(), len(TEXTS))
    loaded = reloaded(instance, make_instance(), tmp_path / "s")
    assert contents(loaded).rows() == contents(instance).rows()
    assert len(contents(loaded).rows()) == 2 * len(TEXTS)


def test_definitions_come_back(instance, make_instance, tmp_path):
    """Schemas, properties, aliases, what is loaded, and the indexes with their names and parameters come back."""
    definition = Definition("c", SCHEMA, shards=3, consistency_level=1, properties=(("a", "b"),))
    instance.create_collection(DB, definition)
    instance.create_collection(DB, make_definition("d"))
    instance.create_alias(DB, "alias", "c")
    collection = instance.find_collection(DB, "c")
    hnsw = (("index_type", "HNSW"), ("metric_type", "IP"), ("params", '{"M": 8, "efConstruction": 40}'))
    collection.create_index("vector", "", hnsw)
    collection.create_index("long", "mine", (("index_type", "STL_SORT"),))
    collection.create_index("text", "", ())
    collection.load()
    loaded = reloaded(instance, make_instance(), tmp_path / "s")
    assert [c.definition for c in loaded.collections(DB)] == [definition, make_definition("d")]
    assert loaded.find_alias(DB, "alias") == "c"
    again = loaded.find_collection(DB, "c").snapshot
    assert again.loaded
    asked = [(i.name, i.named, i.field, i.params, i.kind, i.metric, i.build_params) for i in again.indexes]
    had = collection.snapshot.indexes
    assert asked == [(i.name, i.named, i.field, i.params, i.kind, i.metric, i.build_params) for i in had]


def test_changed_schemas_come_back(instance, make_instance, tmp_path):
    """Fields that were added and dropped come back under their ids, with the rows that were there before and after."""
    instance.create_collection(DB, make_definition())
    collection = instance.find_collection(DB, "c")
    put(collection, [1, 2], make_vectors(2))
    collection.flush()
    added = Field("text", DataType.VARCHAR, nullable=True, default="x", type_params=(("max_length", "8"),))
    collection.redefine(lambda definition, _: with_field(definition, added))
    collection.redefine(lambda definition, _: without_field(definition, "number"))
    collection.redefine(lambda definition, _: with_properties(definition, (("dynamicfield.enabled", "true"),), ()))
    put(collection, [3], make_vectors(1))
    write_state(instance.snapshot(), tmp_path / "f")
    other = make_instance()
    other.replace_by(read_state(tmp_path / "f", other.clock, other.options))
    schema = other.find_collection(DB, "c").schema
    assert [(field.name, field.id) for field in schema.stored] == [
        ("id", 100),
        ("vector", 102),
        ("text", 103),
        ("$meta", 104),
    ]
    assert (schema.version, schema.highest_id) == (3, 104)
    rows = Contents(other.find_collection(DB, "c")).rows(output_fields=["id", "text"])
    assert rows == [{"id": key, "text": "x"} for key in (1, 2, 3)]


def test_automatic_indexes_come_back(instance, make_instance, tmp_path):
    """An AUTOINDEX is loaded as the AUTOINDEX that it was."""
    instance.create_collection(DB, make_definition())
    instance.find_collection(DB, "c").create_index("vector", "", ())
    loaded = reloaded(instance, make_instance(), tmp_path / "s")
    (index,) = loaded.find_collection(DB, "c").snapshot.indexes
    assert index.params == (("index_type", "AUTOINDEX"), ("metric_type", "COSINE"))


def test_deletes_and_segments_come_back(instance, make_instance, tmp_path):
    """Deleted rows stay deleted, flushed segments flushed, growing ones growing."""
    instance.create_collection(DB, make_definition())
    collection = instance.find_collection(DB, "c")
    put(collection, range(10), make_vectors(10))
    collection.flush()
    put(collection, range(10, 15), make_vectors(5))
    collection.delete(lambda segment: segment.find_keys(np.array([3, 12])))
    loaded = reloaded(instance, make_instance(), tmp_path / "s").find_collection(DB, "c")
    assert [(s.rows, s.sealed) for s in loaded.snapshot.segments] == [(10, True), (5, False)]
    put(loaded, [20], make_vectors(1))
    assert Contents(loaded).column("id").tolist() == sorted({*range(15), 20} - {3, 12})


def test_indexes_are_built_anew(instance, make_instance, tmp_path):
    """A loaded index is queued and built, and steering applies to it."""
    instance.create_collection(DB, make_definition())
    put(instance.find_collection(DB, "c"), range(2_000), make_vectors(2_000))
    instance.find_collection(DB, "c").flush()
    create_ivf(instance.find_collection(DB, "c"))
    instance.builds.wait(30)
    target = make_instance()
    target.builds.hold_at(rows=300)
    reloaded(instance, target, tmp_path / "s")
    target.builds.wait(30)
    assert contents(target).indexes[0]["indexed_rows"] == 300
    target.builds.release()
    target.builds.wait(30)
    assert contents(target).indexes[0]["state"] == "FINISHED"


def test_identities_are_new(instance, tmp_path):
    """A loaded collection has new ids and a new timestamp of update, also on the server that saved it."""
    instance.create_collection(DB, make_definition())
    old = instance.find_collection(DB, "c")
    new = reloaded(instance, instance, tmp_path / "s").find_collection(DB, "c")
    assert new.id != old.id
    assert new.snapshot.partitions[0].id != old.snapshot.partitions[0].id
    assert new.updated > old.updated
    assert new.created == old.created


def test_time_passes_the_files(make_instance, tmp_path):
    """A server whose clock is behind the file's gives larger timestamps than the file's all the same."""
    ahead = ManualClock()
    ahead.advance(1_000_000)
    source = make_instance(ahead)
    source.create_collection(DB, make_definition())
    put(source.find_collection(DB, "c"), [1], make_vectors(1))
    newest = source.find_collection(DB, "c").snapshot.segments[0].last_timestamp
    target = reloaded(source, make_instance(), tmp_path / "s")
    assert target.clock.timestamp() > newest


def test_a_growing_segment_that_is_full_here_is_flushed(instance, make_instance, tmp_path):
    """A server with smaller segments loads a growing one that is too large for it as a flushed one."""
    instance.create_collection(DB, make_definition())
    put(instance.find_collection(DB, "c"), range(100), make_vectors(100))
    loaded = reloaded(instance, make_instance(segment_rows=30), tmp_path / "s").find_collection(DB, "c")
    put(loaded, range(100, 140), make_vectors(40))
    assert [(s.rows, s.sealed) for s in loaded.snapshot.segments] == [(100, True), (30, True), (10, False)]


def test_an_empty_server_is_a_state(instance, make_instance, tmp_path):
    """A file of nothing loads as nothing."""
    target = make_instance()
    target.create_collection(DB, make_definition())
    assert reloaded(instance, target, tmp_path / "s").collections(DB) == []


def test_the_same_state_is_the_same_file(instance, tmp_path):
    """Saving twice gives the same bytes, so that files can be compared and kept in version control."""
    instance.create_collection(DB, Definition("c", SCHEMA))
    instance.find_collection(DB, "c").insert(every_type(), len(TEXTS))
    for name in ("a", "b"):
        write_state(instance.snapshot(), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_partitions_and_what_is_loaded_come_back(instance, make_instance, tmp_path):
    """Partitions keep their names, times and rows, and the loaded ones and the loaded fields stay so."""
    instance.create_collection(DB, make_definition())
    collection = instance.find_collection(DB, "c")
    a = Partition(7, "a", instance.clock.timestamp())
    collection.change(lambda snapshot: with_partition(snapshot, a, "c"))
    collection.insert(make_columns(np.arange(3), make_vectors(3)), 3, ((7, None),))
    put(collection, range(10, 12), make_vectors(2))
    collection.create_index("vector", "", ())
    collection.load(LoadCall(partitions=("a",), fields=("id", "vector"), replicas=2))
    old, new = (
        collection.snapshot,
        reloaded(instance, make_instance(), tmp_path / "s").find_collection(DB, "c").snapshot,
    )
    assert [(p.name, p.created) for p in new.partitions] == [(p.name, p.created) for p in old.partitions]
    assert new.find_partition("a").id != 7
    assert [segment.rows for segment in new.within([new.find_partition("a").id]).segments] == [3]
    assert new.loaded == {new.find_partition("a").id}
    assert (new.load_fields, new.replicas) == (old.load_fields, 2)


def test_shards_come_back(instance, make_instance, tmp_path):
    """Each segment stays in its shard, and rows that come later go on in the growing segments of theirs."""
    instance.create_collection(DB, Definition("c", make_schema(), shards=2))
    collection = instance.find_collection(DB, "c")
    put(collection, range(16), make_vectors(16))
    new = reloaded(instance, make_instance(), tmp_path / "s").find_collection(DB, "c")
    put(new, range(16), make_vectors(16))
    old_rows, new_rows = ({s.shard: s.rows for s in one.snapshot.segments} for one in (collection, new))
    assert old_rows == {0: 7, 1: 9}
    assert new_rows == {0: 14, 1: 18}


def test_databases_come_back(instance, make_instance, tmp_path):
    """Every database comes back with its properties, collections and aliases."""
    instance.create_database("d", (("a", "b"),))
    instance.create_collection("d", make_definition())
    instance.create_alias("d", "alias", "c")
    loaded = reloaded(instance, make_instance(), tmp_path / "s")
    assert [(held.name, held.created) for held in loaded.databases()] == [
        (held.name, held.created) for held in instance.databases()
    ]
    assert loaded.describe_database("d").properties == (("a", "b"),)
    assert loaded.find_alias("d", "alias") == "c"
    assert loaded.collections(DB) == []


# -- what is refused -------------------------------------------------------------------------------------------


@pytest.fixture
def saved(instance, tmp_path):
    """A good file with one growing segment that has deletes, and an alias."""
    instance.create_collection(DB, Definition("c", SCHEMA))
    collection = instance.find_collection(DB, "c")
    collection.insert(every_type(), len(TEXTS))
    collection.delete(lambda segment: np.array([1]))
    collection.create_index("long", "i", (("index_type", "STL_SORT"),))
    instance.create_alias(DB, "alias", "c")
    write_state(instance.snapshot(), tmp_path / "good")
    return tmp_path / "good"


def rewritten(path, change):
    """A copy of the file in which ``change`` was made to its members, a dict of bytes by name."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    copy = path.with_name("changed")
    with zipfile.ZipFile(copy, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return copy


def packed(array):
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def manifest_change(change):
    def apply(members):
        manifest = json.loads(members["manifest.json"])
        change(manifest)
        members["manifest.json"] = json.dumps(manifest).encode()

    return apply


def collection_change(change):
    return manifest_change(lambda manifest: change(manifest["databases"][0]["collections"][0]))


def field_change(number, **values):
    return collection_change(lambda told: told["schema"]["fields"][number].update(values))


BAD_MEMBERS = {
    "no manifest": lambda m: m.pop("manifest.json"),
    "manifest no JSON": lambda m: m.update({"manifest.json": b"{"}),
    "manifest no UTF-8": lambda m: m.update({"manifest.json": b"\xff\xfe\xfd"}),
    "manifest a list": lambda m: m.update({"manifest.json": b"[]"}),
    "manifest too deep": lambda m: m.update({"manifest.json": b"[" * 100_000}),
    "another format": manifest_change(lambda m: m.update(format="other")),
    "another version": manifest_change(lambda m: m.update(version=1)),
    "no databases": manifest_change(lambda m: m.pop("databases")),
    "databases no list": manifest_change(lambda m: m.update(databases={})),
    "no default database": manifest_change(lambda m: m["databases"][0].update(name="other")),
    "database twice": manifest_change(lambda m: m["databases"].append(m["databases"][0])),
    "alias of none": manifest_change(lambda m: m["databases"][0].update(aliases={"a": "nobody"})),
    "alias like a collection": manifest_change(lambda m: m["databases"][0].update(aliases={"c": "c"})),
    "alias with a bad name": manifest_change(lambda m: m["databases"][0].update(aliases={"a b": "c"})),
    "database with a bad name": manifest_change(
        lambda m: m["databases"].append({**m["databases"][0], "name": "a b", "collections": [], "aliases": {}})
    ),
    "collection twice": manifest_change(
        lambda m: m["databases"][0]["collections"].append(m["databases"][0]["collections"][0])
    ),
    "bad collection name": collection_change(lambda c: c.update(name="a b")),
    "collection a number": collection_change(lambda c: c.update(name=1)),
    "shards a flag": collection_change(lambda c: c.update(shards=True)),
    "created too late": collection_change(lambda c: c.update(created=2**63)),
    "created before all": collection_change(lambda c: c.update(created=-1)),
    "properties no pairs": collection_change(lambda c: c.update(properties=[["a"]])),
    "properties no texts": collection_change(lambda c: c.update(properties=[["a", 1]])),
    "no fields": collection_change(lambda c: c["schema"].update(fields=[])),
    "unknown type": field_change(1, type="NOVEL"),
    "a type that is not built": field_change(1, type="BFLOAT16_VECTOR"),
    "two primary keys": field_change(5, is_primary=True),
    "field ids out of order": field_change(1, id=7),
    "a default that is none": field_change(2, default="x"),
    "a default too large": field_change(5, default=2**70),
    "a default of no type": field_change(2, default=[1]),
    "dim no number": field_change(10, type_params=[["dim", "x"]]),
    "dim missing": field_change(10, type_params=[]),
    "another dim": field_change(10, type_params=[["dim", "8"]]),
    "text longer than allowed": field_change(8, type_params=[["max_length", "3"]]),
    "nulls where none may be": field_change(4, nullable=False),
    "more rows than there are": collection_change(lambda c: c["segments"][0].update(rows=8)),
    "rows negative": collection_change(lambda c: c["segments"][0].update(rows=-1)),
    "no rows": collection_change(lambda c: c["segments"][0].update(rows=0)),
    "a segment too many": collection_change(lambda c: c["segments"].append(c["segments"][0])),
    "no partition": collection_change(lambda c: c.update(partitions=[])),
    "partition twice": collection_change(lambda c: c["partitions"].append(c["partitions"][0])),
    "segment of no partition": collection_change(lambda c: c["segments"][0].update(partition=1)),
    "no field loaded": collection_change(lambda c: c["load"].update(fields=[7])),
    "index on no field": collection_change(lambda c: c["indexes"][0].update(field="nothing", params=[])),
    "index of no kind": collection_change(lambda c: c["indexes"][0].update(params=[["index_type", "X"]])),
    "index twice": collection_change(lambda c: c["indexes"].append(c["indexes"][0])),
    "no timestamps": lambda m: m.pop("0/0/0/timestamps.npy"),
    "timestamps too late": lambda m: m.update({"0/0/0/timestamps.npy": packed(np.full(7, 2**63, np.uint64))}),
    "no mask of the living": lambda m: m.pop("0/0/0/alive.npy"),
    "no column": lambda m: m.pop("0/0/0/105.values.npy"),
    "column of another type": lambda m: m.update({"0/0/0/105.values.npy": packed(np.zeros(7, np.int32))}),
    "column of another length": lambda m: m.update({"0/0/0/105.values.npy": packed(np.zeros(6, np.int64))}),
    "column cut short": lambda m: m.update({"0/0/0/105.values.npy": packed(np.zeros(7, np.int64))[:-1]}),
    "column no array": lambda m: m.update({"0/0/0/105.values.npy": b"what"}),
    "column empty": lambda m: m.update({"0/0/0/105.values.npy": b""}),
    "vectors that are none": lambda m: m.update({"0/0/0/110.values.npy": packed(np.full((7, 4), np.nan, np.float32))}),
    "offsets that fall": lambda m: m.update({"0/0/0/108.offsets.npy": packed(np.array([0, 5, 3, 6, 7, 8, 9, 9]))}),
    "offsets past the bytes": lambda m: m.update({"0/0/0/108.offsets.npy": packed(np.arange(8) * 1_000)}),
    "offsets that begin late": lambda m: m.update({"0/0/0/108.offsets.npy": packed(np.arange(8) + 1)}),
    "text no UTF-8": lambda m: m.update(
        {"0/0/0/108.bytes.npy": packed(np.full(len(m["0/0/0/108.bytes.npy"]) - 128, 255, np.uint8))}
    ),
    "JSON that is none": lambda m: m.update(
        {"0/0/0/109.bytes.npy": packed(np.full(len(m["0/0/0/109.bytes.npy"]) - 128, 65, np.uint8))}
    ),
    "a pickled column": lambda m: m.update({"0/0/0/105.values.npy": pickle.dumps(list(range(7)))}),
    "an array of objects": lambda m: m.update({"0/0/0/105.values.npy": packed(np.array([1] * 7, object))}),
}


@pytest.mark.parametrize("change", BAD_MEMBERS.values(), ids=BAD_MEMBERS.keys())
def test_bad_files_are_refused(saved, instance, change):
    """A file that is wrong in any one way is refused with an error that names it; nothing changes."""
    bad = rewritten(saved, change)
    before = instance.find_collection(DB, "c")
    with pytest.raises(StateFileInvalid, match=r"changed cannot be loaded: \S"):
        read_state(bad, instance.clock, instance.options)
    assert instance.find_collection(DB, "c") is before


def test_unchanged_copies_load(saved, instance):
    """The files that the refusals are made of are good as long as nothing is changed in them."""
    (database,) = read_state(rewritten(saved, lambda members: None), instance.clock, instance.options)
    assert [*database.collections] == ["c"]


@pytest.mark.parametrize("content", [b"", b"what", b"PK\3\4" + b"\0" * 50], ids=["empty", "text", "half a zip"])
def test_foreign_files_are_refused(tmp_path, instance, content):
    """What is no zip at all is refused as such."""
    (tmp_path / "f").write_bytes(content)
    with pytest.raises(StateFileInvalid, match="f cannot be loaded"):
        read_state(tmp_path / "f", instance.clock, instance.options)


def test_damaged_files_are_refused(saved, instance):
    """Wherever a byte is flipped, the file is refused or gives the very same rows: zip checks what it stores."""
    good = saved.read_bytes()
    whole = _told(read_state(saved, instance.clock, instance.options))
    for place in range(0, len(good), 97):
        damaged = saved.with_name("damaged")
        damaged.write_bytes(good[:place] + bytes([good[place] ^ 0x55]) + good[place + 1 :])
        try:
            found = read_state(damaged, instance.clock, instance.options)
        except StateFileInvalid:
            continue
        assert _told(found) == whole


def _told(databases):
    (database,) = databases
    return [
        (name, segment.timestamps.tolist(), [column.values.tolist() for column in segment.columns.values()])
        for name, state in database.collections.items()
        for segment in state.snapshot.segments
    ]


def test_a_file_that_is_not_there_is_no_state_error(tmp_path, instance):
    """A path without a file raises what opening raises."""
    with pytest.raises(FileNotFoundError):
        read_state(tmp_path / "nothing", instance.clock, instance.options)


def test_saving_leaves_no_half_file(instance, tmp_path):
    """A save that cannot be written leaves the old file, and nothing beside it."""
    (tmp_path / "s").mkdir()
    with pytest.raises(OSError, match="s"):
        write_state(instance.snapshot(), tmp_path / "s")
    assert [path.name for path in tmp_path.iterdir()] == ["s"]
