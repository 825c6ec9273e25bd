"""Retrieval, ranking and confidence: turns a ``Query`` and a ``Store`` into a ``Ranking``."""
