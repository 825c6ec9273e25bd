"""The web face: REST, chat page, source pages."""
