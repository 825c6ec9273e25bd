"""Reads the corpus: files become documents, documents become passages, and what staff curate is read beside them."""
