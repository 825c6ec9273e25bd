"""A folder of files becomes documents, and these become passages."""
