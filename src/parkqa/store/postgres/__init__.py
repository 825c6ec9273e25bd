"""The store in PostgreSQL with pgvector, which several servers can share."""
