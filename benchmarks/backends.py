"""The backends of the models side by side: speed of a question and of six pairs, agreement with torch fp32, answers.

``python benchmarks/backends.py`` in an environment with the extra ``benchmark``. One index, made with fp32; a backend
then embeds the questions of ``park_dev.jsonl`` and reads the pairs. Times are medians, taken in turns; ``x`` is the
speed against fp32. ``cosine`` is the lowest of any question's vectors, ``score`` the largest difference of any pair's
score, ``batch`` the largest difference a pair's score has when it is read alone: with int8 the scale of a whole round
is taken, so that a score depends on who else asks. ONNX and OpenVINO run the model that torch exports, since optimum,
which sentence-transformers wants for them, takes no transformers 5.
"""

from __future__ import annotations

import argparse
import copy
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch

from parkqa import Engine
from parkqa.evaluation.question_sets import Report, evaluate, read_cases
from parkqa.settings import load_settings

ROOT = Path(__file__).parent.parent
PAIRS = 6
OUTPUTS = ("sentence_embedding", "scores")
Forward = Callable[[Mapping[str, torch.Tensor]], Mapping[str, torch.Tensor]]


class Whole(torch.nn.Module):
    """A model of sentence-transformers from tokens to its one output."""

    def __init__(self, model: Any, output: str) -> None:
        super().__init__()
        self.model, self.output = model, output

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.model({"input_ids": input_ids, "attention_mask": attention_mask})[self.output]
        return found


def fp32(model: Any, output: str, work: Path) -> Forward:
    """As it is loaded."""
    forward: Forward = model.forward
    return forward


def bf16(model: Any, output: str, work: Path) -> Forward:
    """Weights and activations in bfloat16: fast where the processor has AMX or AVX512-BF16, slow where not."""
    forward: Forward = copy.deepcopy(model).bfloat16().forward
    return forward


def int8(model: Any, output: str, work: Path) -> Forward:
    """Linear layers quantised by torch, activations as they come."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        forward: Forward = torch.ao.quantization.quantize_dynamic(copy.deepcopy(model), {torch.nn.Linear}).forward
    return forward


def onnx(model: Any, output: str, work: Path) -> Forward:
    """ONNX Runtime, fp32."""
    return _onnx_session(_exported(model, output, work), output)


def onnx_int8(model: Any, output: str, work: Path) -> Forward:
    """ONNX Runtime, linear layers quantised, activations as they come."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    small = work / f"{output}-int8.onnx"
    quantize_dynamic(_exported(model, output, work), small, weight_type=QuantType.QInt8)
    return _onnx_session(small, output)


def openvino(model: Any, output: str, work: Path) -> Forward:
    """OpenVINO, held to fp32."""
    return _openvino(model, output, work, "f32")


def openvino_own(model: Any, output: str, work: Path) -> Forward:
    """OpenVINO with the precision it chooses: bf16 where the processor has it."""
    return _openvino(model, output, work, None)


def _openvino(model: Any, output: str, work: Path, precision: str | None) -> Forward:
    import openvino

    core = openvino.Core()
    properties: dict[str, Any] = {"INFERENCE_NUM_THREADS": torch.get_num_threads()}
    properties |= {"INFERENCE_PRECISION_HINT": precision} if precision else {}
    compiled = core.compile_model(core.read_model(_exported(model, output, work)), "CPU", properties)

    def forward(features: Mapping[str, torch.Tensor]) -> Mapping[str, torch.Tensor]:
        result = compiled({name: features[name].numpy() for name in ("input_ids", "attention_mask")})
        return {output: torch.from_numpy(np.array(result[0]))}

    return forward


def _exported(model: Any, output: str, work: Path) -> Path:
    path = work / f"{output}.onnx"
    if not path.exists():
        # Two tensors that differ: of one that is given twice the exporter makes one input.
        tokens, mask = torch.arange(18).reshape(2, 9) + 5, torch.tensor([[1] * 9, [1] * 6 + [0] * 3])
        free = {0: torch.export.Dim("batch", max=64), 1: torch.export.Dim("length", max=512)}
        whole = Whole(model, output).eval()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = torch.onnx.export(
                whole, (tokens, mask), dynamo=True, dynamic_shapes=(free, free), verbose=False, input_names=INPUTS
            )
        made.save(path)
    return path


INPUTS = ["input_ids", "attention_mask"]


