"""The web face: pages, REST, and the server around them."""
