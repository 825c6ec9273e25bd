"""Build the index where it is missing or the corpus has changed, then serve: ``python app.py``."""

from parkqa.cli.commands import serve_from_settings

if __name__ == "__main__":
    serve_from_settings()
