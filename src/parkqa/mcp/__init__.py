"""The Model Context Protocol: other programs ask, read and list, with the official SDK (the extra ``mcp``)."""
