"""One module a file format: the text or the bytes of a file in, a ``Draft`` of its plain text and structure out."""
