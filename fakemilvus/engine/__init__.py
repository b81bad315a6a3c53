"""The simulated Milvus: schemas, segments, collections, search and index builds, in numpy and FAISS.

Knows nothing of protobuf, gRPC or rpcs. FAISS is imported only inside the index files, when first needed.
"""
