"""The command-line interface ``parkqa``: one module per group of commands."""

from parkqa.cli.commands import main, serve_from_settings

__all__ = ["main", "serve_from_settings"]
