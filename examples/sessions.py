"""Code to be tested: sessions that end by themselves after half an hour."""

from pymilvus import DataType

HALF_AN_HOUR = 30 * 60


def make_sessions(client, collection, seconds=HALF_AN_HOUR):
    """A collection whose rows live for so many seconds."""
    schema = client.create_schema()
    schema.add_field("user", DataType.VARCHAR, is_primary=True, max_length=64)
    schema.add_field("interests", DataType.FLOAT_VECTOR, dim=4)
    index = client.prepare_index_params()
    index.add_index("interests", index_type="FLAT", metric_type="L2")
    properties = {"collection.ttl.seconds": seconds}
    client.create_collection(collection, schema=schema, index_params=index, properties=properties)


def touch(client, collection, user, interests):
    """Begins a session, or begins it anew."""
    client.upsert(collection, [{"user": user, "interests": interests}])


def users(client, collection):
    """Whose session has not ended."""
    found = client.query(collection, filter='user != ""', consistency_level="Strong")
    return sorted(row["user"] for row in found)
