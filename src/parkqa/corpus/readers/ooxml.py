"""Office files in the strict form of Office Open XML are turned into the transitional one, which the libraries read."""

from __future__ import annotations

import io
import re
import zipfile

STRICT = b"http://purl.oclc.org/ooxml/"
_NAMESPACE = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_ROOT = "_rels/.rels"


def transitional(raw: bytes) -> bytes:
    """Return a .docx, .pptx or .xlsx with the namespaces of the transitional form; any other one unchanged.

    Word saves the strict form as "Strict Open XML 文档". The two differ in the names of namespaces (ISO/IEC 29500-4).
    """
    with zipfile.ZipFile(io.BytesIO(raw)) as package:
        if _ROOT not in package.namelist() or STRICT not in package.read(_ROOT):
            return raw
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as changed:
            for part in package.infolist():
                content = package.read(part)
                if part.filename.endswith((".xml", ".rels")):
                    content = _NAMESPACE.sub(rb"http://schemas.openxmlformats.org/\1/2006/", content)
                changed.writestr(part.filename, content)
    return buffer.getvalue()
