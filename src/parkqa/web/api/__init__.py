"""REST: ask, suggestions, feedback, health, and their description."""
