"""Whether this machine can serve, and how to fix what fails: for ``parkqa check`` and for the desk."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from parkqa.errors import ParkqaError
from parkqa.settings import Settings
from parkqa.types import Encoder

PACKAGES = ("sentence-transformers", "faiss-cpu", "gradio", "jieba", "bm25s", "torch")
FREE_BYTES = 500 * 1024**2
"""Free bytes required on the disk; chosen by hand, for a model, an index and a day of journal entries."""


class Said(NamedTuple):
    """A few words in Chinese and in English; ``of`` is what they are said of (a path, an address) and precedes both."""

    zh: str = ""
    en: str = ""
    of: str = ""

    @property
    def pair(self) -> tuple[str, str]:
        """The words in Chinese and in English, each with what they are said of."""
        return f"{self.of}{self.zh}", f"{self.of} {self.en}".strip()

    def __str__(self) -> str:
        """Both languages: sentences on a line each, fewer words on one line."""
        if self.zh == self.en:
            return f"{self.of}{self.zh}"
        apart = "\n    " if self.zh.endswith("。") else " / "
        return f"{self.of}{self.zh}{apart}{self.en}"


NOTHING = Said()
Probe = Callable[[Settings], Said]
"""Looks at one thing and says what it saw; raises NotReady or a ParkqaError where that is wrong."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check; ``cure`` says how to fix it and is shown only when ``ok`` is false."""

    name: Said
    ok: bool
    detail: Said
    cure: Said = NOTHING

    def line(self) -> str:
        """Return the finding as one line, followed by the cure on a second line when the check failed."""
        line = f"{called(self.name)}：{self.detail}"
        return line if self.ok or self.cure == NOTHING else f"{line}\n    → {self.cure}"


class Check(NamedTuple):
    """One check: its name, how it is made, and what cures what it finds."""

    name: Said
    probe: Probe
    cure: Said = NOTHING


def examine(settings: Settings, leave_out: Collection[str] = ()) -> list[Finding]:
    """Run all checks, but for those whose English name is left out; return one finding each."""
    return [look(*check, settings) for check in CHECKS if check.name.en not in leave_out]


def called(name: Said) -> str:
    """Return the name of a check in both languages, once where they are the same."""
    return name.zh if name.zh == name.en else f"{name.zh} {name.en}"


class NotReady(Exception):
    """A check failed; the message says why. Raised by probes and caught by ``look``.

    ``cure`` says how to fix it, if it is not what ``look`` was given.
    """

    def __init__(self, said: Said, cure: Said = NOTHING) -> None:
        super().__init__(str(said))
        self.said = said
        self.cure = cure


def look(name: Said, probe: Probe, cure: Said, settings: Settings) -> Finding:
    """Run one check and return its finding; no NotReady or ParkqaError leaves this function."""
    try:
        return Finding(name, True, probe(settings))
    except NotReady as failure:
        return Finding(name, False, failure.said, failure.cure if failure.cure != NOTHING else cure)
    except ParkqaError as error:
        return Finding(name, False, Said(error.zh, error.en), cure)


def _python(_: Settings) -> Said:
    # Always passes: pip refuses to install the package on an older Python.
    return Said(of=platform.python_version())


def _packages(_: Settings) -> Said:
    missing = [name for name in PACKAGES if not _version(name)]
    if missing:
        names = ", ".join(missing)
        raise NotReady(Said(f"缺少 {names}", f"missing: {names}"))
    return Said(of=", ".join(f"{name} {_version(name)}" for name in PACKAGES))


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _corpus(settings: Settings) -> Said:
    from parkqa.corpus.conversion import found
    from parkqa.corpus.documents import read_corpus
    from parkqa.corpus.limits import Limits
    from parkqa.corpus.recognition import recogniser

    recognising = recogniser(settings)
    corpus = read_corpus(settings.corpus, limits=Limits.of(settings), office=found(settings), recogniser=recognising)
    if corpus.failed:
        raise NotReady(_together(corpus.failed))
    return Said(f"：{len(corpus.documents)} 份", f"{len(corpus.documents)} documents", str(settings.corpus))


