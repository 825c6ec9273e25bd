"""The web interface: pages, REST API and server."""
