"""What a change does is seen before it goes live; visitors have the old or the new; one step goes back."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Event

import pytest

from desks import LINE, ME, RENT, SHE, Office, build, office, reopened
from parkqa.desk.comparison import Stopped, differences
from parkqa.desk.desk import Desk
from parkqa.desk.questions import Asked
from parkqa.engine import Engine
from parkqa.errors import ParkqaError
from parkqa.evaluation.question_sets import read_cases
from parkqa.indexing.prepare import is_current
from parkqa.indexing.report import BuildReport
from parkqa.models.remembering import RememberingEncoder, remembering
from parkqa.settings import Settings
from parkqa.store.backend import backend
from servers import new_database
from stubs import StubEncoder

DEV = Path(__file__).parent.parent / "data" / "park_dev.jsonl"
PARK = "name: 园区\nsuggestions: [3号楼的租金是多少？, 班车几点发车？]\n"
FOOD = "# 食堂\n\n食堂中午11点开饭。\n"


@pytest.fixture
def place(tmp_path: Path) -> Office:
    return office(tmp_path, 租金_md=RENT, 班车_md=LINE, park_yaml=PARK)


def sets(place: Office, *questions: str) -> None:
    folder = place.desk.folder.questions
    folder.mkdir(parents=True)
    lines = [
        json.dumps({"id": str(n), "kind": "fact", "question": q, "gold": ["x"], "history": []})
        for n, q in enumerate(questions)
    ]
    (folder / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")


def test_the_check_says_what_a_change_does_and_nothing_is_live(place: Office) -> None:
    before, version = place.texts(), backend(place.settings).version()
    place.replace("租金.md", RENT.replace("20元", "25元"))
    place.desk.retire(ME, "班车.md", place.seen("班车.md"))
    place.add("食堂.md", FOOD)
    place.check()
    found = place.desk.candidate.found()
    assert found
    assert found.documents == 2
    assert sum(found.counts.values()) == 2
    kinds = {each.asked.text: each.kind for each in found.differences}
    assert kinds["3号楼的租金是多少？"] == "other"
    changed = next(each for each in found.differences if each.kind == "other")
    assert changed.before and changed.after
    assert ("20元" in changed.before.text, "25元" in changed.after.text) == (True, True)
    assert place.texts() == before
    assert backend(place.settings).version() == version


@pytest.mark.slow
def test_publishing_takes_the_index_that_was_checked(place: Office) -> None:
    place.add("食堂.md", FOOD)
    place.publish()
    assert place.texts()["食堂.md"] == FOOD
    assert place.live.documents["食堂.md"].title == "食堂"
    assert is_current(place.settings)
    assert place.desk.shelf.state().draft == {}
    assert place.desk.candidate.found() is None
    assert place.states()["食堂.md"] == ("used",)


def test_publishing_goes_back_with_one_step(place: Office) -> None:
    before, version = place.texts(), backend(place.settings).version()
    place.replace("租金.md", RENT.replace("20", "25"))
    place.add("食堂.md", FOOD)
    place.publish()
    place.desk.take_back(ME)
    place.desk.candidate.work.wait(60)
    assert place.desk.candidate.work.fault is None
    assert place.texts() == before
    assert backend(place.settings).version() == version
    assert is_current(place.settings)
    with pytest.raises(ParkqaError, match="没有可以退回"):
        take_back(place)


def take_back(place: Office) -> None:
    place.desk.take_back(ME)
    place.desk.candidate.work.wait(60)
    if fault := place.desk.candidate.work.fault:
        raise ParkqaError(*fault)


@pytest.mark.slow
def test_what_was_edited_since_is_not_taken_back(place: Office) -> None:
    place.replace("租金.md", RENT.replace("20", "25"))
    place.publish()
    (place.settings.corpus / "租金.md").write_text(RENT.replace("20", "99"), encoding="utf-8")
    with pytest.raises(ParkqaError, match="又改过"):
        take_back(place)
    assert "99" in place.texts()["租金.md"]


@pytest.mark.slow
def test_an_index_of_other_files_is_built_anew_when_going_back(place: Office) -> None:
    place.replace("租金.md", RENT.replace("20", "25"))
    place.publish()
    (place.settings.corpus / "手册.md").write_text(FOOD, encoding="utf-8")
    take_back(place)
    assert is_current(place.settings)
    assert {"手册.md", "租金.md"} <= place.live.documents.keys()
    assert "20元" in place.live.documents["租金.md"].text


@pytest.mark.parametrize("by_hand", [False, True])
def test_what_was_not_checked_is_not_published(place: Office, by_hand: bool) -> None:
    place.add("食堂.md", FOOD)
    place.check()
    found = place.desk.candidate.found()
    assert found
    if by_hand:
        (place.settings.corpus / "手册.md").write_text("# 手册\n\n手册。\n", encoding="utf-8")
    else:
        place.replace("租金.md", RENT.replace("20", "25"), who=SHE)
    before = place.texts()
    place.desk.publish(ME, found.version)
    place.desk.candidate.work.wait(60)
    assert place.desk.candidate.work.fault is not None
    assert "又变了" in place.desk.candidate.work.fault[0]
    assert place.texts() == before
    with pytest.raises(ParkqaError, match="又查过一次"):
        place.desk.publish(ME, "0" * 64)


def test_a_file_that_was_changed_by_hand_too_is_named(place: Office) -> None:
    place.replace("租金.md", RENT.replace("20", "25"))
    (place.settings.corpus / "租金.md").write_text(RENT.replace("20", "99"), encoding="utf-8")
    assert place.states()["租金.md"] == ("changed", "conflict")
    place.desk.check(ME)
    place.desk.candidate.work.wait(60)
    fault = place.desk.candidate.work.fault
    assert fault is not None
    assert fault[0].startswith("租金.md 在草稿改过以后")
    place.desk.drop(ME, "租金.md")
    place.check()


def test_a_draft_can_be_discarded(place: Office) -> None:
    before = place.texts()
    place.add("食堂.md", FOOD)
    place.check()
    place.desk.discard(ME)
    assert place.desk.shelf.state().draft == {}
    assert place.desk.candidate.found() is None
    assert place.texts() == before


def test_a_build_that_fails_is_said_and_changes_nothing(tmp_path: Path) -> None:
    def fails(settings: Settings, engine: Engine, stop: Event) -> BuildReport:
        raise ParkqaError("建不了。", "It cannot be built.")

    place = office(tmp_path, fails)
    before, version = place.texts(), backend(place.settings).version()
    place.add("食堂.md", FOOD)
    place.desk.check(ME)
    place.desk.candidate.work.wait(60)
    assert place.desk.candidate.work.fault == ("建不了。", "It cannot be built.")
    assert (place.texts(), backend(place.settings).version()) == (before, version)


def test_one_check_at_a_time(tmp_path: Path) -> None:
    hold = Event()

    def slow(settings: Settings, engine: Engine, stop: Event) -> BuildReport:
        assert hold.wait(60)
        return build(settings, engine, stop)

    place = office(tmp_path, slow)
    place.add("食堂.md", FOOD)
    place.desk.check(ME)
    with pytest.raises(ParkqaError, match="小王 已经开始了"):
        place.desk.check(SHE)
    hold.set()
    place.desk.candidate.work.wait(60)
    assert place.desk.candidate.found()


def test_question_sets_count_and_a_broken_one_is_passed_over(place: Office, caplog: pytest.LogCaptureFixture) -> None:
    sets(place, "食堂几点开饭？")
    (place.desk.folder.questions / "b.jsonl").write_text("nonsense", encoding="utf-8")
    place.add("食堂.md", FOOD)
    place.check()
    found = place.desk.candidate.found()
    assert found
    assert sum(found.counts.values()) == 3
    assert "b.jsonl" in caplog.text


def test_a_comparison_stops(place: Office) -> None:
    stop = Event()
    stop.set()
    asked = [Asked("班车几点发车？", "suggested"), Asked("3号楼的租金是多少？", "suggested")]
    with pytest.raises(Stopped):
        [*differences(place.live, place.live, asked, stop)]
    assert [each.kind for each in differences(place.live, place.live, asked, Event())] == ["same", "same"]
    empty = Asked(" ", "set")  # cannot be asked
    assert [each.asked for each in differences(place.live, place.live, [empty, *asked], Event())] == asked


def test_what_cannot_have_changed_is_not_asked_again(place: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []
    ask = Engine.ask
    monkeypatch.setattr(
        Engine, "ask", lambda engine, text, *more: asked.append((engine.version, text)) or ask(engine, text, *more)
    )
    place.add("食堂.md", FOOD)
    place.check()
    live = place.live.version
    first = [version for version, _ in asked]
    assert len(first) == 4 and first.count(live) == 2  # two questions, asked of both
    place.add("停车.md", "# 停车\n\n停车免费。\n")
    asked.clear()
    place.publish()
    assert len(asked) == 2 and live not in dict(asked)
    place.add("班车站.md", "# 班车站\n\n在东门。\n")
    now_live = place.live.version
    asked.clear()
    place.check()  # what went live has been asked already
    assert len(asked) == 2 and now_live not in dict(asked)


@pytest.mark.model
def test_the_models_that_remember_change_no_answer(real_engine: Engine) -> None:
    cases = [*read_cases(DEV)][:24]
    lent = real_engine.with_models(
        RememberingEncoder(real_engine.encoder, 99), remembering(real_engine.reranker, 9_999)
    )
    for _ in range(2):  # the second time all is remembered
        for case in cases:
            plain, other = (engine.ask(case.question, case.history) for engine in (real_engine, lent))
            assert [each.text for each in other.quotes] == [each.text for each in plain.quotes]
            assert other.kind == plain.kind
            assert other.confidence == pytest.approx(plain.confidence, abs=1e-4)


def test_the_candidate_takes_over_the_vectors_of_the_live_index(place: Office) -> None:
    reports: list[BuildReport] = []

    def noted(settings: Settings, engine: Engine, stop: Event) -> BuildReport:
        reports.append(build(settings, engine, stop))
        return reports[-1]

    place = reopened(place.folder, noted)
    place.add("食堂.md", FOOD)
    place.check()
    place.replace("食堂.md", FOOD.replace("11", "12"))
    place.check()
    assert [(report.embedded, report.reused) for report in reports] == [(1, 2), (1, 2)]


def test_every_deed_is_in_the_trail(place: Office) -> None:
    place.add("食堂.md", FOOD)
    place.publish()
    lines = place.desk.folder.audit.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["what"] for line in lines] == ["add", "check", "publish"]
    assert json.loads(lines[0])["who"] == "小王"


@pytest.mark.postgres
def test_the_index_may_be_in_a_database(tmp_path: Path) -> None:
    made = office(tmp_path)
    settings = made.settings.model_copy(update={"store": new_database()})
    Engine.build(settings, encoder=StubEncoder())
    made.settings = settings
    made.desk = Desk(settings, lambda: made.live, build)
    made.add("食堂.md", FOOD)
    made.publish()
    assert "食堂.md" in made.live.documents
    assert is_current(settings)
    take_back(made)
    assert list(made.live.documents) == ["班车.md", "租金.md"]