def _together(errors: Sequence[ParkqaError]) -> Said:
    return Said("\n    ".join(error.zh for error in errors), "\n    ".join(error.en for error in errors))


def _office(settings: Settings) -> Said:
    # Always passes: old formats are read where LibreOffice is; a file that is left out for want of it fails "corpus".
    from parkqa.corpus.conversion import described, found

    return Said(*described(found(settings)))


def _scans(settings: Settings) -> Said:
    from parkqa.corpus.recognition import version

    if settings.ocr == "off":
        return Said("不识别（PARKQA_OCR=off）", "not recognised (PARKQA_OCR=off)")
    if version():
        return Said(" 识别", "recognises them", version())
    return Said('不识别；要识别请 pip install "parkqa[ocr]"', "not recognised without the extra ocr")


def _model(settings: Settings) -> Said:
    from parkqa.models.loading import load_encoder

    return model(settings, load_encoder(settings))


def model(settings: Settings, encoder: Encoder) -> Said:
    """Have an encoder embed a word, and say which one it is."""
    encoder.encode_queries(["园区"])
    dimension, mark = encoder.dimension, encoder.fingerprint[:12]
    return Said(f"：{dimension} 维，{mark}", f"{dimension} dimensions, {mark}", settings.embedder)


def _index(settings: Settings) -> Said:
    from parkqa.store.backend import backend

    store = backend(settings)
    if faults := store.faults():
        raise NotReady(_together(faults))
    passages = store.manifest().note["passages"]
    return Said(f"：{passages} 段", f"{passages} passages", store.place)


def _journal(settings: Settings) -> Said:
    path = settings.journal
    if path is None:
        return Said("不记录", "off")
    place = next(place for place in (path.absolute(), *path.absolute().parents) if place.exists())
    if (place.is_file() and place != path.absolute()) or not os.access(place, os.W_OK):
        raise NotReady(Said(" 写不了", "cannot be written", str(path)))
    return Said(f"，保留 {settings.journal_days} 天", f"kept for {settings.journal_days} days", str(path))


def _port(settings: Settings) -> Said:
    address = f"{settings.host}:{settings.port}"
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            why = error.strerror
            raise NotReady(Said(f" 不能用：{why}", f"cannot be used: {why}", address)) from error
    return Said(" 空着", "free", address)


def _disk(settings: Settings) -> Said:
    folder = next(path for path in (settings.index.absolute(), *settings.index.absolute().parents) if path.exists())
    free = shutil.disk_usage(folder).free
    if free < FREE_BYTES:
        raise NotReady(Said(f"只剩 {free >> 20} MB", f"only {free >> 20} MB left"))
    return Said(" 可用", "free", f"{free >> 30} GB")


CHECKS = (
    Check(Said("Python", "Python"), _python, Said("装 Python 3.11 或更新的版本", "install Python 3.11 or newer")),
    Check(Said("依赖包", "packages"), _packages, Said(of="pip install -c constraints.txt .")),
    Check(
        Said("资料", "corpus"),
        _corpus,
        Said("把资料放进该文件夹，或设 PARKQA_CORPUS", "put documents there, or set PARKQA_CORPUS"),
    ),
    Check(Said("旧格式", "old formats"), _office),
    Check(Said("扫描件", "scans"), _scans),
    Check(Said("模型", "model"), _model),
    Check(Said("索引", "index"), _index, Said("运行 parkqa build", "run parkqa build")),
    Check(
        Said("记录", "journal"),
        _journal,
        Said("改正 PARKQA_JOURNAL，或设为 none 不记录", "correct PARKQA_JOURNAL, or set it to none to record nothing"),
    ),
    Check(
        Said("端口", "port"),
        _port,
        Said("关掉占用它的程序，或设 PARKQA_PORT", "stop what holds it, or set PARKQA_PORT"),
    ),
    Check(Said("磁盘", "disk"), _disk, Said("腾出一些空间", "free some space")),
)
"""What ``examine`` looks at, in this order."""
