"""The models: the default ones, made once of what a package carries, and any other by name or path."""
