"""Formats that are not read: what to do with files that hold documents, and with pictures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from parkqa.corpus.old_formats import OFFICE
from parkqa.errors import DocumentError

_MACROS = frozenset((".docm", ".dotm", ".pptm", ".ppsm", ".potm", ".xlsm", ".xltm"))


def _save_as(suffix: str) -> tuple[str, str]:
    return f"另存为 {suffix}", f"save it as {suffix}"


_CONVERT = ("用原来的软件另存为 .docx 或 .pdf", "save it as .docx or .pdf in its program")
_UNPACK = ("解压后把里面的文件放进来", "unpack it and put the files in it here")
_AS_MAIL = (
    "打开它，把正文另存为 .txt 或 .docx，附件另存出来放进来",
    "open it, save its text as .txt or .docx and put the attachments here",
)
_OTHERS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys((".docm", ".dotm", ".dotx", ".doc", ".dot", ".wps", ".wpt", ".rtf", ".odt"), _save_as(".docx")),
    **dict.fromkeys((".pptm", ".ppsm", ".potm", ".potx", ".ppsx", ".ppt", ".pps", ".dps", ".odp"), _save_as(".pptx")),
    **dict.fromkeys((".xlsm", ".xltm", ".xltx", ".xlsb", ".xls", ".xlt", ".et", ".ods"), _save_as(".xlsx")),
    **dict.fromkeys((".ofd", ".xps", ".caj", ".djvu"), ("导出或打印成 .pdf", "export or print it as .pdf")),
    **dict.fromkeys((".epub", ".mobi", ".azw3", ".chm", ".pages", ".numbers", ".key", ".vsd", ".vsdx"), _CONVERT),
    **dict.fromkeys((".msg",), _AS_MAIL),
    **dict.fromkeys((".rar", ".7z", ".tar", ".gz", ".tgz"), _UNPACK),
}
"""Formats that hold documents and are not read, with what to do, in Chinese and English."""

_PICTURES = frozenset((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".heic"))
_RECOGNISE = ("先做文字识别（OCR），存成 .docx 或 .pdf", "run OCR on it and save it as .docx or .pdf")
_RECOGNISED = frozenset((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"))
"""Pictures that are read where the extra ocr is installed."""
_BY_EXTRA = (f"装扩展 ocr，或{_RECOGNISE[0]}", f"install the extra ocr, or {_RECOGNISE[1]}")


def holds_documents(name: str) -> bool:
    """Return whether a file is in a format that holds documents and is not read.

    >>> holds_documents("名单.xls"), holds_documents("logo.png"), holds_documents("名单.xlsx")
    (True, False, False)
    """
    return _suffix(name) in _OTHERS


def refusal(name: str) -> DocumentError:
    """Return why a file in a format that is not read was left out, and what to do.

    >>> print(refusal("名单.xls").zh)
    名单.xls：不读 .xls 文件，请另存为 .xlsx，或装上 LibreOffice 再建。
    """
    suffix = _suffix(name)
    zh, en = ("带宏的文件", "files with macros") if suffix in _MACROS else (f" {suffix} 文件", f"{suffix} files")
    install = ("，或装上 LibreOffice 再建", " or install LibreOffice and build again") if suffix in OFFICE else ("", "")
    cure = _cure(suffix) if suffix in _PICTURES else _OTHERS.get(suffix, _CONVERT)
    return DocumentError(name, f"不读{zh}，请{cure[0]}{install[0]}。", f"{en} are not read; {cure[1]}{install[1]}.")


def why_skipped(name: str) -> str:
    """Return what to do with a skipped file if it is a picture, which may show text; "" for any other file.

    >>> why_skipped("通知.jpg").partition(" / ")[0]
    '（图片里的字没有读，请装扩展 ocr，或先做文字识别（OCR），存成 .docx 或 .pdf'
    >>> why_skipped("data.yaml")
    ''
    """
    if _suffix(name) not in _PICTURES:
        return ""
    zh, en = _cure(_suffix(name))
    return f"（图片里的字没有读，请{zh} / a picture: {en}）"


def _cure(suffix: str) -> tuple[str, str]:
    """Return what to do with a picture, in Chinese and English."""
    return _BY_EXTRA if suffix in _RECOGNISED else _RECOGNISE


def _suffix(name: str) -> str:
    return Path(name).suffix.lower()
