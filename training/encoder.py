"""Train the default encoder for finding: a LoRA adapter on its weights, from SQuAD-format sets and questions on parks.

    python training/encoder.py --squad SETS/DRCD_dev.json --squad SETS/DRCD_test.json \
        --squad SETS/cmrc2018_trial.json --cross SETS/xquad.zh.json SETS/xquad.en.json \
        --work build/encoder --out src/parkqa/data/encoder

A question's vector is drawn to what answers it (the sentence alone, behind the one before it, under its heading, or the
whole paragraph) and away from what answers the other questions of its batch, and from one near sentence that does not
answer: the loss of ``MultipleNegativesRankingLoss`` (van den Oord et al., 2018; Henderson et al., 2017). The figures
printed are of the last tenth of each set's paragraphs, which is kept out, before and after.

On 2 cores with AMX an epoch takes a quarter of an hour; see ``training/reranker.py`` for glibc's settings.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import adapting
import numpy as np
import parks
import torch
from datasets import Dataset
from peft import TaskType
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from sentence_transformers.sentence_transformer.training_args import BatchSamplers
from sets import Item, Sentence, Sets, answers, nearest, read_sets
from torch import nn

from parkqa.corpus.passages import context, heading_path, part
from parkqa.evaluation.question_sets import auroc
from parkqa.models import adapters
from parkqa.models.loading import load_encoder
from parkqa.search.passage_texts import counterparts, units
from parkqa.settings import Settings
from parkqa.text.folding import folded
from parkqa.types import Passage

SCALE = 30.0
"""What cosines are multiplied with in the loss."""
CHUNKS = 6
"""Parts, by length, in which a batch goes through the model: padding all to the longest takes three times as long."""
LONGEST = 128
"""Tokens of a text that are trained on."""


class ByLength(nn.Module):
    """A model that embeds a batch in parts of like length, for the loss; all else is the model's."""

    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self.model = model

    def forward(self, features: dict[str, torch.Tensor], **_: Any) -> dict[str, torch.Tensor]:
        """Return the embeddings of a batch under "sentence_embedding", shape (len(batch), dimension)."""
        lengths = features["attention_mask"].sum(1)
        order = torch.argsort(lengths)
        parts = [self._embed(features, chunk, int(lengths[chunk].max())) for chunk in order.chunk(CHUNKS)]
        return {"sentence_embedding": torch.cat(parts)[torch.argsort(order)]}

    def _embed(self, features: dict[str, torch.Tensor], chunk: torch.Tensor, longest: int) -> torch.Tensor:
        cut = {name: features[name][chunk, :longest] for name in ("input_ids", "attention_mask")}
        return self.model(cut)["sentence_embedding"]


def main() -> None:
    options = _options()
    base, settings = adapting.base_and_settings()
    sets = read_sets(options.squad, options.cross)
    near = nearest(sets, settings, options.work / "near.npy")
    rng = random.Random(7)
    rows = [
        row for place, item in enumerate(sets.items) if not item.held and (row := _row(sets, item, near[place], rng))
    ]
    rng.shuffle(rows)
    rows = rows[: options.most]
    rows += list(park_rows(settings, options.work, rng))
    rng.shuffle(rows)
    print(f"{len(rows)} questions", flush=True)
    model = SentenceTransformer(str(base), device="cpu", local_files_only=True)
    model.max_seq_length = LONGEST
    figures = {"before": measure(model, sets)}
    model.add_adapter(adapting.lora(TaskType.FEATURE_EXTRACTION, options.rank))
    SentenceTransformerTrainer(
        model=model,
        args=SentenceTransformerTrainingArguments(
            **adapting.arguments(options),
            per_device_train_batch_size=64,
            logging_steps=10,
            save_strategy="no",
            batch_sampler=BatchSamplers.NO_DUPLICATES,
            prompts={"anchor": "query: ", "positive": "passage: ", "negative": "passage: "},
        ),
        train_dataset=Dataset.from_list(rows),
        loss=MultipleNegativesRankingLoss(ByLength(model), scale=SCALE),
    ).train()
    model.eval()
    adapters.save(model, options.out)
    figures["after"] = measure(model, sets)
    adapting.tell(figures, options.out)


