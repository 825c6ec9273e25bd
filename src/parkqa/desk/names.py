"""Names of files that are put into the corpus from the desk."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath, PureWindowsPath

from parkqa.corpus.folder import check_name
from parkqa.corpus.formats import KINDS, PICTURES
from parkqa.corpus.other_formats import refusal
from parkqa.errors import DocumentError

LONGEST = 200
"""Largest length of a name in bytes of UTF-8: file systems take 255, and a few are added while a file is written."""
_FORBIDDEN = re.compile(r'[<>:"|?*\\/]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_BACKUP = re.compile(r"^[.~]|~$|\.(?:bak|tmp|swp|orig|old|part|crdownload)$", re.IGNORECASE)


def file_name(given: str, folder: str, there: Iterable[str]) -> str:
    """Return the name, below the corpus folder, of a file that a browser calls ``given``.

    What stands before the last slash or backslash is dropped: it is a folder of the sender's.

    Args:
        given: the name as it was sent.
        folder: the folder of the corpus to put it into, "" for the topmost; it must be one of those that ``there`` has.
        there: the names of all files.

    Raises:
        DocumentError: no file may have that name.
    """
    name = unicodedata.normalize("NFC", re.split(r"[\\/]", given)[-1].strip())
    _check(name, given)
    there = list(there)
    if folder and folder not in folders(there):
        raise DocumentError(name, f"没有文件夹 {folder}。", f"there is no folder {folder}.")
    whole = f"{folder}/{name}" if folder else name
    seen: dict[str, str] = {}
    for each in there:
        seen.setdefault(unicodedata.normalize("NFC", each).casefold(), each)
    check_name(whole, seen)
    return whole


def folders(names: Iterable[str]) -> list[str]:
    """Return the folders of some files, in order, without the topmost."""
    return sorted({str(parent) for name in names for parent in PurePosixPath(name).parents} - {"."})


def check_kept(name: str, seen: dict[str, str]) -> None:
    """Raise DocumentError for a name that no file of a corpus can have everywhere, so that it is in no back-up.

    ``seen`` is as in ``corpus.folder.check_name``.
    """
    steps = name.split("/")
    if any(not step or step[0] == "." or step.startswith("~$") or "\\" in step for step in steps):
        raise DocumentError(name, "是隐藏文件或不能用的名字。", "it is hidden, or has a name that cannot be used.")
    if os.name == "nt":
        for step in steps:
            _check_characters(step)
    if PureWindowsPath(name).drive or max(len(step.encode("utf-8", "replace")) for step in steps) > 255:
        raise DocumentError(name, "这个名字不是到处都能用。", "its name cannot be used everywhere.")
    check_name(name, seen)


def is_kept(name: str) -> bool:
    """Return whether ``check_kept`` finds nothing wrong with a name by itself."""
    try:
        check_kept(name, {})
    except DocumentError:
        return False
    return True


def _check(name: str, given: str) -> None:
    if not name or name in (".", ".."):
        raise DocumentError(given, "没有文件名。", "it has no name.")
    if _BACKUP.search(name):
        raise DocumentError(
            name,
            "是隐藏文件或备份的名字，没有收；请改名。",
            "it has the name of a hidden file or of a back-up; rename it.",
        )
    if len(name.encode("utf-8", "replace")) > LONGEST:
        raise DocumentError(name, f"文件名太长（最多 {LONGEST} 字节），请改短。", f"its name exceeds {LONGEST} bytes.")
    _check_characters(name)
    check_name(name, {})
    if PurePosixPath(name).suffix.lower() not in KINDS | PICTURES:
        raise refusal(name)


def _check_characters(name: str) -> None:
    """Raise for a name that Windows does not take."""
    if _FORBIDDEN.search(name) or _RESERVED.match(name) or name != name.rstrip(". "):
        raise DocumentError(
            name,
            '文件名里不能有 < > : " | ? * \\ /，不能以点或空格结尾，也不能是 CON、NUL 这样的名字，请改名。',
            'a name must not hold < > : " | ? * \\ /, end in a dot or a space, or be CON, NUL or the like; rename it.',
        )
