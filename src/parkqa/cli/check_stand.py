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

from parkqa.cli.input_devices import devices
from parkqa.desk.readiness import Check, Finding, NotReady, Said, examine, look
from parkqa.settings import Settings
from parkqa.web.paths import STAND
from parkqa.web.serving.network import phones

if TYPE_CHECKING:
    from parkqa.engine import Engine

SLOW_MS = 2000
"""Maximum time to answer in milliseconds; chosen by hand, as visitors at a stand do not wait longer."""
_FASTER = Said(
    "接上电源，关掉别的程序；还慢就设 PARKQA_RERANKER=none（不再重排）",
    "plug in the power supply and close other programs; if that is not enough, set PARKQA_RERANKER=none (no reranking)",
)
RELEASED = datetime(2026, 1, 1).astimezone()
"""A system clock that shows an earlier time is wrong."""
_YEARS = 10
"""Years after which an index is implausibly old and the clock more likely wrong; chosen by hand."""
_LOCAL_NAMES = ("localhost", "")


def examine_event(settings: Settings) -> list[Finding]:
    """Run the checks of ``readiness.examine``, then those of question, network, clock, phones and keyboard."""
    attempts: list[str] = []
    checks = (
        Check(
            Said("问一个问题", "question"),
            lambda s: _question(s, attempts),
            Said("先改好上面的各项", "mend the above first"),
        ),
        Check(
            Said("不用联网", "no network"),
            lambda _: _offline(attempts),
            Said("模型改用本机的文件夹", "name models by local folders"),
        ),
        Check(Said("时钟", "clock"), _clock, Said("把系统时间调对", "set the system's clock")),
        Check(
            Said("手机", "phones"),
            _phones,
            Said("连上局域网，或设 PARKQA_PUBLIC_URL", "join a network, or set PARKQA_PUBLIC_URL"),
        ),
        Check(Said("键盘和触摸", "keyboard and touch"), _input),
    )
    asked, *others = [look(*check, settings) for check in checks]
    return [*examine(settings), asked, *others]


def _question(settings: Settings, attempts: list[str]) -> Said:
    """Load the models and answer a question with the network blocked; add the hosts tried to ``attempts``."""
    from parkqa.engine import Engine

    with shut(attempts):
        engine = Engine.open(settings)
        question, ms = _answered(engine)
    if ms > SLOW_MS:
        raise NotReady(Said("：太慢", "too slow", f"“{question}” {ms:.0f} ms"), _FASTER)
    return Said(of=f"“{question}” {ms:.0f} ms")


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
    raise NotReady(Said("park.yaml 里没有答得上的建议问题", "no suggested question of park.yaml has an answer"))


def _offline(attempts: list[str]) -> Said:
    if attempts:
        hosts = ", ".join(dict.fromkeys(attempts))
        raise NotReady(Said(f"要连 {hosts}", f"wants to reach {hosts}"))
    return Said("提问时没有连出去", "nothing was reached out for")


def _clock(settings: Settings) -> Said:
    """Compare the system clock with the newest index file: with a wrong clock the journal's timestamps are useless."""
    written = [path.stat().st_mtime for path in settings.index.rglob("*") if path.is_file()]
    newest = max([RELEASED, *(datetime.fromtimestamp(at).astimezone() for at in written)])
    now = datetime.now().astimezone()
    shown = f"{now:%Y-%m-%d %H:%M} {now.tzname()}"
    if now < newest - timedelta(days=1):
        raise NotReady(Said(f"：早于索引的时间 {newest:%Y-%m-%d}", "earlier than the index", shown))
    if now > newest + timedelta(days=366 * _YEARS):
        raise NotReady(Said(f"：比索引晚 {_YEARS} 年以上", f"more than {_YEARS} years after the index", shown))
    return Said(of=shown)


def _phones(settings: Settings) -> Said:
    base = phones(settings)
    if base:
        return Said(of=f"{base}{STAND.partition('?')[0]}")
    if settings.lan:
        raise NotReady(Said("没有局域网地址", "no address in a local network"))
    return Said("二维码里放引文本身，不用联网", "codes hold the quote itself, no network needed")


def _input(_: Settings) -> Said:
    """Say how visitors will type. Nothing is wrong either way: the stand's page may be open on another machine."""
    found = devices()
    if found.touch:
        return Said(
            "触摸屏；点输入框就有拼音键盘，用过实体键盘就收起",
            "a touch screen; touching the box brings a keyboard, which goes where a real one is used",
        )
    if found.keyboard:
        return Said("有键盘，没有触摸屏", "a keyboard, no touch screen")
    unknown = Said("看不出", "cannot tell") if found.touch is None else Said("没有触摸屏", "no touch screen")
    return Said(f"{unknown.zh}；请在展位那台机器上试一遍", f"{unknown.en}; try it on the machine at the stand")


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
