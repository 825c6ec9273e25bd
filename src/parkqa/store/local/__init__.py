"""The store on one machine: FAISS, BM25 and files."""
