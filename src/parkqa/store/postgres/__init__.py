"""The store for several machines: PostgreSQL with pgvector."""
