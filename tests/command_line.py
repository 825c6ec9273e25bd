"""The command line in the process of a test."""

from __future__ import annotations

import sys

from parkqa.cli import commands


def run(*words: str) -> int:
    """Run the command line as a shell would; return its exit status."""
    before, sys.argv = sys.argv, ["parkqa", *words]
    try:
        commands.main()
    except SystemExit as ended:
        return int(ended.code or 0)
    finally:
        sys.argv = before
    return 0
