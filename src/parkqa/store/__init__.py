"""Index storage: what an index holds, and the two stores that keep it (local files and PostgreSQL)."""
