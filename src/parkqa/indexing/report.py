"""The report of a build, for the person who ran it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parkqa.corpus.other_formats import why_skipped
from parkqa.errors import legible
from parkqa.indexing.prepare import Prepared
from parkqa.store.content import Built


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Attributes:
        documents: number of documents in the index.
        passages: number of passages that can be quoted.
        embedded: number of distinct texts that were embedded.
        reused: number of distinct texts whose vectors were taken from the previous index.
        seconds: duration of the build.
        skipped: files of unsupported types.
        failed: files that could not be read, each as "path: reason".
        dropped: suggested questions without an answer.
        notes: further remarks on documents and on faq.yaml.
    """

    documents: int
    passages: int
    embedded: int
    reused: int
    seconds: float
    skipped: tuple[str, ...]
    failed: tuple[str, ...]
    dropped: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, prepared: Prepared, built: Built, dropped: Sequence[str], seconds: float) -> BuildReport:
        """Return the report of a build.

        Args:
            prepared: the content that was built.
            built: the result of the store.
            dropped: suggested questions without an answer.
            seconds: duration of the build.
        """
        return cls(
            documents=len(prepared.content.documents),
            passages=prepared.passages,
            embedded=built.embedded,
            reused=built.reused,
            seconds=seconds,
            skipped=prepared.corpus.skipped,
            failed=tuple(str(error) for error in prepared.corpus.failed),
            notes=tuple(str(note) for note in (*prepared.corpus.notes, *prepared.unused)),
            dropped=tuple(dropped),
        )

    def summary(self) -> str:
        """Return the report as text, one line per item, in Chinese and English."""
        lines = [
            f"已建索引：{self.documents} 份资料，{self.passages} 段；新算向量 {self.embedded}，沿用 {self.reused}，"
            f"用时 {self.seconds:.1f} 秒。 / Built: {self.documents} documents, {self.passages} passages, "
            f"{self.embedded} embedded, {self.reused} reused, {self.seconds:.1f} s."
        ]
        lines += [f"  略过 / skipped: {legible(name)}{why_skipped(name)}" for name in self.skipped]
        lines += [f"  未能读取 / left out: {reason}" for reason in self.failed]
        lines += [f"  请留意 / please note: {note}" for note in self.notes]
        lines += [f"  建议的问题没有答案，已去掉 / suggestion without an answer, dropped: {q}" for q in self.dropped]
        return "\n".join(lines)
