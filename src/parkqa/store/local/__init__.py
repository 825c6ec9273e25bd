"""The store in a local folder: FAISS, bm25s and files."""
