"""Indexing: turns the corpus into the content of a store, and reports what a build did."""
