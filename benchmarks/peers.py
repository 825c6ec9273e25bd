"""The usual ways to do this job beside parkqa: same texts, same embedding model, same machine, one after the other.

``python benchmarks/peers.py --squad cmrc2018_trial.json DRCD_dev.json`` in an environment with the extra ``benchmark``.
Each system runs in a process of its own. The others get the texts cut at 300 characters, as LangChain's splitter cuts
them, each its hybrid of vectors and BM25, and words by jieba where it takes a tokenizer; parkqa reads the files. Of a
SQuAD-format file every other paragraph is indexed, and the questions on the rest have no answer here. ``right first``:
the first unit comes from the paragraph asked about; ``answer shown``: an accepted answer (of a park question all that
must be quoted) stands in the first unit. AUROC is of the system's own score, answerable against unanswerable.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

BORN = time.perf_counter()
ROOT = Path(__file__).parent.parent
CHARACTERS = 300
SEPARATORS = ["\n\n", "\n", "。", "！", "？", "；", "，", " ", ""]
FUSED = 10
"""Units that each of the two searches gives to be fused."""

Found = tuple[str, str, float]
"""The first unit: its text, the file it comes from, and the system's score, higher is better."""
Asked = Callable[[str, Sequence[str]], Found]
Unit = tuple[str, str]
"""Text and file."""


def langchain(units: Sequence[Unit], model: str, files: Path) -> Asked:
    """FAISS and BM25 in an EnsembleRetriever; it keeps its score to itself, so the nearest cosine stands for it."""
    import jieba
    from langchain_classic.retrievers import EnsembleRetriever
    from langchain_community.retrievers import BM25Retriever
    from langchain_community.vectorstores import FAISS
    from langchain_community.vectorstores.utils import DistanceStrategy
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings

    encoder = _transformer(model)

    class Encoder(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            found: list[list[float]] = encoder.encode(texts, prompt_name="passage", show_progress_bar=False).tolist()
            return found

        def embed_query(self, text: str) -> list[float]:
            found: list[float] = encoder.encode(text, prompt_name="query", show_progress_bar=False).tolist()
            return found

    documents = [Document(text, metadata={"file": file}) for text, file in units]
    nearest: list[float] = []

    class Kept(FAISS):
        def similarity_search_with_score_by_vector(self, *args: Any, **keywords: Any) -> Any:
            hits = super().similarity_search_with_score_by_vector(*args, **keywords)
            nearest[:] = [float(hits[0][1])]
            return hits

    store = Kept.from_documents(documents, Encoder(), distance_strategy=DistanceStrategy.MAX_INNER_PRODUCT)
    words = BM25Retriever.from_documents(documents, preprocess_func=jieba.lcut, k=FUSED)
    both = EnsembleRetriever(retrievers=[words, store.as_retriever(search_kwargs={"k": FUSED})], weights=[0.5, 0.5])

    def ask(question: str, history: Sequence[str]) -> Found:
        first = both.invoke(question)[0]
        return first.page_content, first.metadata["file"], nearest[0]

    return ask


def haystack(units: Sequence[Unit], model: str, files: Path) -> Asked:
    """BM25 and embedding retrievers of the in-memory store, joined by reciprocal rank fusion."""
    os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
    import jieba
    from haystack import Document, Pipeline
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersDocumentEmbedder,
        SentenceTransformersTextEmbedder,
    )

    store = InMemoryDocumentStore(embedding_similarity_function="dot_product", bm25_algorithm="BM25Plus")
    store.tokenizer = jieba.lcut
    many = SentenceTransformersDocumentEmbedder(model=model, prefix="passage: ", progress_bar=False)
    many.warm_up()
    made = many.run([Document(content=text, meta={"file": file}) for text, file in units])["documents"]
    store.write_documents(made)
    one = SentenceTransformersTextEmbedder(model=model, prefix="query: ", progress_bar=False)
    pipeline = Pipeline()
    pipeline.add_component("embedder", one)
    pipeline.add_component("near", InMemoryEmbeddingRetriever(store, top_k=FUSED))
    pipeline.add_component("words", InMemoryBM25Retriever(store, top_k=FUSED))
    pipeline.add_component("joined", DocumentJoiner(join_mode="reciprocal_rank_fusion", sort_by_score=True))
    pipeline.connect("embedder.embedding", "near.query_embedding")
    pipeline.connect("near", "joined")
    pipeline.connect("words", "joined")

    def ask(question: str, history: Sequence[str]) -> Found:
        found = pipeline.run({"embedder": {"text": question}, "words": {"query": question}})["joined"]["documents"]
        return found[0].content, found[0].meta["file"], float(found[0].score)

    return ask


