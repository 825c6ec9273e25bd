"""Train the default reranker: a LoRA adapter on the default encoder's weights, from SQuAD-format sets and parks.

    python training/reranker.py --squad SETS/DRCD_dev.json --squad SETS/DRCD_test.json \
        --squad SETS/cmrc2018_trial.json --cross SETS/xquad.zh.json SETS/xquad.en.json \
        --work build/first --out build/first/adapter
    python training/reranker.py … --parks --start build/first/adapter --most 1800 --rate 3e-4 --seed 8 \
        --work build/second --out src/parkqa/data/reranker

The first line trains on the SQuAD sets alone, the second goes on with a part of them, drawn anew, and with questions on
parks (``training/parks.py``). The adapter in the package went through the second line eight times, as the questions on
parks grew: with a quarter of them, with two thirds (``--most 1000 --epochs 0.8``), and three times with those that are
in ``data`` since (``--most 1000 --epochs 0.36``, then ``--most 3000 --epochs 0.58`` with ``--seed 11`` and with
``--seed 12``). The mean (``training/mean.py``) of the last two went through it once more, with the parks that have
papers of many kinds, six at the time (``--most 2400 --wrong 2 --share 0.1 --written 4 --seed 21``), and learnt to find
the answer within a sentence; and then again, with sixteen (``--most 800 --wrong 2 --share 0.06 --seed 31``). The mean
of the last two went through it with all of them and the news services (``--most 1500 --wrong 2 --share 0.08
--epochs 0.7 --seed 41``).

A question is shown the sentence that answers it and others that do not: of the same paragraph, and the nearest of other
paragraphs by the encoder. Each stands behind its context (the sentence before it, or the title, or nothing), as
``reranking.reranker_input`` writes it. The loss is ListNet's cross-entropy (Cao et al., 2007) with one more choice,
"none of these", whose score is 0: a sentence's score is how much likelier it answers than that nothing does. A share of
the questions is shown wrong sentences only. Broken off, the same command goes on from the last checkpoint in
``--work``.

On 2 cores with AMX it takes about half an hour, once glibc is told to keep its memory (else page faults take most of
the time): ``MALLOC_MMAP_THRESHOLD_=33554432 MALLOC_TRIM_THRESHOLD_=8589934592 MALLOC_TOP_PAD_=268435456``.

The last tenth of each set's paragraphs is kept out; the figures printed at the end are of its questions.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import adapting
import numpy as np
import parks
import torch
from datasets import Dataset
from peft import TaskType, set_peft_model_state_dict
from safetensors.torch import load_file
from sentence_transformers.cross_encoder import CrossEncoder, CrossEncoderTrainer, CrossEncoderTrainingArguments
from sets import Item, Sentence, Sets, answers, nearest, overlap, read_sets
from torch import nn

from parkqa.evaluation.question_sets import auroc
from parkqa.models import adapters
from parkqa.models.loading import load_encoder
from parkqa.models.reranker import SPAN_HEAD, new_reranker, tokenized
from parkqa.models.workers import worker_count
from parkqa.search.reranking import reranker_input
from parkqa.settings import Settings

WRONG = 4
"""Sentences that do not answer, in each group; one more where none answers."""
NONE_ANSWERS = 0.25
"""Share of the groups that hold no answer."""
LAYERS = range(4, 12)
SPAN = 0.5
"""Weight of the span's loss beside the list's."""


class NoneOfThese(nn.Module):
    """ListNet with a "none of these" of score 0 in every list, and the answer's span within the sentence that answers.

    A label of 1 marks that sentence, which comes first. Its answer is given as the code points ``[start, end]`` of the
    text, or as ``[-1, -1]``; the loss of the span is the mean cross-entropy of its first and its last token.
    """

    def __init__(self, model: CrossEncoder) -> None:
        super().__init__()
        self.model = model

    def forward(self, inputs: list[Any], labels: list[torch.Tensor], **_: Any) -> torch.Tensor:
        """Return the mean loss of a batch of (questions, lists of sentences, spans)."""
        questions, lists, spans = inputs
        pairs = [(question, sentence) for question, group in zip(questions, lists, strict=True) for sentence in group]
        tokens = tokenized(self.model, pairs)
        inner: Any = self.model[0].model
        read = inner(**tokens.inputs, output_hidden_states=True)
        scores = read.logits.view(-1).float()
        ends = inner.get_submodule(SPAN_HEAD)(read.hidden_states[-1]).float()
        losses, place = [], 0
        for label, span in zip(labels, spans, strict=True):
            row = torch.cat([scores.new_zeros(1), scores[place : place + len(label)]])
            right = int(label.argmax()) + 1 if bool((label > 0).any()) else 0
            losses.append(-torch.log_softmax(row, dim=0)[right])
            if right and (found := _tokens_of(tokens.offsets[place], span)):
                mine = torch.log_softmax(ends[place, tokens.places[place]], dim=0)
                losses[-1] = losses[-1] - SPAN * (mine[found[0], 0] + mine[found[1], 1]) / 2
            place += len(label)
        return torch.stack(losses).mean()


def _tokens_of(offsets: np.ndarray, span: Sequence[int]) -> tuple[int, int] | None:
    """Return the first and the last token of a span of code points; None where they were cut off, or for no span."""
    if span[0] < 0 or not len(offsets) or offsets[-1][1] < span[1]:
        return None
    return int(np.searchsorted(offsets[:, 1], span[0], "right")), int(np.searchsorted(offsets[:, 1], span[1]))


def main() -> None:
    options = _options()
    base, settings = adapting.base_and_settings()
    sets = read_sets(options.squad, options.cross)
    near = nearest(sets, settings, options.work / "near.npy")
    rng = random.Random(options.seed)
    numbered = [(place, item) for place, item in enumerate(sets.items) if not item.held]
    groups = [group for place, item in numbered if (group := make_group(item, sets, near[place], rng, options.wrong))]
    rng.shuffle(groups)
    groups = groups[: options.most]
    print(f"{len(sets.sentences)} sentences, {len(sets.items)} questions, {len(groups)} groups", flush=True)
    if options.parks:
        groups += park_groups(settings, options, rng)
        rng.shuffle(groups)
        print(f"{len(groups)} groups with the parks'", flush=True)
    torch.set_num_threads(worker_count(0))  # the encoder's passes have left one thread to each
    # Without dropout, whose random numbers take a third of the time on a CPU; an epoch or two does not overfit.
    calm = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    model = new_reranker(base, nn.Identity(), **calm)
    head = ["classifier", "pooler", SPAN_HEAD]
    model.add_adapter(
        adapting.lora(TaskType.SEQ_CLS, options.rank, layers_to_transform=list(LAYERS), modules_to_save=head)
    )
    if options.start:
        go_on_from(model, options.start)
    trainer = CrossEncoderTrainer(
        model=model,
        args=CrossEncoderTrainingArguments(
            **adapting.arguments(options),
            per_device_train_batch_size=8,
            logging_steps=25,
            save_steps=200,
            save_total_limit=1,
            dataloader_num_workers=0,
        ),
        train_dataset=Dataset.from_list(groups),
        loss=NoneOfThese(model),
    )
    resumable = options.work.is_dir() and any(options.work.glob("checkpoint-*"))
    trainer.train(resume_from_checkpoint=resumable or None)
    model.eval()
    adapters.save(model, options.out)
    adapting.tell(measure(model, sets, near), options.out)


def _options() -> argparse.Namespace:
    parser = adapting.parser(__doc__, "checkpoints")
    parser.add_argument("--parks", action="store_true", help="train on the questions on parks too")
    parser.add_argument("--start", type=Path, help="folder of an adapter to go on from")
    parser.add_argument("--most", type=int, default=100_000, help="groups of the SQuAD sets at most")
    parser.add_argument("--wrong", type=int, default=WRONG, help="wrong sentences in a group of the SQuAD sets")
    parser.add_argument("--share", type=float, default=1.0, help="of the questions on the park and on fictional ones")
    parser.add_argument("--written", type=int, default=2, help="how often a question on a written park is taken")
    parser.add_argument("--rate", type=float, default=4e-4)
    parser.add_argument("--seed", type=int, default=7, help="of the draw of the groups, another for each stage")
    return parser.parse_args()


def make_group(
    item: Item, sets: Sets, near: Sequence[int], rng: random.Random, wrong: int = WRONG
) -> dict[str, Any] | None:
    """Return a question with the sentence that answers (or none) first and ``wrong`` others after it."""
    best = sets.right(item)
    if best is None:
        return None
    beside = [sentence for sentence in sets.around(item) if not answers(item, sentence)]
    others = [sentence for sentence in sets.near(near, item) if sentence.paragraph != item.paragraph][:12]
    mode = rng.choice(("before", "before", "title", "none"))
    if rng.random() < NONE_ANSWERS:
        chosen = rng.sample(others, min(wrong + 1, len(others)))
    else:
        beside.sort(key=lambda sentence: -overlap(item.question, sentence.text))
        half = beside[:3]
        rng.shuffle(half)
        chosen = [best, *half[: wrong // 2]]
        chosen += rng.sample(others, min(wrong + 1 - len(chosen), len(others)))
    return {
        "question": item.question,
        "sentences": [reranker_input(sentence.text, _context(sentence, mode)) for sentence in chosen],
        "answer": _place(item.answers, best, mode),
        "labels": [float(sentence is best) for sentence in chosen],
    }


def _place(answers: Sequence[str], best: Sentence, mode: str) -> list[int]:
    """The code points of the shortest accepted answer in what is read of the sentence."""
    text = reranker_input(best.text, _context(best, mode))
    answer = min((answer for answer in answers if answer in best.text), key=len)
    start = text.index(answer, len(text) - len(best.text))
    return [start, start + len(answer)]


def park_groups(settings: Settings, options: argparse.Namespace, rng: random.Random) -> list[dict[str, Any]]:
    """Return the groups of the questions on parks; of NONE_ANSWERS what answers is left out.

    Those on the park itself come twice and those on written parks ``options.written`` times, each time with other wrong
    sentences.
    """
    own, others, written = parks.all_shown(settings, load_encoder(settings), options.work, options.share, rng)
    groups = []
    for one in (*own, *own, *others, *(written * options.written)):
        without = rng.random() < NONE_ANSWERS
        groups.append(parks.group(replace(one, right=()) if without else one, rng, WRONG + 1))
    return groups


def go_on_from(model: CrossEncoder, folder: Path) -> None:
    """Put an adapter's weights, and its head's, into the model's fresh ones."""
    inner: Any = model[0]
    weights = {
        name.removeprefix("base_model.model."): value for name, value in load_file(folder / adapters.WEIGHTS).items()
    }
    fresh: nn.Linear = inner.model.get_submodule(SPAN_HEAD).original_module
    for name, value in fresh.state_dict().items():
        weights.setdefault(f"{SPAN_HEAD}.{name}", value)  # the first adapters had no such head
    told = set_peft_model_state_dict(inner.model, weights)
    assert not told.unexpected_keys, told.unexpected_keys[:3]


