"""Cases that run against fakemilvus and, with --milvus-uri, against a real Milvus server."""