def txtai(units: Sequence[Unit], model: str, files: Path) -> Asked:
    """A hybrid ``Embeddings`` with its own tokenizer, which takes no other; its score is the weighted sum."""
    from txtai import Embeddings

    asked = {"query": "query: ", "data": "passage: "}
    embeddings = Embeddings(path=model, instructions=asked, hybrid=True, method="sentence-transformers", gpu=False)
    embeddings.index((place, text, None) for place, (text, _) in enumerate(units))

    def ask(question: str, history: Sequence[str]) -> Found:
        place, score = embeddings.search(question, FUSED)[0]
        return *units[int(place)], float(score)

    return ask


def bm25s(units: Sequence[Unit], model: str, files: Path) -> Asked:
    """Bare BM25 over jieba's words."""
    import bm25s
    import jieba

    words = [jieba.lcut(text) for text, _ in units]
    index = bm25s.BM25()
    index.index(words, show_progress=False)

    def ask(question: str, history: Sequence[str]) -> Found:
        places, scores = index.retrieve([jieba.lcut(question)], k=1, show_progress=False)
        return *units[int(places[0, 0])], float(scores[0, 0])

    return ask


def parkqa(units: Sequence[Unit], model: str, files: Path) -> Asked:
    """Everything as it comes; the score is the confidence, and a refusal's nearest passage counts as first unit."""
    from parkqa import Engine
    from parkqa.settings import load_settings

    with tempfile.TemporaryDirectory() as index:
        settings = load_settings(corpus=files, index=Path(index))
        Engine.build(settings)
        engine = Engine.open(settings)

    def ask(question: str, history: Sequence[str]) -> Found:
        answer = engine.ask(question, history)
        shown = answer.quotes or answer.related
        return (shown[0].text, shown[0].document, answer.confidence) if shown else ("", "", answer.confidence)

    return ask


def parkqa_without_reranker(units: Sequence[Unit], model: str, files: Path) -> Asked:
    """The same with ``PARKQA_RERANKER=none``."""
    os.environ["PARKQA_RERANKER"] = "none"
    return parkqa(units, model, files)


def _transformer(model: str) -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(model, device="cpu")


SYSTEMS: dict[str, tuple[Callable[[Sequence[Unit], str, Path], Asked], tuple[str, ...]]] = {
    "parkqa": (parkqa, ("parkqa",)),
    "parkqa, no reranker": (parkqa_without_reranker, ("parkqa",)),
    "LangChain": (
        langchain,
        ("langchain-classic", "langchain-community", "rank-bm25", "faiss-cpu", "sentence-transformers", "jieba"),
    ),
    "Haystack": (haystack, ("haystack-ai", "sentence-transformers-haystack", "jieba")),
    "txtai": (txtai, ("txtai", "sentence-transformers")),
    "bm25s": (bm25s, ("bm25s", "jieba")),
}
"""Each system and the packages that have to be installed for it."""


def run(name: str, task: Path) -> None:
    """Do a task with one system, in this process; print the figures as JSON."""
    import psutil

    given = json.loads(task.read_text(encoding="utf-8"))
    make, packages = SYSTEMS[name]
    started = time.perf_counter()
    ask = make([(text, file) for text, file in given["units"]], given["model"], Path(given["files"]))
    built = time.perf_counter()
    ask(given["cases"][0]["question"], ())
    ready = time.perf_counter() - BORN
    times, outcomes = [], []
    for case in given["cases"]:
        before = time.perf_counter()
        text, file, score = ask(case["question"], case["history"])
        times.append((time.perf_counter() - before) * 1000)
        shown = all(any(choice in text for choice in entry) for entry in case["gold"])
        outcomes.append({"right": file == case["file"], "shown": bool(case["gold"]) and shown, "score": score})
    memory = psutil.Process().memory_info()
    size = _installed(packages)
    figures = {"index": built - started, "start": ready, "memory": memory.rss / 1e6, "size": size / 1e6}
    print(json.dumps({"times": times, "outcomes": outcomes, **figures}))


def _installed(packages: Sequence[str]) -> int:
    """Bytes of these packages and of all that they need, as installed here."""
    seen: dict[str, int] = {}
    waiting = list(packages)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in seen:
            continue
        try:
            found = distribution(name)
        except PackageNotFoundError:  # for another system or Python
            continue
        places = (Path(str(found.locate_file(file))) for file in found.files or ())
        seen[name] = sum(place.stat().st_size for place in places if place.exists())
        waiting += [re.split(r"[^\w.-]", need)[0] for need in found.requires or () if "extra ==" not in need]
    return sum(seen.values())


