"""Small indexes for the tests: each text is a document, each of its lines a passage, each sentence ends with 。"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path

from parkqa.store.content import Built, Content, Row
from parkqa.store.local.versions import MANIFEST, VERSIONS, point
from parkqa.store.local.writer import build_index
from parkqa.types import Block, Document, Encoder, Passage
from stubs import StubEncoder

MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
"""Where a folder lies in memory: many builds in a row need not wait for the disk."""

OLD = ("靖江园区成立于2003年。园区位于长江北岸。\n招商热线见首页。", "港口年吞吐量很大。")
NEW = ("靖江园区成立于2003年。园区位于长江北岸。\n招商热线见首页。", "港口年吞吐量更大了。新码头已经开工。")


def document(path: str, text: str) -> Document:
    blocks = tuple(Block("paragraph", 0, *line.span()) for line in re.finditer(r"[^\n]+", text))
    return Document(path, path.removesuffix(".md"), text, hashlib.sha256(text.encode()).hexdigest(), blocks)


def row(source: Document, block: Block) -> Row:
    text = source.text[block.start : block.end]
    spans = tuple((block.start + s.start(), block.start + s.end()) for s in re.finditer(r"[^。]+。?|。", text))
    name = f"{source.path}#{block.start}"
    passage = Passage(name, source.path, block.start, block.end, text, "paragraph", (source.title,), spans)
    sentences = tuple(f"{source.title}\n{source.text[start:end]}" for start, end in spans)
    return Row(passage, f"{source.title}\n{text}", sentences, tuple(re.findall(r"\w", text)))


def corpus(texts: Sequence[str]) -> tuple[list[Document], list[Row]]:
    documents = [document(f"{number}.md", text) for number, text in enumerate(texts)]
    return documents, [row(source, block) for source in documents for block in source.blocks]


def plain_rows(count: int, tokens: Sequence[Sequence[str]] | None = None) -> tuple[Document, list[Row]]:
    """A document of ``count`` characters, each a passage without sentences; its text to embed is its number."""
    source = Document("a.md", "a", "园" * count, "", ())
    passages = [Passage(f"p{n}", "a.md", n, n + 1, "园", "paragraph", (), ()) for n in range(count)]
    words = tokens or [()] * count
    return source, [Row(p, str(n), (), tuple(words[n])) for n, p in enumerate(passages)]


def build(directory: Path, texts: Sequence[str], encoder: Encoder | None = None, wait: float = 0) -> Built:
    content = Content(*corpus(texts), {"corpus": "a"})
    return build_index(directory, content, encoder or StubEncoder(), wait=wait)


def files(directory: Path) -> dict[str, bytes]:
    """What an index serves: its pointer and its versions, by path."""
    found = [directory / "current", *(directory / "versions").rglob("*")]
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in sorted(found) if path.is_file()}


def as_0_1_0_wrote_it(directory: Path) -> None:
    """Give the current version the manifest that version 0.1.0 of parkqa would have written: format 3, other keys."""
    (folder,) = (directory / VERSIONS).iterdir()
    values = json.loads((folder / MANIFEST).read_bytes())
    values |= {"format": 3, "parkqa": "0.1.0", "faiss": values.pop("vectors")}
    values["note"].pop("curated", None)
    raw = json.dumps(values, ensure_ascii=False, sort_keys=True, indent=1).encode()
    (folder / MANIFEST).write_bytes(raw)
    name = hashlib.sha256(raw).hexdigest()[:16]
    folder.rename(folder.with_name(name))
    point(directory, name, raw)
