"""How Milvus looks on the wire: messages, conversions and the dispatcher. The only importer of grpc and protobuf."""
