"""Checks for ``parkqa check``: whether this machine can serve, and how to fix what fails."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass

from parkqa.errors import ParkqaError
from parkqa.settings import Settings

PACKAGES = ("sentence-transformers", "faiss-cpu", "gradio", "jieba", "bm25s", "torch")
FREE_BYTES = 500 * 1024**2
"""Free bytes required on the disk; chosen by hand, for a model, an index and a day of journal entries."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check; ``cure`` says how to fix it and is shown only when ``ok`` is false."""

    name: str
    ok: bool
    detail: str
    cure: str = ""

    def line(self) -> str:
        """Return the finding as one line, followed by the cure on a second line when the check failed."""
        line = f"{self.name}：{self.detail}"
        return line if self.ok or not self.cure else f"{line}\n    → {self.cure}"


def examine(settings: Settings) -> list[Finding]:
    """Run all checks; return one finding each for Python, packages, corpus, scans, model, index and so on."""
    checks: tuple[tuple[str, Callable[[Settings], str], str], ...] = (
        ("Python", _python, "装 Python 3.11 或更新的版本 / install Python 3.11 or newer"),
        ("依赖包 packages", _packages, "pip install -c constraints.txt . "),
        ("资料 corpus", _corpus, "把资料放进该文件夹，或设 PARKQA_CORPUS / put documents there, or set PARKQA_CORPUS"),
        ("旧格式 old formats", _office, ""),
        ("扫描件 scans", _scans, ""),
        ("模型 model", _model, ""),
        ("索引 index", _index, "运行 parkqa build / run parkqa build"),
        (
            "记录 journal",
            _journal,
            "改正 PARKQA_JOURNAL，或设为 none 不记录 / correct PARKQA_JOURNAL, or set it to none to record nothing",
        ),
        ("端口 port", _port, "关掉占用它的程序，或设 PARKQA_PORT / stop what holds it, or set PARKQA_PORT"),
        ("磁盘 disk", _disk, "腾出一些空间 / free some space"),
    )
    return [look(name, probe, cure, settings) for name, probe, cure in checks]


class NotReady(Exception):
    """A check failed; the message says why. Raised by probes and caught by ``look``.

    ``cure`` says how to fix it, if it is not what ``look`` was given.
    """

    def __init__(self, message: str, cure: str = "") -> None:
        super().__init__(message)
        self.cure = cure


def look(name: str, see: Callable[[Settings], str], cure: str, settings: Settings) -> Finding:
    """Run one check and return its finding; no NotReady or ParkqaError leaves this function.

    ``see`` takes the settings and returns the detail to show; it raises NotReady or a ParkqaError when the check fails.
    """
    try:
        return Finding(name, True, see(settings))
    except NotReady as failure:
        return Finding(name, False, str(failure), failure.cure or cure)
    except ParkqaError as error:
        return Finding(name, False, f"{error.zh}\n    {error.en}", cure)


def _python(_: Settings) -> str:
    # Always passes: pip refuses to install the package on an older Python.
    return platform.python_version()


def _packages(_: Settings) -> str:
    missing = [name for name in PACKAGES if not _version(name)]
    if missing:
        raise NotReady("缺少 / missing: " + ", ".join(missing))
    return ", ".join(f"{name} {_version(name)}" for name in PACKAGES)


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _corpus(settings: Settings) -> str:
    from parkqa.corpus.conversion import found
    from parkqa.corpus.documents import read_corpus
    from parkqa.corpus.limits import Limits
    from parkqa.corpus.recognition import recogniser

    recognising = recogniser(settings)
    corpus = read_corpus(settings.corpus, limits=Limits.of(settings), office=found(settings), recogniser=recognising)
    if corpus.failed:
        raise NotReady("；".join(str(error) for error in corpus.failed))
    return f"{settings.corpus}：{len(corpus.documents)} 份 / documents"


def _office(settings: Settings) -> str:
    # Always passes: old formats are read where LibreOffice is; a file that is left out for want of it fails "corpus".
    from parkqa.corpus.conversion import described, found

    return " / ".join(described(found(settings)))


def _scans(settings: Settings) -> str:
    from parkqa.corpus.recognition import version

    if settings.ocr == "off":
        return "不识别（PARKQA_OCR=off） / not recognised"
    without = '不识别；要识别请 pip install "parkqa[ocr]" / not recognised without the extra ocr'
    return f"{version()} 识别 / recognised" if version() else without


def _model(settings: Settings) -> str:
    from parkqa.models.loading import load_encoder

    encoder = load_encoder(settings)
    encoder.encode_queries(["园区"])
    return f"{settings.embedder}：{encoder.dimension} 维 / dimensions, {encoder.fingerprint[:12]}"


def _index(settings: Settings) -> str:
    from parkqa.store.backend import backend

    store = backend(settings)
    found = store.faults()
    if found:
        raise NotReady("；".join(f"{fault.zh}\n    {fault.en}" for fault in found))
    return f"{store.place}：{store.manifest().note['passages']} 段 / passages"


def _journal(settings: Settings) -> str:
    path = settings.journal
    if path is None:
        return "不记录 / off"
    place = next(place for place in (path.absolute(), *path.absolute().parents) if place.exists())
    if (place.is_file() and place != path.absolute()) or not os.access(place, os.W_OK):
        raise NotReady(f"{path} 写不了 / cannot be written")
    return f"{path}，保留 {settings.journal_days} 天 / kept for {settings.journal_days} days"


def _port(settings: Settings) -> str:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise NotReady(f"{settings.host}:{settings.port} 不能用 / cannot be used: {error.strerror}") from error
    return f"{settings.host}:{settings.port} 空着 / free"


def _disk(settings: Settings) -> str:
    folder = next(path for path in (settings.index.absolute(), *settings.index.absolute().parents) if path.exists())
    free = shutil.disk_usage(folder).free
    if free < FREE_BYTES:
        raise NotReady(f"只剩 {free >> 20} MB / only {free >> 20} MB left")
    return f"{free >> 30} GB 可用 / free"
