"""Query understanding: turns a question into a ``Query``."""