def _context(sentence: Sentence, mode: str) -> str:
    return {"before": sentence.before, "title": sentence.title, "none": ""}[mode]


def measure(model: CrossEncoder, sets: Sets, near: np.ndarray) -> dict[str, Any]:
    """Return for each set's kept-out last tenth: how often the best of its and 8 near sentences answers; AUROC."""
    held = [place for place, item in enumerate(sets.items) if item.held]
    names = dict.fromkeys(sets.items[place].paragraph[0] for place in held)
    return {
        name: _measure(model, sets, near, [i for i in held if sets.items[i].paragraph[0] == name][:300])
        for name in names
    }


def _measure(model: CrossEncoder, sets: Sets, near: np.ndarray, chosen: Sequence[int]) -> dict[str, float]:
    hits, with_answer, without = [], [], []
    for item, rows in ((sets.items[place], near[place]) for place in chosen):
        own = sets.around(item)
        others = [sentence for sentence in sets.near(rows[:8], item) if sentence.paragraph != item.paragraph]
        both = [*own, *others]
        pairs = [(item.question, reranker_input(sentence.text, sentence.before)) for sentence in both]
        scores = model.predict(pairs, show_progress_bar=False)
        hits.append(answers(item, both[int(np.argmax(scores))]))
        with_answer.append(float(np.max(scores)))
        if others:
            without.append(float(np.max(scores[len(own) :])))
    return {
        "questions": len(chosen),
        "marked@1": round(float(np.mean(hits)), 3),
        "auroc": round(auroc(np.array(with_answer), np.array(without)), 3),
    }


if __name__ == "__main__":
    main()
