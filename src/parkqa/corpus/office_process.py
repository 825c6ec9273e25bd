"""Runs LibreOffice on a file that may come from anybody.

It runs with limits of time and memory, in a folder and with a profile that are thrown away, without macros and without
reaching for what a file links to, and is killed with all its children.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil

from parkqa.corpus.limits import MEMORY
from parkqa.corpus.office_profile import profile
from parkqa.corpus.readers.draft import Unreadable

PATIENCE = 3
"""How many times as long by the clock as by the processor a conversion may take. Chosen by hand: one takes about one
second of the processor, so that a process that is still there has stopped and waits for something."""
_OPTIONS = "--headless --invisible --nologo --nodefault --nofirststartwizard --norestore --nolockcheck".split()


class Processes:
    """The processes of LibreOffice that are running; any thread may start one or end all of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()

    def run(self, program: Path, words: list[str], folder: Path, seconds: int) -> None:
        """Run LibreOffice to its end.

        Args:
            program: the program soffice.
            words: what it is to do, as on the command line.
            folder: an empty folder, in which its profile and all that it writes will lie.
            seconds: how many seconds of the processor it may take.

        Raises:
            Unreadable: it does not start, or takes longer than PATIENCE times ``seconds`` by the clock.
        """
        process = self._started([str(program), _profiled(folder), *_OPTIONS, *words], folder)
        try:
            _limit(process.pid, seconds)
            process.wait(PATIENCE * seconds)
        except subprocess.TimeoutExpired as error:
            raise Unreadable(
                f"LibreOffice 转了 {PATIENCE * seconds} 秒还没有转完，没有收；请用原来的软件另存一份新格式的。",
                f"LibreOffice did not convert it within {PATIENCE * seconds} seconds, so it was left out; save it in a "
                "new format in its own program.",
            ) from error
        finally:
            _kill(process)
            with self._lock:
                self._running.discard(process)

    def _started(self, command: list[str], folder: Path) -> subprocess.Popen[bytes]:
        kept = ("PATH", "SYSTEMROOT", "WINDIR", "PROGRAMFILES", "LD_LIBRARY_PATH")  # and no secret of ours
        own = dict.fromkeys(("HOME", "TMPDIR", "TMP", "TEMP", "XDG_CACHE_HOME", "APPDATA", "USERPROFILE"), str(folder))
        env = {name: os.environ[name] for name in kept if name in os.environ} | own | {"SAL_USE_VCLPLUGIN": "svp"}
        nothing = subprocess.DEVNULL
        try:
            process = subprocess.Popen(
                command, stdin=nothing, stdout=nothing, stderr=nothing, cwd=folder, env=env, start_new_session=True
            )
        except OSError as error:
            raise Unreadable(
                f"LibreOffice 启动不了（{error.strerror}），请检查安装，或另存为新格式。",
                f"LibreOffice does not start ({error.strerror}); check its installation, or save the file in a new "
                "format.",
            ) from error
        with self._lock:
            self._running.add(process)
        return process

    def end(self) -> None:
        """Kill all that runs: what it makes is no longer wanted."""
        with self._lock:
            for process in self._running:
                _kill(process)


def _profiled(folder: Path) -> str:
    """Write the profile into a folder; return the option with which LibreOffice takes it."""
    place = folder / "profile" / "user" / "registrymodifications.xcu"
    place.parent.mkdir(parents=True)
    place.write_text(profile(), encoding="utf-8")
    return f"-env:UserInstallation={(folder / 'profile').as_uri()}"


def _limit(pid: int, seconds: int) -> None:
    """Limit time and memory of a process and of those that it will start, on Linux."""
    if sys.platform == "linux":
        import resource

        with contextlib.suppress(OSError, ValueError):
            resource.prlimit(pid, resource.RLIMIT_CPU, (seconds, seconds))
            resource.prlimit(pid, resource.RLIMIT_AS, (MEMORY, MEMORY))
            resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all that it started, some of which may outlive it."""
    with contextlib.suppress(OSError, psutil.Error):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        elif process.poll() is None:
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
            process.kill()
    process.wait()