def _options() -> argparse.Namespace:
    parser = adapting.parser(__doc__, "indexes and the nearest sentences, for the next run")
    parser.add_argument("--most", type=int, default=5500, help="questions of the SQuAD sets at most")
    parser.add_argument("--rate", type=float, default=2e-4)
    return parser.parse_args()


def _row(sets: Sets, item: Item, near: Sequence[int], rng: random.Random) -> dict[str, str] | None:
    """A question with a text that answers and a near one that does not, both written the same way."""
    best, others = sets.right(item), sets.near(near, item)[:10]
    if best is None or not others:
        return None
    mode = rng.choice(("alone", "alone", "before", "title", "paragraph"))
    wrong = rng.choice(others)
    return {"anchor": item.question, "positive": _text(sets, best, mode), "negative": _text(sets, wrong, mode)}


def _text(sets: Sets, sentence: Sentence, mode: str) -> str:
    if mode == "paragraph":
        return f"{sentence.title}\n{''.join(other.text for other in sets.around(sentence))}"
    return {"alone": "", "before": sentence.before, "title": f"{sentence.title}\n"}[mode] + sentence.text


def park_rows(settings: Settings, work: Path, rng: random.Random) -> Iterator[dict[str, str]]:
    """Yield the answered questions on parks, each twice: with the unit that answers and with its whole passage."""
    own, others = parks.all_shown(settings, load_encoder(settings), work)
    for shown in (*own, *others):
        if shown.right:
            right, wrong = shown.right[0], rng.choice(shown.wrong)
            english = shown.language == "en" and right.candidate.translation is not None
            for write in (_unit, _whole):
                for side in (False, True) if english else (False,):
                    yield {
                        "anchor": folded(shown.question),
                        "positive": write(right, side),
                        "negative": write(wrong, side),
                    }


def _unit(one: parks.Unit, translated: bool) -> str:
    passage, spans = _side(one, translated)
    heading = heading_path(passage)
    return folded(f"{heading}\n{part(passage, spans[one.unit])}" if heading else part(passage, spans[one.unit]))


def _whole(one: parks.Unit, translated: bool) -> str:
    return folded(context(_side(one, translated)[0]))


def _side(one: parks.Unit, translated: bool) -> tuple[Passage, tuple[tuple[int, int], ...]]:
    passage, other = one.candidate.passage, one.candidate.translation
    return (other, counterparts(passage, other)) if translated and other else (passage, units(passage))


def measure(model: SentenceTransformer, sets: Sets) -> dict[str, dict[str, float]]:
    """Return for each set's last tenth how often the nearest of all its sentences answers, and AUROC.

    AUROC: the highest cosine with the paragraph that answers, against without it.
    """
    held = [item for item in sets.items if item.held]
    names = dict.fromkeys(item.paragraph[0] for item in held)
    return {name: _measure(model, sets, [item for item in held if item.paragraph[0] == name]) for name in names}


def _measure(model: SentenceTransformer, sets: Sets, items: Sequence[Item]) -> dict[str, float]:
    places = {item.paragraph for item in items}
    among = [sentence for sentence in sets.sentences if sentence.paragraph in places]
    own = np.array([sentence.paragraph for sentence in among])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        vectors = model.encode([s.text for s in among], prompt_name="passage", normalize_embeddings=True)
        asked = model.encode([item.question for item in items], prompt_name="query", normalize_embeddings=True)
    hits, paragraphs, with_it, without = [], [], [], []
    for item, cosines in zip(items, asked @ vectors.T, strict=True):
        best = among[int(np.argmax(cosines))]
        other = np.any(own != item.paragraph, axis=1)
        hits.append(best.paragraph == item.paragraph and answers(item, best))
        paragraphs.append(best.paragraph == item.paragraph)
        with_it.append(cosines.max())
        without.append(cosines[other].max())
    return {
        "questions": len(items),
        "right sentence first": round(float(np.mean(hits)), 3),
        "right paragraph first": round(float(np.mean(paragraphs)), 3),
        "auroc": round(auroc(np.array(with_it), np.array(without)), 3),
    }


if __name__ == "__main__":
    main()
