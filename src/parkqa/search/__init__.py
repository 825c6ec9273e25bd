"""A ``Query`` and a ``Store`` become a ranking."""
