"""Archives (.zip) and mails (.eml): the files in them become documents of their own.

They are unpacked in a child process, into a folder that is thrown away, where each file has a number for its name: what
stands in an archive never names a place on the disk.
"""

from __future__ import annotations

import lzma
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field
from pathlib import Path

from parkqa.corpus import file_checks
from parkqa.corpus.file_checks import MEGABYTE, ON_DISK, UNPACKED
from parkqa.corpus.limits import Job
from parkqa.corpus.readers import mail
from parkqa.corpus.readers.draft import Unreadable

CONTAINERS = frozenset((".zip", ".eml"))
MEMBERS = 1000
"""Most files in a container, with those in containers within it. Chosen by hand, as the three that follow."""
DEPTH = 3
"""Largest depth of containers within containers."""
RATIO, FREE = 200, 10 * MEGABYTE
"""A file that unpacks to more than FREE bytes may do so to RATIO times its packed size; text reaches about 20."""
_UNSEEN = re.compile(r"(?:^|/)(?:__MACOSX/|\.|~\$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
"""What systems and Office leave in folders, and hidden files; a path that climbs is none."""
_CLIMBS = re.compile(r"^/|^[A-Za-z]:|(?:^|/)\.\.(?:/|$)")
_UTF8 = 0x800
"""The flag of names in UTF-8."""
_PLAIN, _SEALED = frozenset((0, 8, 12, 14)), 0x1
"""The ways of packing that Python unpacks (stored, deflate, bzip2, lzma), and the flag of encrypted files."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What is in a container.

    Attributes:
        files: name below the container and where the file was put; None where it is of a kind that is not wanted.
        failed: name, and why it was left out in Chinese and English.
        has_text: whether the container is a document itself: a mail with text.
    """

    files: tuple[tuple[str, Path | None], ...]
    failed: tuple[tuple[str, str, str], ...]
    has_text: bool


@dataclass(frozen=True, slots=True)
class _Member:
    """A file in a container; ``content`` returns its bytes, or raises Unreadable."""

    name: str
    size: int
    content: Callable[[], bytes]


def unpack(job: Job, folder: Path, wanted: Set[str]) -> Unpacked:
    """Unpack a container, with those within it.

    Args:
        job: the container.
        folder: where the files are put; it must be empty.
        wanted: the suffixes of the files that are put there.

    Raises:
        Unreadable: it is damaged, encrypted, something else, or exceeds MEMBERS or file_checks.UNPACKED.
    """
    box = _Box(folder, wanted)
    has_text = box.open(file_checks.read_bytes(job.path, job.root), job.path.suffix.lower())
    return Unpacked(tuple(box.files), tuple(box.failed), has_text)


@dataclass
class _Box:
    """Where the files are put, and what is known of them."""

    folder: Path
    wanted: Set[str]
    files: list[tuple[str, Path | None]] = field(default_factory=list)
    failed: list[tuple[str, str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    count: int = 0
    size: int = 0

    def open(self, raw: bytes, suffix: str, above: str = "", depth: int = 1) -> bool:
        """Take what is in a container; return whether it is a document, too.

        Args:
            raw: the bytes of the container.
            suffix: its suffix.
            above: what stands before the names of its files: its own name with a slash, "" for the outermost.
            depth: how deep it is, 1 for the outermost.

        Raises:
            Unreadable: as ``unpack``.
        """
        members = _of_zip(raw) if suffix == ".zip" else list(_of_mail(raw))
        self._allow(members)
        for member in members:
            try:
                self._take(member, f"{above}{member.name}", depth)
            except Unreadable as error:
                self.failed.append((f"{above}{member.name}", error.zh, error.en))
        return suffix != ".zip" and (not members or mail.has_text(raw))

    def _allow(self, members: list[_Member]) -> None:
        self.count += len(members)
        self.size += sum(member.size for member in members)
        if self.count > MEMBERS:
            raise Unreadable(
                f"里面超过 {MEMBERS} 个文件，没有收；请分成几个，或解压后把要用的放进来。",
                f"it holds more than {MEMBERS} files and was left out; split it, or unpack it and put what is needed "
                "here.",
            )
        if self.size > UNPACKED:
            raise file_checks.too_large(UNPACKED, "解压后", "unpacked, it")

    def _take(self, member: _Member, name: str, depth: int) -> None:
        """Put a file into the folder, and open it if it is a container itself."""
        suffix = Path(name).suffix.lower()
        if depth > DEPTH or (depth == DEPTH and suffix == ".zip"):
            raise Unreadable(
                f"压缩包或邮件套了超过 {DEPTH} 层，没有收；请解压后把里面的文件放进来。",
                f"archives or mails stand more than {DEPTH} deep in each other; unpack it and put its files here.",
            )
        if name in self.names:
            raise Unreadable("里面有两份同名的，只收了第一份；请改名。", "there are two of that name; rename one.")
        self.names.add(name)
        if suffix not in self.wanted:
            self.files.append((name, None))
            return
        raw = member.content()
        if suffix in CONTAINERS and not self.open(raw, suffix, f"{name}/", depth + 1):
            return
        place = self.folder / f"{len(self.files)}{suffix}"
        place.write_bytes(raw)
        self.files.append((name, place))


def _of_mail(raw: bytes) -> Iterator[_Member]:
    """Yield the attachments of a mail; those with the same name get numbers."""
    names: set[str] = set()
    for name, content in mail.attachments(raw):
        number, free = 1, name
        while free in names:
            number += 1
            free = f"{Path(name).stem} ({number}){Path(name).suffix}"
        names.add(free)
        yield _Member(free, len(content), lambda content=content: content)  # type: ignore[misc]


def _of_zip(raw: bytes) -> list[_Member]:
    """Return the files of an archive but hidden ones; raise Unreadable if it cannot be opened."""
    package = file_checks.archive(raw)
    if package is None:
        raise _no_archive(raw)
    names = {entry: _name(entry) for entry in package.infolist() if not entry.is_dir()}
    if "[Content_Types].xml" in names.values():
        raise _no_archive(raw)
    shown = {entry: name for entry, name in names.items() if _CLIMBS.search(name) or not _UNSEEN.search(name)}
    if shown and all(entry.flag_bits & _SEALED for entry in shown):
        raise Unreadable(
            "压缩包有密码，请解压后把里面的文件放进来。",
            "the archive is protected by a password; unpack it and put the files in it here.",
        )
    return [_Member(name, entry.file_size, _unpacking(package, entry, name)) for entry, name in shown.items()]


def _no_archive(raw: bytes) -> Unreadable:
    """Return the error for a file that is no archive: another format that is read, or anything else."""
    try:
        file_checks.check_text(raw, ".zip")
    except Unreadable as error:
        if "改成" in error.zh:
            return error
    return Unreadable(
        "不是完整的 .zip 压缩包，请重新拷贝，或解压后把里面的文件放进来。",
        "it is no whole .zip archive; copy it again, or unpack it and put the files in it here.",
    )


def _name(entry: zipfile.ZipInfo) -> str:
    """Return the path of a file in an archive; names not marked as UTF-8 are UTF-8 or GB18030 all the same."""
    name = entry.orig_filename.partition("\0")[0]
    if not entry.flag_bits & _UTF8:
        raw = name.encode("cp437", "replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    path = name.replace("\\", "/")
    return path if _CLIMBS.search(path) else "/".join(part for part in path.split("/") if part not in ("", "."))


def _unpacking(package: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> Callable[[], bytes]:
    """Return the function that unpacks a file, if it may be unpacked."""

    def content() -> bytes:
        _check(entry, name)
        try:
            return package.read(entry)
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError) as error:
            raise file_checks.damaged() from error

    return content


def _check(entry: zipfile.ZipInfo, name: str) -> None:
    """Raise Unreadable for a file of an archive that must not be unpacked."""
    if _CLIMBS.search(name) or stat.S_ISLNK(entry.external_attr >> 16):
        raise Unreadable(
            "压缩包里的路径指到了压缩包之外，没有收；请解压后把文件本身放进来。",
            "its path leads out of the archive; unpack it and put the file itself here.",
        )
    if entry.flag_bits & _SEALED:
        raise file_checks.encrypted()
    if entry.compress_type not in _PLAIN:
        raise Unreadable(
            "压缩的方法这里解不开，请解压后把文件放进来。",
            "it is packed in a way that cannot be unpacked here; unpack it and put the file here.",
        )
    if entry.file_size > ON_DISK:
        raise file_checks.too_large(ON_DISK, "解压后", "unpacked, it")
    if entry.file_size > FREE and entry.file_size > RATIO * entry.compress_size:
        raise Unreadable(
            f"解压后是压缩时的 {RATIO} 倍以上，像是解压炸弹，没有收；真要收请解压后放进来。",
            f"it unpacks to more than {RATIO} times its size, as decompression bombs do; unpack it and put it here if "
            "it is meant.",
        )
