"""URL paths used by several modules, relative to the path prefix."""

CHAT = "/chat/"
"""The chat page; every path below it is served by Gradio."""
STAND = f"{CHAT}?mode=event"
"""The chat page in stand mode."""
CONVERSATION = "/conversation/ask"
"""The route to which the pages post questions."""
