"""A corpus is due when its files are others than those built and have come to rest."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from parkqa.corpus.watching import REST_SECONDS, Watch, snapshot


class Clock:
    """Seconds that pass when a test says so; reading it takes none."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "企业").mkdir()
    (tmp_path / "a.md").write_text("园区")
    (tmp_path / "企业" / "b.txt").write_text("企业")
    return tmp_path


def looks(watch: Watch, clock: Clock, seconds: float, step: float = 1.0) -> list[bool]:
    """Look every ``step`` for so long."""
    seen = []
    for _ in range(round(seconds / step)):
        clock.now += step
        seen.append(watch.due())
    return seen


def test_what_has_not_changed_is_never_due(corpus: Path) -> None:
    clock = Clock()
    assert not any(looks(Watch(corpus, clock), clock, 60))


@pytest.mark.parametrize("change", ["new", "gone", "longer", "newer", "renamed"])
def test_any_change_is_due_once_it_has_come_to_rest(corpus: Path, change: str) -> None:
    clock = Clock()
    watch = Watch(corpus, clock)
    file = corpus / "企业" / "b.txt"
    {
        "new": lambda: (corpus / "c.pdf").write_text("c"),
        "gone": file.unlink,
        "longer": lambda: file.write_text("企业们"),
        "newer": lambda: os.utime(file, (1, 1)),
        "renamed": lambda: file.rename(corpus / "b.txt"),
    }[change]()
    assert looks(watch, clock, 1 + REST_SECONDS) == [False] * round(REST_SECONDS) + [True]
    watch.begin()
    assert not any(looks(watch, clock, 20))


def test_a_file_half_copied_is_waited_for(corpus: Path) -> None:
    clock = Clock()
    watch = Watch(corpus, clock)
    with (corpus / "大.md").open("w") as file:
        for _ in range(20):
            file.write("园区介绍" * 100)
            file.flush()
            assert looks(watch, clock, 2) == [False, False]
    assert looks(watch, clock, 2)[-1]


def test_what_changes_while_it_is_built_is_due_again(corpus: Path) -> None:
    clock = Clock()
    watch = Watch(corpus, clock)
    (corpus / "c.md").write_text("c")
    looks(watch, clock, 5)
    watch.begin()
    (corpus / "c.md").write_text("cc")
    assert looks(watch, clock, 5)[-1]


def test_what_is_taken_back_is_not_due(corpus: Path) -> None:
    clock = Clock()
    watch = Watch(corpus, clock)
    (corpus / "c.md").write_text("c")
    looks(watch, clock, 2)
    (corpus / "c.md").unlink()
    assert not any(looks(watch, clock, 20))


def test_a_build_that_does_not_count_is_due_again(corpus: Path) -> None:
    clock = Clock()
    watch = Watch(corpus, clock)
    clock.now += REST_SECONDS
    watch.forget()
    assert watch.due()
    watch.begin()
    assert not watch.due()


def test_hidden_files_and_those_of_open_documents_do_not_count(corpus: Path) -> None:
    before = snapshot(corpus)
    for name in (".DS_Store", "~$名单.docx", ".a.md.swp", ".git/HEAD"):
        (corpus / name).parent.mkdir(exist_ok=True)
        (corpus / name).write_text("x")
    assert snapshot(corpus) == before


def test_a_link_to_nothing_and_a_folder_that_is_gone_are_no_error(corpus: Path) -> None:
    (corpus / "link.md").symlink_to(corpus / "nothing")
    assert len(snapshot(corpus)) == 2
    assert snapshot(corpus / "nowhere") == {}


def test_looking_takes_a_small_part_of_the_time(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    watch = Watch(corpus, clock)
    taken = []

    def slow(_: Path) -> dict[str, tuple[int, int]]:
        taken.append(clock.now)
        clock.now += 2
        return {}

    monkeypatch.setattr("parkqa.corpus.watching.snapshot", slow)
    looks(watch, clock, 100)
    assert len(taken) <= 5
