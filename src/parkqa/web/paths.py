"""Addresses of the server that more than one module names, below any path prefix."""

CHAT = "/chat/"
"""The chat page; everything below it is Gradio's."""
STAND = f"{CHAT}?mode=event"
"""The chat page as it is opened at a stand."""
CONVERSATION = "/conversation/ask"
"""Where the pages ask."""
