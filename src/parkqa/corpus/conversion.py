"""LibreOffice, where it is installed, turns old formats into ones that parkqa reads, and files into pages.

What it made is kept by the content of the file, so that the next build has it at once.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from parkqa.corpus.aside import folder_aside
from parkqa.corpus.office_process import Processes
from parkqa.corpus.office_profile import SETTINGS
from parkqa.corpus.old_formats import OFFICE
from parkqa.corpus.readers.draft import Unreadable
from parkqa.corpus.replacing import replace_file
from parkqa.errors import SettingsError

if TYPE_CHECKING:
    from parkqa.settings import Settings

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
DRAWN = (".docx", ".pptx")
"""Formats whose files are laid out as pages, so that these can be shown; what old formats become is, too."""


class Office:
    """LibreOffice on this machine.

    Args:
        program: the program soffice.
        cache: folder in which what it made is kept; it may be shared by several processes.
    """

    def __init__(self, program: Path, cache: Path) -> None:
        self.program = program
        self._cache = cache
        self._processes = Processes()

    @cached_property
    def version(self) -> str:
        """The version, such as "LibreOffice 7.4.7.2"; "" if the program does not say."""
        try:
            said = subprocess.run([self.program, "--version"], capture_output=True, text=True, timeout=60, check=False)
        except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
            return ""
        return " ".join(said.stdout.split()[:2])

    def reads(self, suffix: str) -> bool:
        """Return whether the part of LibreOffice is installed that reads files with this suffix, of OFFICE or new."""
        folder = self.program.resolve().parent
        installed = {path.name.removeprefix("lib").partition("lo.")[0] for path in _libraries(folder)}
        return _MODULES[OFFICE.get(suffix, suffix)] in installed or not installed & set(_MODULES.values())

    @cached_property
    def has_chinese_font(self) -> bool:
        """Whether the machine has a font for Chinese; without one, boxes would be drawn in place of characters.

        Only asked where fontconfig is, as on Linux; the other systems bring such fonts.
        """
        program = shutil.which("fc-list")
        if program is None:
            return True
        try:
            said = subprocess.run([program, ":lang=zh", "family"], capture_output=True, timeout=60, check=False)
        except (OSError, subprocess.SubprocessError):
            return True
        return bool(said.stdout.strip())

    def draws(self, suffix: str) -> bool:
        """Return whether files with this suffix can be laid out as pages, see ``pages``."""
        return suffix in DRAWN and self.reads(suffix) and self.has_chinese_font

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
        return self._kept(raw, real, OFFICE[suffix], seconds)

    def pages(self, raw: bytes, suffix: str, seconds: int) -> Path:
        """Return a file as pages in a PDF, as LibreOffice lays it out, or laid it out earlier.

        Args:
            raw: the bytes of the file.
            suffix: its suffix, one of DRAWN.
            seconds: how many seconds of the processor it may take.

        Raises:
            Unreadable: as ``convert``.
        """
        if not self.reads(suffix):
            raise _without(suffix)
        return self._kept(raw, suffix, ".pdf", seconds)

    def _kept(self, raw: bytes, real: str, target: str, seconds: int) -> Path:
        """Return what is kept of a file, after having it made where it is not there."""
        kept = self._place(raw, real, target)
        if not kept.is_file():
            with folder_aside("office") as folder:
                made = self._made(folder, raw, real, target, seconds)
                _publish(made, kept)
        with contextlib.suppress(OSError):
            os.utime(kept)
        return kept

    def _place(self, raw: bytes, real: str, target: str) -> Path:
        digest = hashlib.sha256(f"{self.version}\0{SETTINGS}\0{real}\0".encode() + raw)
        return self._cache / f"{digest.hexdigest()}{target}"

    def _made(self, folder: Path, raw: bytes, real: str, target: str, seconds: int) -> Path:
        """Convert a file in a folder that is thrown away; return what was made."""
        source = folder / f"document{real}"
        source.write_bytes(raw)
        words = ["--convert-to", target[1:], "--outdir", str(folder / "made"), str(source)]
        self._processes.run(self.program, words, folder, seconds)
        made = folder / "made" / f"document{target}"
        if not made.is_file() or not made.stat().st_size:
            raise Unreadable(
                f"LibreOffice 打不开它（已损坏，或有密码），请用原来的软件打开后另存为 {target}。",
                f"LibreOffice cannot open it (damaged, or with a password); save it as {target} in its own program.",
            )
        return made

    def end(self) -> None:
        """Kill what runs: what it makes is no longer wanted."""
        self._processes.end()

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
    """Return which old formats are read here and whether pages are shown, in Chinese and English."""
    reads = office.formats() if office else []
    missing = " ".join(suffix for suffix in OFFICE if suffix not in reads)
    if office is None:
        return (
            f"没有找到 LibreOffice，不读 {missing}；Word 和幻灯片没有页面的样子",
            f"no LibreOffice was found; not read: {missing}; pages of Word files and slides are not shown",
        )
    zh, en = f"{office.version}，读 {' '.join(reads)}", f"{office.version} reads {' '.join(reads)}"
    if missing:
        zh, en = f"{zh}；没有装全，不读 {missing}", f"{en}; not installed as a whole: not {missing}"
    if not office.has_chinese_font:
        return (
            f"{zh}；没有中文字体（可装 fonts-noto-cjk），Word 和幻灯片没有页面的样子",
            f"{en}; without a Chinese font (fonts-noto-cjk), pages of Word files and slides are not shown",
        )
    drawn = " ".join(suffix for suffix in DRAWN if office.draws(suffix))
    return (f"{zh}；{drawn} 有页面的样子", f"{en}; pages are shown of {drawn}") if drawn else (zh, en)


def _libraries(folder: Path) -> list[Path]:
    return [*folder.glob("*lo.so"), *folder.glob("*lo.dll"), *(folder.parent / "Frameworks").glob("*lo.dylib")]


def _publish(made: Path, kept: Path) -> None:
    """Put a file into the cache in one step.

    Raises:
        Unreadable: the cache cannot be written.
    """
    try:
        kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_file(kept, partial(shutil.copyfile, made))
    except OSError as error:
        raise Unreadable(
            f"转换出来的文件存不下（{error.strerror}），请检查缓存文件夹（PARKQA_CACHE）的空间和权限。",
            f"what was converted cannot be kept ({error.strerror}); check space and permissions of PARKQA_CACHE.",
        ) from error


def _without(target: str) -> Unreadable:
    package = _PACKAGES[target]
    return Unreadable(
        f"LibreOffice 没有装全（缺 {package}），请装上再建一次，或另存为 {target}。",
        f"LibreOffice is not installed as a whole ({package} is missing); install it and build again, or save the file "
        f"as {target}.",
    )
