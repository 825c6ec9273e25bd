"""The security headers of every response."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import MutableHeaders

from parkqa.web.paths import CHAT, DESK, WIDGET

_COMMON = "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'self'"
_GRADIO = f"script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; {_COMMON}"
_STRICT = f"script-src 'self'; style-src 'self'; {_COMMON}"
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer autoplay camera display-capture geolocation gyroscope hid magnetometer microphone "
        "midi payment publickey-credentials-get serial usb xr-spatial-tracking"
    ).split()
)
"""What no page of ours uses, and no script that got into one should."""
SPOKEN = PERMISSIONS.replace("microphone=()", "microphone=(self)")
"""The same for the chat page, which can be spoken to where the device itself understands (voice.js)."""


def policy(embed_origins: Sequence[str], *, gradio: bool = True) -> str:
    """Return the Content-Security-Policy of a page; the sites ``embed_origins`` may frame it. It reports nowhere.

    Gradio's components need 'unsafe-inline' and 'unsafe-eval', so on the page that holds them the real defence against
    injection is escaping. All other pages (``gradio`` False) run no script and use no style but those of our files.
    """
    framers = " ".join(("'self'", *embed_origins))
    return f"default-src 'self'; {_GRADIO if gradio else _STRICT}; object-src 'none'; frame-ancestors {framers}"


class SecurityHeaders:
    """Sets the headers; the sites ``embed_origins`` may frame the pages."""

    def __init__(self, embed_origins: Sequence[str]) -> None:
        self._gradio, self._strict = (policy(embed_origins, gradio=gradio) for gradio in (True, False))
        # No page may frame the desk, not even one of ours: what is pressed there is meant.
        self._unframed = policy((), gradio=False).replace("frame-ancestors 'self'", "frame-ancestors 'none'")

    def set(self, path: str, headers: MutableHeaders) -> None:
        """Set the headers of the response to a request for ``path``, which is without the path prefix."""
        others = self._unframed if path.startswith(f"{DESK}/") else self._strict
        headers["Content-Security-Policy"] = self._gradio if path.startswith(CHAT) else others
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Permissions-Policy"] = SPOKEN if path == CHAT else PERMISSIONS
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        # These two hold the address by which they were asked for; cached, another visitor would get it.
        if path in (CHAT, f"{CHAT}config"):
            headers["Cache-Control"] = "no-store"
        # Gradio's CORS headers would let any site read its responses with the visitor's credentials. Only the script
        # for other sites has some of its own.
        for name in [name for name in headers if name.startswith("access-control-") and path != WIDGET]:
            del headers[name]
