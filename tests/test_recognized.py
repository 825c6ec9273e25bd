"""From the scan to the reader: a quote from a recognised page says so wherever it is shown, and is never verbatim."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from engines import set_environment
from parkqa.cli.commands import app
from parkqa.corpus import recognition
from parkqa.corpus.limits import Limits
from parkqa.corpus.readers.scans import Picture, Recognition, Strip
from parkqa.corpus.recognition import Recogniser
from parkqa.engine import Engine
from parkqa.indexing import prepare
from parkqa.settings import Settings, load_settings
from parkqa.types import Answer
from parkqa.web import cards, render, turns
from parkqa.web.qr import carried
from stubs import StubEncoder

SAID, PROMISED = "由扫描件识别，可能有错字", "与原文逐字一致"
ASKED = "地下停车场限高多少米"


class Fixed(Recogniser):
    """A recogniser that says the same of every picture."""

    def _asked(self, picture: Picture) -> Recognition:
        texts = ("园区停车管理办法", "地下停车场限高2.1米，东区设车位四百二十六个。")
        strips = tuple(
            Strip(text, 0.99, 300 + 15 * len(text), 300 + 80 * place, 30 * len(text) + 10, 45, 0.0)
            for place, text in enumerate(texts)
        )
        return Recognition(1414, 2000, 0, 0.0, strips)


@pytest.fixture
def scanned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A corpus of a scan and a text, and a recogniser for it."""
    (tmp_path / "corpus").mkdir()
    buffer = io.BytesIO()
    Image.new("L", (40, 56), 255).save(buffer, "PNG")
    (tmp_path / "corpus" / "停车.png").write_bytes(buffer.getvalue())
    (tmp_path / "corpus" / "食堂.md").write_text("# 食堂\n\n食堂在一楼，早餐七点开始。\n", encoding="utf-8")
    made = load_settings(corpus=tmp_path / "corpus", index=tmp_path / "index", cache=tmp_path / "cache", ocr="auto")
    monkeypatch.setattr(prepare, "version", lambda: "fixed")
    monkeypatch.setattr(recognition, "version", lambda: "fixed")
    monkeypatch.setattr(
        prepare,
        "recogniser",
        lambda settings, pages=None: (
            None if settings.ocr == "off" else Fixed(tmp_path / "cache" / "ocr", Limits(), pages)
        ),
    )
    return made


def asked(settings: Settings, question: str = ASKED) -> tuple[Engine, Answer]:
    engine = Engine.open(settings, StubEncoder())
    return engine, engine.ask(question)


@pytest.mark.slow
def test_it_is_said_on_the_card_in_the_source_in_the_code_and_in_what_is_copied(scanned: Settings) -> None:
    told: list[tuple[str, int, int]] = []
    report = Engine.build(scanned, encoder=StubEncoder(), pages=lambda *page: told.append(page))
    assert told == [("停车.png", 1, 1)] and not report.failed and not report.skipped
    engine, answer = asked(scanned)
    quote = (answer.quotes or answer.related)[0]
    assert quote.recognized and quote.to_dict()["recognized"] is True and "2.1米" in quote.text
    document = engine.documents["停车.png"]
    assert document.text[quote.start : quote.end] == quote.text
    shown = turns.turn(answer, engine.park, engine.documents, turns.Links())
    assert SAID in shown
    card = cards.card(quote, engine.documents, "", "", "zh-TW")
    assert card.recognized and card.citation.endswith(SAID)
    assert SAID in carried(quote, "停车.png")
    source = render.source(document, [(quote.start, quote.end)], "same")
    assert "可能有错字" in source and "逐字核对一致" not in source


def test_what_was_written_keeps_the_promise(scanned: Settings) -> None:
    Engine.build(scanned, encoder=StubEncoder())
    engine, answer = asked(scanned, "食堂早餐几点开始")
    quote = (answer.quotes or answer.related)[0]
    assert not quote.recognized and "食堂" in quote.text
    shown = turns.turn(answer, engine.park, engine.documents, turns.Links())
    assert PROMISED in shown
    assert "逐字核对一致" in render.source(engine.documents["食堂.md"], [(quote.start, quote.end)], "same")


@pytest.mark.slow
def test_the_command_line_says_it_too(scanned: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    Engine.build(scanned, encoder=StubEncoder())
    set_environment(monkeypatch, scanned, journal="none")
    assert SAID in CliRunner().invoke(app, ["ask", ASKED]).output


@pytest.mark.slow
def test_an_index_without_scans_is_built_again_where_they_can_be_read_and_not_the_other_way(scanned: Settings) -> None:
    without = scanned.model_copy(update={"ocr": "off"})
    assert Engine.build(without, encoder=StubEncoder()).skipped == ("停车.png",)
    assert prepare.is_current(without) and not prepare.is_current(scanned)
    assert Engine.build(scanned, encoder=StubEncoder()).documents == 2
    assert prepare.is_current(without) and prepare.is_current(scanned)
