"""The lines a server prints when it starts: its addresses on this machine, at the stand and for phones."""

from __future__ import annotations

from parkqa.settings import Settings
from parkqa.web.paths import CHAT, STAND
from parkqa.web.qr import blocks
from parkqa.web.serving.network import phones


def banner_lines(address: str, settings: Settings, stand: bool) -> list[str]:
    """Return the lines to print at startup.

    ``address`` is the base URL for a browser on this machine; ``stand`` adds the stand's page and how to open it. The
    address for phones is added for a stand or with ``settings.lan``.
    """
    lines = [f"园区问答：{address}  （按 Ctrl+C 停止 / Ctrl+C stops）"]
    if stand:
        page = f"{address.rstrip('/')}{STAND}"
        lines += [
            f"展位 / stand: {page}",
            "  全屏按 F11，工作人员按键说明按 ? / F11 for the whole screen, ? for the keys of the staff",
            f"  没有键盘：长按左上角的标志 / no keyboard: a long press on the logo · PIN {settings.event_pin}",
            f'  或 / or: chromium --app="{page}" --start-fullscreen',
            "  不用 --kiosk：它会盖住系统的屏幕键盘 / not --kiosk: it covers the system's keyboard on the screen",
        ]
    return [*lines, *for_phones(settings)] if stand or settings.lan else lines


def for_phones(settings: Settings) -> list[str]:
    """Return the address for phones with its QR code, or the reason why there is none, as terminal lines."""
    base = phones(settings)
    if base:
        return [f"手机 / phones: {base}{CHAT}", blocks(base + CHAT)]
    if settings.lan:
        return [
            "手机：现在没有局域网，连上之后就能打开；此前二维码里放引文本身。",
            "Phones: there is no local network yet; until there is one, the codes hold the quote itself.",
        ]
    return [
        "手机：二维码里放引文本身，不用联网；加 --lan 或设 PARKQA_PUBLIC_URL，就是原文页的链接。",
        "Phones: the codes hold the quote itself; with --lan or PARKQA_PUBLIC_URL they lead to its source page.",
    ]