def _onnx_session(path: Path, output: str) -> Forward:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def forward(features: Mapping[str, torch.Tensor]) -> Mapping[str, torch.Tensor]:
        given = {name: features[name].numpy() for name in INPUTS}
        return {output: torch.from_numpy(session.run(None, given)[0])}

    return forward


BACKENDS: dict[str, Callable[[Any, str, Path], Forward]] = {
    "torch fp32": fp32,
    "torch bf16": bf16,
    "torch int8": int8,
    "ONNX fp32": onnx,
    "ONNX int8": onnx_int8,
    "OpenVINO fp32": openvino,
    "OpenVINO as it likes": openvino_own,
}


@dataclass
class Figures:
    """What was measured of a backend; times in seconds."""

    query: list[float]
    pairs: list[float]
    vectors: np.ndarray
    scores: np.ndarray
    alone: np.ndarray
    report: Report


def main() -> None:
    options = _options()
    cases = read_cases(ROOT / "tests" / "data" / "park_dev.jsonl")
    with tempfile.TemporaryDirectory() as work:
        settings = load_settings(corpus=ROOT / "corpus", index=Path(work) / "index")
        Engine.build(settings)
        engine = Engine.open(settings)
        models = [part._model for part in (engine.encoder, engine.reranker)]
        made = {}
        for name in options.backends:
            try:
                forwards = [
                    BACKENDS[name](model, output, Path(work)) for model, output in zip(models, OUTPUTS, strict=True)
                ]
            except (ImportError, RuntimeError, torch.onnx.OnnxExporterError) as error:
                print(f"{name}: {type(error).__name__}: {str(error)[:200]}")
                continue
            made[name] = (forwards, Figures([], [], *(np.zeros(0),) * 3, report=Report({}, None, ())))
        for turn in range(options.turns):
            for forwards, figures in made.values():
                with ExitStack() as stack:
                    for model, forward in zip(models, forwards, strict=True):
                        stack.enter_context(patch.object(model, "forward", forward))
                    measure(engine, [case.question for case in cases], figures)
                    if turn == 0:
                        figures.report = evaluate(cases, engine.ask)
    _print({name: figures for name, (_, figures) in made.items()})


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backends", nargs="*", choices=list(BACKENDS), default=list(BACKENDS))
    parser.add_argument("--turns", type=int, default=3)
    return parser.parse_args()


def measure(engine: Engine, questions: list[str], figures: Figures) -> None:
    """Embed each question and read six pairs with it; keep times, vectors and scores."""
    texts = [passage.text for passage in engine.store.passages]
    vectors, scores, alone = [], [], []
    for place, question in enumerate(questions):
        chosen = [texts[(place + 5 * step) % len(texts)] for step in range(PAIRS)]
        started = time.perf_counter()
        vectors.append(engine.encoder.encode_queries([question])[0])
        between = time.perf_counter()
        assert engine.reranker
        scores.append(engine.reranker.score(question, chosen))
        figures.query.append(between - started)
        figures.pairs.append(time.perf_counter() - between)
        if place % 10 == 0:
            single = np.array([engine.reranker.score(question, [text])[0] for text in chosen])
            alone.append(np.abs(single - scores[-1]).max())
    figures.vectors, figures.scores, figures.alone = np.array(vectors), np.array(scores), np.array(alone)


def _print(figures: Mapping[str, Figures]) -> None:
    print("| backend | question ms | x | 6 pairs ms | x | cosine | score | batch | answer@1 | refused | AUROC |")
    print(f"|---|{'---|' * 10}")
    base = next(iter(figures.values()))
    for name, each in figures.items():
        query, pairs = np.median(each.query), np.median(each.pairs)
        cosine = float((each.vectors * base.vectors).sum(axis=1).min())
        apart = float(np.abs(each.scores - base.scores).max())
        kinds = each.report.kinds
        cells = [
            *(f"{query * 1000:.1f}", f"{np.median(base.query) / query:.1f}"),
            *(f"{pairs * 1000:.0f}", f"{np.median(base.pairs) / pairs:.1f}"),
            *(f"{cosine:.4f}", f"{apart:.1e}", f"{each.alone.max():.1e}"),
            *(f"{kinds['all answerable'].answer1:.3f}", f"{kinds['unanswerable'].refused:.2f}"),
            f"{each.report.auroc:.3f}",
        ]
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