def main() -> None:
    options = _options()
    if options.one:
        run(options.one, options.task)
        return
    with tempfile.TemporaryDirectory() as work:
        tasks = [(path.stem, _squad_task(path, options.most, Path(work))) for path in options.squad]
        for name, task in [*tasks, ("park_dev", _park_task(Path(work)))]:
            print(f"\n{name}\n\n| | {' | '.join(HEADS)} |\n|---|{'---|' * len(HEADS)}", flush=True)
            for system in options.systems:
                print(f"| {system} | {' | '.join(_row(system, task))} |", flush=True)


HEADS = (
    *("right first", "answer shown", "AUROC", "p50 ms", "p95 ms"),
    *("index s", "start to first answer s", "memory MB", "installed MB"),
)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--squad", type=Path, nargs="*", default=[])
    parser.add_argument("--most", type=int, default=200, help="questions of each kind taken of a set")
    parser.add_argument("--systems", nargs="*", choices=list(SYSTEMS), default=list(SYSTEMS))
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--task", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _row(system: str, task: Path) -> Iterator[str]:
    from parkqa.evaluation.question_sets import auroc

    command = [sys.executable, __file__, "--one", system, "--task", str(task)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    got = json.loads(done.stdout.splitlines()[-1])
    cases = json.loads(task.read_text(encoding="utf-8"))["cases"]
    yes = [o for o, case in zip(got["outcomes"], cases, strict=True) if case["gold"]]
    no = [o for o, case in zip(got["outcomes"], cases, strict=True) if not case["gold"]]
    one_file = len({case["file"] for case in cases}) == 1
    yield "–" if one_file else f"{sum(o['right'] for o in yes) / len(yes):.3f}"
    yield f"{sum(o['shown'] for o in yes) / len(yes):.3f}"
    yield f"{auroc([o['score'] for o in yes], [o['score'] for o in no]):.3f}"
    times = sorted(got["times"])
    yield from (f"{times[int(len(times) * share)]:.1f}" for share in (0.5, 0.95))
    yield from (f"{got['index']:.1f}", f"{got['start']:.1f}", f"{got['memory']:.0f}", f"{got['size']:.0f}")


def _squad_task(path: Path, most: int, work: Path) -> Path:
    """Index every other paragraph; the questions on the others have no answer."""
    from parkqa.evaluation.squad import Squad, read_squad

    squad = read_squad(path)
    indexed = Squad(squad.paragraphs[::2], ())
    files = {paragraph.file for paragraph in indexed.paragraphs}
    corpus = work / path.stem / "corpus"
    indexed.write(corpus)
    asked = [question for question in squad.questions if question.question.strip()]
    random.Random(3).shuffle(asked)
    cases = [
        {"question": q.question[:500], "history": [], "file": q.file, "gold": [list(q.answers)] if here else []}
        for here in (True, False)
        for q in [q for q in asked if (q.file in files) == here][:most]
    ]
    return _write(work / path.stem, corpus, [(p.text, p.file) for p in indexed.paragraphs], cases)


def _park_task(work: Path) -> Path:
    """The park's introduction and ``park_dev.jsonl``; the others get a follow-up without what went before."""
    from parkqa.corpus.documents import read_corpus
    from parkqa.evaluation.question_sets import read_cases

    cases = [
        {"question": c.question, "history": list(c.history), "file": "", "gold": [list(entry) for entry in c.gold]}
        for c in read_cases(ROOT / "tests" / "data" / "park_dev.jsonl")
    ]
    documents = read_corpus(ROOT / "corpus", {}).documents
    return _write(work / "park", ROOT / "corpus", [(document.text, document.path) for document in documents], cases)


def _write(folder: Path, corpus: Path, texts: Sequence[Unit], cases: Sequence[Any]) -> Path:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    from parkqa.models.loading import default_embedder
    from parkqa.settings import load_settings

    splitter = RecursiveCharacterTextSplitter(
        separators=SEPARATORS, chunk_size=CHARACTERS, chunk_overlap=0, keep_separator="end"
    )
    units = [(unit, file) for text, file in texts for unit in splitter.split_text(text)]
    folder.mkdir(exist_ok=True)
    task = folder / "task.json"
    given = {"units": units, "cases": cases, "model": str(default_embedder(load_settings())), "files": str(corpus)}
    task.write_text(json.dumps(given, ensure_ascii=False), encoding="utf-8")
    return task


if __name__ == "__main__":
    main()
