"""Lists the files of the corpus folder, checks their names and fingerprints their content."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from parkqa.errors import DocumentError


def listed(root: Path) -> Iterator[Path]:
    """Yield the files below ``root``, sorted by POSIX path, without hidden files and Office's lock files.

    Office writes ``~$名单.docx`` beside 名单.docx while it is open. Links to folders are not followed.
    """
    found = [Path(folder, name) for folder, _, names in _folders(root) for name in names if not name.startswith("~$")]
    yield from sorted(found, key=lambda path: name_of(path, root))


def linked_folders(root: Path) -> list[str]:
    """Return the names (see ``name_of``) of links to folders below ``root``; ``listed`` does not follow them."""
    return [name_of(Path(folder, name), root) for folder, linked, _ in _folders(root) for name in linked]


def _folders(root: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield each folder with the names of its links to folders and of its files, all without hidden ones."""
    for folder, folders, names in os.walk(root):
        shown = sorted(name for name in folders if not name.startswith("."))
        linked = [name for name in shown if Path(folder, name).is_symlink()]
        folders[:] = [name for name in shown if name not in linked]
        yield folder, linked, [name for name in names if not name.startswith(".")]


def name_of(path: Path, root: Path) -> str:
    """Return the name of a file of the corpus: its POSIX path below ``root``.

    >>> name_of(Path("corpus/news/2024.md"), Path("corpus"))
    'news/2024.md'
    """
    return path.relative_to(root).as_posix()


def check_name(name: str, names: dict[str, str]) -> None:
    """Raise for a name that not every system can store or show, or that differs from one of ``names`` only by case.

    ``names`` maps case-folded names to those seen so far, and is added to.
    """
    if any(not char.isprintable() and char != "\u3000" for char in name):
        raise DocumentError(
            name,
            "文件名里有换行、控制字符或乱码，请改名。",
            "its name holds a line end, a control character or broken characters; rename it.",
        )
    if '"' in name:
        raise DocumentError(
            name, '文件名里有英文双引号 "，请改名（中文引号可以用）。', 'its name holds a quotation mark "; rename it.'
        )
    other = names.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
    if other != name:
        raise DocumentError(
            name,
            f"与 {other} 只有大小写不同，在 Windows 和 macOS 上会互相覆盖，请改名或删掉一份。",
            f"its name is that of {other} but for case, and on Windows and macOS one would replace the other; "
            "rename or delete one.",
        )


def fingerprint(corpus: Path) -> str:
    """Return a SHA-256 over the names and bytes of all files in the corpus folder, as 64 hexadecimal digits.

    It changes when a file is added, removed, renamed or edited.
    """
    digest = hashlib.sha256()
    for path in listed(corpus):
        digest.update(path.relative_to(corpus).as_posix().encode("utf-8", "surrogateescape"))
        digest.update(_contents(path))
    return digest.hexdigest()


def _contents(path: Path) -> bytes:
    """Return the SHA-256 of a file without reading it into memory at once; ``b""`` if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return b""
