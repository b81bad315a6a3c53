"""What the examples share: a collection with rows, on fakemilvus or on a real Milvus."""

import numpy as np
import pytest
from pymilvus import DataType

ROWS, DIM = 1_000, 8
VECTORS = np.random.default_rng(1).random((ROWS, DIM), dtype=np.float32)


@pytest.fixture
def docs(fakemilvus_client, fakemilvus_name):
    """The name of a collection of 1,000 rows that has no index yet."""
    name = fakemilvus_name("docs")
    schema = fakemilvus_client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=DIM)
    fakemilvus_client.create_collection(name, schema=schema)
    fakemilvus_client.insert(name, [{"id": i, "vector": vector} for i, vector in enumerate(VECTORS)])
    fakemilvus_client.flush(name)
    return name


@pytest.fixture
def index(fakemilvus_client):
    """What to build."""
    params = fakemilvus_client.prepare_index_params()
    params.add_index("vector", index_type="IVF_FLAT", metric_type="L2", params={"nlist": 16})
    return params
