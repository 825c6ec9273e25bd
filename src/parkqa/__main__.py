"""``python -m parkqa`` is the command ``parkqa``."""

from parkqa.cli.commands import main

if __name__ == "__main__":
    main()
