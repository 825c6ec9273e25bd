"""Ask three questions of each file of a folder: is the first quote right?

    python benchmarks/files.py FOLDER [FILE.tsv]

A line of the table has the name of a file, a question and what must stand in the first quote, parted by tabs; a file
that the folder lacks is passed over. Each file is a corpus of its own, in an index that is thrown away.
"""

from __future__ import annotations

import shutil
import sys
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from parkqa.engine import Engine
from parkqa.models.loading import load_encoder, load_reranker
from parkqa.settings import load_settings

TABLE = Path(__file__).with_suffix(".tsv")


def main() -> None:
    """Print what was wrong, and how many were right."""
    folder, table = Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else TABLE
    lines = [line.split("\t") for line in table.read_text(encoding="utf-8").splitlines() if line]
    encoder, reranker = load_encoder(load_settings()), load_reranker(load_settings())
    asked = right = refused = 0
    for name, questions in groupby(lines, key=lambda line: line[0]):
        if not (folder / name).is_file():
            continue
        with TemporaryDirectory() as aside:
            (Path(aside) / "corpus").mkdir()
            shutil.copy(folder / name, Path(aside) / "corpus")
            settings = load_settings(corpus=Path(aside) / "corpus", index=Path(aside) / "index")
            Engine.build(settings, encoder=encoder, reranker=reranker)
            engine = Engine.open(settings, encoder, reranker)
            for _, question, gold in questions:
                answer = engine.ask(question)
                asked += 1
                refused += answer.refused
                if answer.quotes and gold in answer.quotes[0].text:
                    right += 1
                    continue
                said = [quote.text[:60] for quote in (answer.quotes or answer.related)[:2]]
                print(f"{name}\t{question}\t{gold}\t{'refused' if answer.refused else 'wrong'}\t{said}")
    print(f"{right} of {asked} right ({right / asked:.3f}), {refused} refused")


if __name__ == "__main__":
    main()
