"""Every maximum, by name, with the value that Milvus 3.0 ships with."""

MAX_NAME_LENGTH = 255
MAX_DESCRIPTION_BYTES = 1024
MAX_FIELDS = 64
MAX_VECTOR_FIELDS = 10
MIN_DIM = 2
MAX_DIM = 32_768
MAX_BINARY_DIM = 8 * MAX_DIM
MAX_VARCHAR_LENGTH = 65_535
MAX_TTL_SECONDS = 3_155_760_000
MAX_ARRAY_CAPACITY = 4_096
MAX_JSON_BYTES = 65_536
MAX_SHARDS = 16
MAX_TOPK = 16_384
MAX_LARGE_TOPK = 1_000_000  # where the property query_mode asks for it, here and in windows
MAX_NQ = 16_384
MAX_GROUP_SIZE = 10
MAX_BUCKET_LEVELS = 4
MAX_BUCKET_ENTRIES = 10_000
MAX_SEARCHES = 1_024  # of one hybrid search
MAX_QUERY_BYTES = 100 * 1024 * 1024  # of one answer to a query
MAX_GROUPS = 100_000
MAX_COLLECTIONS = 65_536
MAX_DATABASES = 64  # beside the default one
MAX_PARTITIONS = 1_024
MAX_INDEX_PARAMS_BYTES = 100 * 1024
MIN_INDEX_ROWS = 1_024
SEGMENT_ROWS = 1_000_000
SEGMENT_MB = 1_024  # what Milvus calls a full segment; a compaction's target size is measured against it
MAX_FILTER_DEPTH = 256  # ours: Milvus takes filters as deep as its stack
MAX_COMPILED_FILTERS = 1_024  # kept per schema
MAX_KEPT_DOCUMENTS = 200_000  # JSON rows kept as filters read them, in all segments together
MAX_KEPT_ARRAYS = 4_000_000  # rows of arrays kept end to end

MAX_RECEIVE_BYTES = 64 * 1024 * 1024
MAX_SEND_BYTES = 256 * 1024 * 1024
