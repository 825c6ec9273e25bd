"""ASGI middleware: proxy headers, security headers and limits."""
