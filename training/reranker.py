"""Train the default reranker: a LoRA adapter on the default encoder's weights, from SQuAD-format sets.

    python training/reranker.py --squad SETS/DRCD_dev.json --squad SETS/DRCD_test.json \
        --squad SETS/cmrc2018_trial.json --cross SETS/xquad.zh.json SETS/xquad.en.json \
        --work build/reranker --out src/parkqa/data/reranker

A question is shown the sentence that answers it and others that do not: of the same paragraph, and the nearest of other
paragraphs by the encoder. Each stands behind its context (the sentence before it, or the title, or nothing), as
``parkqa.reading.text`` writes it. The loss is ListNet's cross-entropy (Cao et al., 2007) with one more choice, "none of
these", whose score is 0: a sentence's score is how much likelier it answers than that nothing does. A share of the
questions is shown wrong sentences only. Broken off, the same command goes on from the last checkpoint in ``--work``.

On 2 cores with AMX it takes about half an hour, once glibc is told to keep its memory (else page faults take most of
the time): ``MALLOC_MMAP_THRESHOLD_=33554432 MALLOC_TRIM_THRESHOLD_=8589934592 MALLOC_TOP_PAD_=268435456``.

The last tenth of each set's paragraphs is kept out; the figures printed at the end are of its questions.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from peft import LoraConfig, TaskType
from sentence_transformers.cross_encoder import CrossEncoder, CrossEncoderTrainer, CrossEncoderTrainingArguments
from sentence_transformers.util import batch_to_device
from torch import nn

from parkqa.evaluation import auroc
from parkqa.models import default_model, load_encoder
from parkqa.models.reranker import new_reader, save_adapter
from parkqa.reading import text
from parkqa.settings import Settings, load_settings
from parkqa.squad import Squad, read_squad
from parkqa.text import folded, sentences

WRONG = 4
"""Sentences that do not answer, in each group; one more where none answers."""
KEPT_OUT = 0.1
NONE_ANSWERS = 0.25
"""Share of the groups that hold no answer."""
LAYERS = range(4, 12)


@dataclass(frozen=True)
class Sentence:
    """A folded sentence of a paragraph with what may stand before it."""

    paragraph: tuple[str, str]
    text: str
    before: str
    title: str


@dataclass(frozen=True)
class Item:
    """A question with the answers that were accepted; ``held`` when its paragraph is kept out of training."""

    question: str
    answers: tuple[str, ...]
    paragraph: tuple[str, str]
    held: bool


class NoneOfThese(nn.Module):
    """ListNet with a "none of these" of score 0 in every list; a label of 1 marks the sentence that answers."""

    def __init__(self, model: CrossEncoder) -> None:
        super().__init__()
        self.model = model

    def forward(self, inputs: list[Any], labels: list[torch.Tensor], **_: Any) -> torch.Tensor:
        """Return the mean cross-entropy of a batch of (questions, lists of sentences)."""
        questions, lists = inputs
        pairs = [(question, sentence) for question, group in zip(questions, lists, strict=True) for sentence in group]
        scores = self.model(batch_to_device(self.model.preprocess(pairs), self.model.device))["scores"].view(-1).float()
        losses, place = [], 0
        for label in labels:
            row = torch.cat([scores.new_zeros(1), scores[place : place + len(label)]])
            right = int(label.argmax()) + 1 if bool((label > 0).any()) else 0
            losses.append(-torch.log_softmax(row, dim=0)[right])
            place += len(label)
        return torch.stack(losses).mean()


def main() -> None:
    options = _options()
    settings = load_settings()
    base = default_model(settings)
    assert base is not None, "the default model is missing"
    found, items = read_sets(options.squad, options.cross)
    near = nearest(found, items, settings, options.work / "near.npy")
    train, held = [i for i, item in enumerate(items) if not item.held], [i for i, item in enumerate(items) if item.held]
    rng = random.Random(7)
    groups = [group for i in train if (group := make_group(items[i], found, near[i], rng))]
    rng.shuffle(groups)
    groups = groups[: options.most]
    print(f"{len(found)} sentences, {len(items)} questions, {len(groups)} groups", flush=True)
    # Without dropout, whose random numbers take a third of the time on a CPU; an epoch or two does not overfit.
    calm = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    model = new_reader(base, nn.Identity(), **calm)
    model.add_adapter(
        LoraConfig(
            task_type=TaskType.SEQ_CLS,
            r=options.rank,
            lora_alpha=2 * options.rank,
            target_modules=["query", "key", "value", "dense"],
            layers_to_transform=list(LAYERS),
            modules_to_save=["classifier", "pooler"],
        )
    )
    trainer = CrossEncoderTrainer(
        model=model,
        args=CrossEncoderTrainingArguments(
            output_dir=str(options.work),
            num_train_epochs=options.epochs,
            per_device_train_batch_size=8,
            learning_rate=options.rate,
            warmup_steps=0.06,
            lr_scheduler_type="cosine",
            bf16=True,
            use_cpu=True,
            logging_steps=25,
            save_steps=200,
            save_total_limit=1,
            report_to=[],
            seed=7,
            dataloader_num_workers=0,
        ),
        train_dataset=Dataset.from_list(groups),
        loss=NoneOfThese(model),
    )
    resumable = options.work.is_dir() and any(options.work.glob("checkpoint-*"))
    trainer.train(resume_from_checkpoint=resumable or None)
    model.eval()
    save_adapter(model, options.out)
    figures = measure(model, [items[i] for i in held], found, [near[i] for i in held])
    (options.out / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=1))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--squad", type=Path, action="append", required=True)
    parser.add_argument("--cross", type=Path, nargs=2, metavar=("PARAGRAPHS", "QUESTIONS"))
    parser.add_argument("--work", type=Path, required=True, help="checkpoints")
    parser.add_argument("--out", type=Path, required=True, help="folder of the adapter")
    parser.add_argument("--most", type=int, default=100_000, help="groups at most")
    parser.add_argument("--epochs", type=float, default=1.0)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--rate", type=float, default=4e-4)
    return parser.parse_args()


def read_sets(paths: Sequence[Path], cross: Sequence[Path] | None) -> tuple[list[Sentence], list[Item]]:
    """Return the sentences of all sets and their questions; those of ``cross`` twice, in both languages."""
    found: list[Sentence] = []
    items: list[Item] = []
    for path in paths:
        squad = read_squad(path)
        found += _sentences(path.stem, squad)
        items += _items(path.stem, squad, squad)
    if cross:
        chinese, english = map(read_squad, cross)
        found += _sentences("xquad", chinese)
        items += _items("xquad", chinese, chinese)
        items += 2 * _items("xquad", chinese, english)
    return found, items


def _sentences(name: str, squad: Squad) -> list[Sentence]:
    found = []
    for paragraph in squad.paragraphs:
        cut = [folded(paragraph.text[start:end]).strip() for start, end in sentences(paragraph.text)]
        title = folded(paragraph.title.replace("_", " "))
        found += [
            Sentence((name, paragraph.file), here, cut[place - 1] if place else "", title)
            for place, here in enumerate(cut)
            if here
        ]
    return found


def _items(name: str, answered: Squad, asked: Squad) -> list[Item]:
    answers = {question.id: tuple(map(folded, question.answers)) for question in answered.questions}
    out = {p.file for p in answered.paragraphs[int(len(answered.paragraphs) * (1 - KEPT_OUT)) :]}
    return [Item(folded(q.question), answers[q.id], (name, q.file), q.file in out) for q in asked.questions]


def nearest(
    found: Sequence[Sentence], items: Sequence[Item], settings: Settings, kept: Path, count: int = 24
) -> np.ndarray:
    """Return for each question the rows of the nearest sentences by the encoder, shape (len(items), count).

    They are kept in the file ``kept``, for the next run.
    """
    if kept.exists():
        return np.asarray(np.load(kept))
    encoder = load_encoder(settings)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        held = encoder.encode_passages([sentence.text for sentence in found])
        asked = encoder.encode_queries([item.question for item in items])
    print("sentences and questions embedded", flush=True)
    rows = [np.argsort(-(held @ vector))[:count] for vector in asked]
    kept.parent.mkdir(parents=True, exist_ok=True)
    np.save(kept, np.array(rows))
    return np.array(rows)


def make_group(item: Item, found: Sequence[Sentence], near: Sequence[int], rng: random.Random) -> dict[str, Any] | None:
    """Return a question with the sentence that answers (or none) first and wrong ones after it."""
    own = found_in(found, item.paragraph)
    right = [sentence for sentence in own if any(answer in sentence.text for answer in item.answers)]
    close = [found[row] for row in near if not any(answer in found[row].text for answer in item.answers)]
    if not right:
        return None
    best = max(right, key=lambda sentence: _overlap(item.question, sentence.text))
    beside = [sentence for sentence in own if sentence not in right]
    others = [sentence for sentence in close if sentence.paragraph != item.paragraph]
    mode = rng.choice(("before", "before", "title", "none"))
    if rng.random() < NONE_ANSWERS:
        chosen = rng.sample(others[:12], min(WRONG + 1, len(others[:12])))
    else:
        beside.sort(key=lambda sentence: -_overlap(item.question, sentence.text))
        half = beside[:3]
        rng.shuffle(half)
        chosen = [best, *half[: WRONG // 2]]
        chosen += rng.sample(others[:12], min(WRONG + 1 - len(chosen), len(others[:12])))
    labels = [float(sentence is best) for sentence in chosen]
    return {
        "question": item.question,
        "sentences": [text(sentence.text, _context(sentence, mode)) for sentence in chosen],
        "labels": labels,
    }


def _context(sentence: Sentence, mode: str) -> str:
    return {"before": sentence.before, "title": sentence.title, "none": ""}[mode]


def found_in(found: Sequence[Sentence], paragraph: tuple[str, str]) -> list[Sentence]:
    """Return the sentences of a paragraph."""
    if not _BY_PARAGRAPH:
        for sentence in found:
            _BY_PARAGRAPH.setdefault(sentence.paragraph, []).append(sentence)
    return _BY_PARAGRAPH[paragraph]


_BY_PARAGRAPH: dict[tuple[str, str], list[Sentence]] = {}


def _overlap(question: str, sentence: str) -> int:
    pairs = {question[i : i + 2] for i in range(len(question) - 1)}
    return sum(pair in sentence for pair in pairs)


def measure(
    model: CrossEncoder, held: Sequence[Item], found: Sequence[Sentence], near: Sequence[Sequence[int]]
) -> dict[str, Any]:
    """Return for each kept-out set: how often the best of the paragraph's and 8 near sentences answers, and AUROC."""
    figures: dict[str, Any] = {}
    for name in dict.fromkeys(item.paragraph[0] for item in held):
        hits, with_answer, without = [], [], []
        chosen = [(item, rows) for item, rows in zip(held, near, strict=True) if item.paragraph[0] == name][:300]
        for item, rows in chosen:
            own = found_in(found, item.paragraph)
            others = [found[row] for row in rows if found[row].paragraph != item.paragraph][:8]
            others = [sentence for sentence in others if not any(a in sentence.text for a in item.answers)]
            both = [*own, *others]
            scores = model.predict([(item.question, text(s.text, s.before)) for s in both], show_progress_bar=False)
            best = both[int(np.argmax(scores))]
            hits.append(any(answer in best.text for answer in item.answers))
            with_answer.append(float(np.max(scores)))
            if others:
                without.append(float(np.max(scores[len(own) :])))
        figures[name] = {
            "questions": len(chosen),
            "marked@1": round(float(np.mean(hits)), 3),
            "auroc": round(auroc(np.array(with_answer), np.array(without)), 3),
        }
    return figures


if __name__ == "__main__":
    main()
