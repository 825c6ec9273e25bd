"""Checks for ``parkqa check --event``: everything in ``check``, plus what a fair stand needs.

A suggested question is answered with outgoing network connections blocked, to show that the stand works offline.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from parkqa.cli.check import Finding, NotReady, examine, look
from parkqa.cli.input_devices import devices
from parkqa.settings import Settings
from parkqa.web.paths import STAND
from parkqa.web.serving.network import phones

if TYPE_CHECKING:
    from parkqa.engine import Engine

SLOW_MS = 2000
"""Maximum time to answer in milliseconds; chosen by hand, as visitors at a stand do not wait longer."""
_FASTER = (
    "接上电源，关掉别的程序；还慢就设 PARKQA_RERANKER=none（不再重排） / plug in the power supply and close other "
    "programs; if that is not enough, set PARKQA_RERANKER=none (no reranking)"
)
RELEASED = datetime(2026, 1, 1).astimezone()
"""A system clock that shows an earlier time is wrong."""
_YEARS = 10
"""Years after which an index is implausibly old and the clock more likely wrong; chosen by hand."""
_LOCAL_NAMES = ("localhost", "")


def examine_event(settings: Settings) -> list[Finding]:
    """Run the checks of ``check.examine``, then those of question, network, clock, phones and keyboard."""
    attempts: list[str] = []
    asked = look(
        "问一个问题 question", lambda s: _question(s, attempts), "先改好上面的各项 / mend the above first", settings
    )
    return [
        *examine(settings),
        asked,
        look(
            "不用联网 no network",
            lambda _: _offline(attempts),
            "模型改用本机的文件夹 / name models by local folders",
            settings,
        ),
        look("时钟 clock", _clock, "把系统时间调对 / set the system's clock", settings),
        look(
            "手机 phones",
            _phones,
            "连上局域网，或设 PARKQA_PUBLIC_URL / join a network, or set PARKQA_PUBLIC_URL",
            settings,
        ),
        look("键盘和触摸 keyboard and touch", _input, "", settings),
    ]


def _question(settings: Settings, attempts: list[str]) -> str:
    """Load the models and answer a question with the network blocked; add the hosts tried to ``attempts``."""
    from parkqa.engine import Engine

    with shut(attempts):
        engine = Engine.open(settings)
        question, ms = _answered(engine)
    if ms > SLOW_MS:
        raise NotReady(f"“{question}” {ms:.0f} ms：太慢 / too slow", _FASTER)
    return f"“{question}” {ms:.0f} ms"


def _answered(engine: Engine) -> tuple[str, float]:
    """Return the first suggested question that has an answer, and the milliseconds the answer took.

    It is asked twice, and the second time counts: the first also reads the models from disk, as the stand's page does
    while nobody is there.
    """
    for question in (*engine.suggestions, *engine.suggestions_en):
        if not engine.ask(question).refused:
            started = time.perf_counter()
            engine.ask(question)
            return question, (time.perf_counter() - started) * 1000
    raise NotReady("park.yaml 里没有答得上的建议问题 / no suggested question of park.yaml has an answer")


def _offline(attempts: list[str]) -> str:
    if attempts:
        raise NotReady(f"要连 / wants to reach: {', '.join(dict.fromkeys(attempts))}")
    return "提问时没有连出去 / nothing was reached out for"


def _clock(settings: Settings) -> str:
    """Compare the system clock with the newest index file: with a wrong clock the journal's timestamps are useless."""
    written = [path.stat().st_mtime for path in settings.index.rglob("*") if path.is_file()]
    newest = max([RELEASED, *(datetime.fromtimestamp(at).astimezone() for at in written)])
    now = datetime.now().astimezone()
    shown = f"{now:%Y-%m-%d %H:%M} {now.tzname()}"
    if now < newest - timedelta(days=1):
        raise NotReady(f"{shown}：早于索引的时间 {newest:%Y-%m-%d} / earlier than the index")
    if now > newest + timedelta(days=366 * _YEARS):
        raise NotReady(f"{shown}：比索引晚 {_YEARS} 年以上 / more than {_YEARS} years after the index")
    return shown


def _phones(settings: Settings) -> str:
    base = phones(settings)
    if base:
        return f"{base}{STAND.partition('?')[0]}"
    if settings.lan:
        raise NotReady("没有局域网地址 / no address in a local network")
    return "二维码里放引文本身，不用联网 / codes hold the quote itself, no network needed"


def _input(_: Settings) -> str:
    """Say how visitors will type. Nothing is wrong either way: the stand's page may be open on another machine."""
    found = devices()
    if found.touch:
        return (
            "触摸屏；点输入框就有拼音键盘，用过实体键盘就收起 / a touch screen; touching the box brings a keyboard, "
            "which goes where a real one is used"
        )
    if found.keyboard:
        return "有键盘，没有触摸屏 / a keyboard, no touch screen"
    unknown = "看不出 / cannot tell" if found.touch is None else "没有触摸屏 / no touch screen"
    return f"{unknown}；请在展位那台机器上试一遍 / try it on the machine at the stand"


@contextmanager
def shut(attempts: list[str]) -> Iterator[None]:
    """Block connections to other hosts in the whole process, all threads included, while the context lasts.

    Every blocked host is appended to ``attempts``, and the caller that tried to reach it gets an OSError.
    """
    _hook()
    _STATE["attempts"] = attempts
    try:
        yield
    finally:
        _STATE["attempts"] = None


_STATE: dict[str, list[str] | None] = {"attempts": None}


@cache
def _hook() -> None:
    # An audit hook sees the sockets of every library but can never be removed, so it is switched by _STATE.
    sys.addaudithook(_audit)


def _audit(event: str, args: tuple[Any, ...]) -> None:
    attempts = _STATE["attempts"]
    if attempts is None or event not in (
        "socket.connect",
        "socket.sendto",
        "socket.getaddrinfo",
        "socket.gethostbyname",
    ):
        return
    target = args[0] if event.startswith("socket.get") else args[1]
    host = target[0] if isinstance(target, tuple) else target
    if event in ("socket.connect", "socket.sendto") and not isinstance(target, tuple):
        return  # a Unix domain socket
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
    if not _local(name):
        attempts.append(name)
        raise OSError(f"{name}: the network is shut while parkqa check asks")


def _local(name: str) -> bool:
    if name in _LOCAL_NAMES:
        return True
    try:
        return ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False
