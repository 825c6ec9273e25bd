"""The command line: ``parkqa build | ask | serve | …``, one module a group of commands."""

from parkqa.cli.commands import main, serve_from_settings

__all__ = ["main", "serve_from_settings"]
