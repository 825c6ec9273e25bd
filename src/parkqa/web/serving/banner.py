"""What a server says in its terminal when it begins: where it is to be opened, here, at the stand and by phones."""

from __future__ import annotations

from parkqa.settings import Settings
from parkqa.web.paths import CHAT, STAND
from parkqa.web.qr import blocks
from parkqa.web.serving.network import phones


def announcement(address: str, settings: Settings, stand: bool) -> list[str]:
    """Return the lines to print; ``address`` is the one for a browser of this machine, ``stand`` adds the stand's."""
    lines = [f"园区问答：{address}  （按 Ctrl+C 停止 / Ctrl+C stops）"]
    if stand:
        page = f"{address.rstrip('/')}{STAND}"
        lines += [
            f"展位 / stand: {page}",
            "  全屏按 F11，工作人员按键说明按 ? / F11 for the whole screen, ? for the keys of the staff",
            f'  或 / or: chromium --kiosk "{page}"',
        ]
    return [*lines, *for_phones(settings)] if stand or settings.lan else lines


def for_phones(settings: Settings) -> list[str]:
    """Return the address for phones and its QR code, or why there is none, as lines for a terminal."""
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
