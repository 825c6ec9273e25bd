"""What the visitor meant: a question becomes a ``Query``."""
