"""LibreOffice, where it is installed, turns old formats into ones that parkqa reads.

A file may come from anybody. LibreOffice therefore runs with limits of time and memory, in a folder and with a profile
that are thrown away, without macros and without reaching for what a file links to, and is killed with all its children.
What it made is kept by the content of the file, so that the next build has it at once.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import psutil

from parkqa.corpus.limits import MEMORY
from parkqa.corpus.old_formats import OFFICE
from parkqa.corpus.readers.draft import Unreadable
from parkqa.errors import SettingsError

if TYPE_CHECKING:
    from parkqa.settings import Settings

PATIENCE = 3
"""How many times as long by the clock as by the processor a conversion may take. Chosen by hand: one takes about one
second of the processor, so that a process that is still there has stopped and waits for something."""
KEPT_DAYS = 180
"""Days after which what was made of a file that is no longer used is deleted. Chosen by hand."""
_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    r"C:\Program Files\LibreOffice\program\soffice.com",
    r"C:\Program Files (x86)\LibreOffice\program\soffice.com",
)
"""Where the installers of macOS and Windows put it, which do not put it on PATH."""
_MODULES = {".docx": "sw", ".pptx": "sd", ".xlsx": "sc"}
"""The library with which LibreOffice reads what becomes such a file: Writer, Impress, Calc. Debian packs each apart."""
_PACKAGES = {".docx": "libreoffice-writer", ".pptx": "libreoffice-impress", ".xlsx": "libreoffice-calc"}
_OPTIONS = "--headless --invisible --nologo --nodefault --nofirststartwizard --norestore --nolockcheck".split()
_SET = (
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Writer/Content/Update", "Link", "0"),
    ("Office.Calc/Content/Update", "Link", "2"),
    ("Office.Calc/Formula/Load", "ODFRecalcMode", "1"),
    ("Office.Calc/Formula/Load", "OOXMLRecalcMode", "1"),
    ("Inet/Settings", "ooInetProxyType", "2"),
    ("Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetHTTPProxyPort", "9"),
    ("Inet/Settings", "ooInetHTTPSProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetHTTPSProxyPort", "9"),
    ("Inet/Settings", "ooInetNoProxy", ""),
    ("Setup/L10N", "ooSetupSystemLocale", "zh-CN"),
)
"""The profile: path below org.openoffice, name and value. No macro runs, no link is followed or updated, formulas keep
the values that were saved; should anything still want the network, it is sent to a proxy that is not there (port 9 of
this machine). Dates without a format of their own are shown as a Chinese Office shows them."""


class Office:
    """LibreOffice on this machine.

    Args:
        program: the program soffice.
        cache: folder in which what it made is kept; it may be shared by several processes.
    """

    def __init__(self, program: Path, cache: Path) -> None:
        self.program = program
        self._cache = cache
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()

    @cached_property
    def version(self) -> str:
        """The version, such as "LibreOffice 7.4.7.2"; "" if the program does not say."""
        try:
            said = subprocess.run([self.program, "--version"], capture_output=True, text=True, timeout=60, check=False)
        except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
            return ""
        return " ".join(said.stdout.split()[:2])

    def reads(self, suffix: str) -> bool:
        """Return whether the part of LibreOffice is installed that reads files with this suffix, one of OFFICE."""
        folder = self.program.resolve().parent
        installed = {path.name.removeprefix("lib").partition("lo.")[0] for path in _libraries(folder)}
        return _MODULES[OFFICE[suffix]] in installed or not installed & set(_MODULES.values())

    def formats(self) -> list[str]:
        """Return the suffixes of the files that can be converted here."""
        return [suffix for suffix in OFFICE if self.reads(suffix)]

    def convert(self, raw: bytes, real: str, suffix: str, seconds: int) -> Path:
        """Return the file that LibreOffice makes of another, or made of it earlier.

        Args:
            raw: the bytes of the file.
            real: the suffix that fits them (``old_formats.real_suffix``).
            suffix: the suffix of the file, one of OFFICE.
            seconds: how many seconds of the processor it may take.

        Raises:
            Unreadable: LibreOffice cannot read it, is not there as a whole, or takes longer.
        """
        if not self.reads(suffix):
            raise _without(OFFICE[suffix])
        kept = self._place(raw, real, OFFICE[suffix])
        if not kept.is_file():
            with TemporaryDirectory(prefix="parkqa-office-", ignore_cleanup_errors=True) as folder:
                made = self._made(Path(folder), raw, real, OFFICE[suffix], seconds)
                _publish(made, kept)
        with contextlib.suppress(OSError):
            os.utime(kept)
        return kept

    def _place(self, raw: bytes, real: str, target: str) -> Path:
        digest = hashlib.sha256(f"{self.version}\0{_SET}\0{real}\0".encode() + raw)
        return self._cache / f"{digest.hexdigest()}{target}"

    def _made(self, folder: Path, raw: bytes, real: str, target: str, seconds: int) -> Path:
        """Convert a file in a folder that is thrown away; return what was made."""
        source = folder / f"document{real}"
        source.write_bytes(raw)
        profile = folder / "profile" / "user" / "registrymodifications.xcu"
        profile.parent.mkdir(parents=True)
        profile.write_text(_profile(), encoding="utf-8")
        own = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        words = ["--convert-to", target[1:], "--outdir", str(folder / "made"), str(source)]
        self._run([str(self.program), own, *_OPTIONS, *words], folder, seconds)
        made = folder / "made" / f"document{target}"
        if not made.is_file() or not made.stat().st_size:
            raise Unreadable(
                f"LibreOffice 打不开它（已损坏，或有密码），请用原来的软件打开后另存为 {target}。",
                f"LibreOffice cannot open it (damaged, or with a password); save it as {target} in its own program.",
            )
        return made

    def _run(self, command: list[str], folder: Path, seconds: int) -> None:
        """Run LibreOffice to its end, within limits.

        Raises:
            Unreadable: it does not start, or takes longer than PATIENCE times ``seconds`` by the clock.
        """
        process = self._started(command, folder)
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
        """Kill what runs: what it makes is no longer wanted."""
        with self._lock:
            for process in self._running:
                _kill(process)

    def forget_unused(self, now: float) -> None:
        """Delete what was made of files that were not read for KEPT_DAYS before ``now``, in seconds since 1970."""
        for kept in self._cache.glob("*.???*"):
            with contextlib.suppress(OSError):
                if now - kept.stat().st_mtime > KEPT_DAYS * 86_400:
                    kept.unlink()


def found(settings: Settings) -> Office | None:
    """Return LibreOffice as the setting ``office`` has it; None where there is none, or none is to be used.

    Raises:
        SettingsError: the setting names a program that is not there.
    """
    if settings.office == "off":
        return None
    if settings.office != "auto":
        where = shutil.which(settings.office)
        if where is None:
            raise SettingsError(
                f"设置 PARKQA_OFFICE 指的程序没有，或不能运行：{settings.office}，请改正，或设为 auto、off。",
                f"PARKQA_OFFICE names no program that can be run: {settings.office}; correct it, or set auto or off.",
            )
    else:
        where = shutil.which("soffice") or shutil.which("libreoffice")
        where = where or next((place for place in _PLACES if Path(place).is_file()), None)
    return Office(Path(where), settings.cache / "converted") if where else None


def described(office: Office | None) -> tuple[str, str]:
    """Return which old formats are read here, in Chinese and English."""
    reads = office.formats() if office else []
    missing = " ".join(suffix for suffix in OFFICE if suffix not in reads)
    if office is None:
        return f"没有找到 LibreOffice，不读 {missing}", f"no LibreOffice was found; not read: {missing}"
    zh, en = f"{office.version}，读 {' '.join(reads)}", f"{office.version} reads {' '.join(reads)}"
    return (
        (f"{zh}；没有装全，不读 {missing}", f"{en}; not installed as a whole: not {missing}") if missing else (zh, en)
    )


def _libraries(folder: Path) -> list[Path]:
    return [*folder.glob("*lo.so"), *folder.glob("*lo.dll"), *(folder.parent / "Frameworks").glob("*lo.dylib")]


def _profile() -> str:
    """Return the settings of the profile as LibreOffice keeps them."""
    items = "".join(
        f'<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop>'
        "</item>"
        for path, name, value in _SET
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        f'xmlns:xs="http://www.w3.org/2001/XMLSchema">{items}</oor:items>'
    )


def _publish(made: Path, kept: Path) -> None:
    """Put a file into the cache in one step.

    Raises:
        Unreadable: the cache cannot be written.
    """
    try:
        kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        aside = kept.with_name(f".{kept.name}.{os.getpid()}.{threading.get_ident()}")
        shutil.copyfile(made, aside)
        aside.replace(kept)
    except OSError as error:
        raise Unreadable(
            f"转换出来的文件存不下（{error.strerror}），请检查缓存文件夹（PARKQA_CACHE）的空间和权限。",
            f"what was converted cannot be kept ({error.strerror}); check space and permissions of PARKQA_CACHE.",
        ) from error


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


def _without(target: str) -> Unreadable:
    package = _PACKAGES[target]
    return Unreadable(
        f"LibreOffice 没有装全（缺 {package}），请装上再建一次，或另存为 {target}。",
        f"LibreOffice is not installed as a whole ({package} is missing); install it and build again, or save the file "
        f"as {target}.",
    )
