"""``python -m parkqa`` is the command ``parkqa``."""

from parkqa.cli import main

if __name__ == "__main__":
    main()
