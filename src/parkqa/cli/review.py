"""``parkqa review``: staff go through the unanswered questions and add answers, synonyms or out-of-scope marks.

Each change is first tried on a copy of the corpus and measured on question sets; see ``parkqa.journal.review``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from parkqa.cli.journal import entries_of
from parkqa.cli.options import Corpus, Index, Since, Source, Until
from parkqa.errors import ParkqaError
from parkqa.settings import Settings, load_settings

if TYPE_CHECKING:
    from parkqa.engine import Engine
    from parkqa.evaluation.question_sets import Case, Outcome
    from parkqa.journal.clusters import Cluster
    from parkqa.journal.review import Edit, Tried
    from parkqa.types import Passage, Span

QUESTIONS = Path("tests/data/park_dev.jsonl")
"""The question set on which changes are measured when ``--questions`` is not given."""
_CHOICE = re.compile(r"(\d+)(?:\.(\d+)(?:-(\d+))?)?")
_MENU = (
    "a 指出答案 answer · s 加同义词 synonym · o 资料不涉及 out of scope · n 跳过 next · q 结束 quit：",
    "第几段回答了它？2 整段，2.1 只取第 1 句，2.1-3 第 1 至 3 句，/词 另找，回车返回 / which passage answers: "
    "2 all of it, 2.1 a sentence, 2.1-3 sentences, /words to search, Enter to go back：",
)


class _Quit(Exception):
    """Staff ended the review."""


def review(
    since: Since = None,
    until: Until = None,
    source: Source = None,
    corpus: Corpus = None,
    index: Index = None,
    questions: Annotated[
        list[Path] | None,
        typer.Option("--questions", help="改动前后用哪些题目比较 / question sets to compare on", show_default=False),
    ] = None,
) -> None:
    """逐组处理没答上来的问题：加同义词、指出答案或标明资料不涉及。 / Walk what could not be answered."""
    settings = load_settings(journal=source, corpus=corpus, index=index)
    with TemporaryDirectory(prefix="parkqa-review-") as folder:
        walk = _Walk(settings, Path(folder), questions or ([QUESTIONS] if QUESTIONS.is_file() else []))
        walk.run(since, until)


class _Walk:
    """One review session; ``engine`` and ``outcomes`` reflect the corpus files as last saved."""

    def __init__(self, settings: Settings, folder: Path, sets: Sequence[Path]) -> None:
        from parkqa.evaluation.question_sets import read_cases
        from parkqa.journal.review import Trial
        from parkqa.models.loading import load_encoder, load_reranker

        self.out = Console(highlight=False, soft_wrap=True)
        self.settings = settings
        self.sets = sets
        self.cases: list[Case] = [case for path in sets for case in read_cases(path)]
        self.encoder, self.reranker = load_encoder(settings), load_reranker(settings)
        self.trial = Trial(settings, folder, self.encoder, self.reranker)
        self.outcomes: Sequence[Outcome] | None = None
        self.saved = 0
        self.engine: Engine

    def run(self, since: datetime | None, until: datetime | None) -> None:
        """Go through the clusters, most asked first, until the last one or until staff quit; then offer to build."""
        from parkqa.journal.review import unanswered

        entries = entries_of(self.settings, since, until)
        with self.out.status("准备资料的副本… / preparing a copy of the corpus …"):
            self.engine = self.trial.build()
            clustered = unanswered(entries, self.engine)
        self._say(f"没答上来的问题 {len(clustered)} 组。 / {len(clustered)} groups of questions without an answer.")
        try:
            for number, cluster in enumerate(clustered, 1):
                self._cluster(cluster, f"[{number}/{len(clustered)}]")
        except _Quit:
            pass
        self._end()

    def _cluster(self, cluster: Cluster, number: str) -> None:
        from parkqa.journal.review import forms, nearest, state

        asked = forms(cluster)
        self._say(f"\n{number} {cluster.question}（{cluster.asked} 次 / asked {cluster.asked} times）", "bold")
        if not asked:
            return self._say("  含有个人信息，略过。 / Holds something personal; passed over.")
        found, answer = state(self.engine, asked[0])
        if found == "answered":
            return self._say(f"  现在已能回答 / answered now: {answer.quotes[0].text}")
        if found == "out":
            return self._say("  已标明资料不涉及。 / Marked as out of scope already.")
        others = [text for text in asked if text != cluster.question]
        if others:
            self._say(f"  其他问法 / also: {'；'.join(others)}")
        passages = nearest(self.engine, asked[0])
        self._show(passages)
        while not self._act(asked, passages):
            pass
        return None

    def _act(self, asked: Sequence[str], passages: Sequence[Passage]) -> bool:
        """Ask for one action on a cluster and carry it out; return True when the cluster is done."""
        choice = self._ask(_MENU[0]).lower()
        if choice == "q":
            raise _Quit
        if choice == "n":
            return True
        try:
            edit = {"a": self._answer, "s": self._synonym, "o": self._refuse}[choice](asked, passages)
            return edit is not None and self._try(edit, asked)
        except KeyError:
            self._say("请输入 a、s、o、n 或 q。 / Type a, s, o, n or q.")
        except ParkqaError as error:
            self._say(f"{error.zh}\n{error.en}", "red")
        return False

    def _synonym(self, asked: Sequence[str], passages: Sequence[Passage]) -> Edit | None:
        from parkqa.journal.review import stands, synonym

        word = self._ask("访客的说法，如“食堂” / the visitors' word：")
        known = self._ask("资料里的说法，如“餐厅” / the word of the documents：")
        if not word or not known:
            return None
        if not stands(self.engine, known):
            self._say(f"资料和词表里都没有“{known}”。 / “{known}” is in no document and not in the glossary.")
            return None
        return synonym(self.settings.corpus, known, word)

    def _answer(self, asked: Sequence[str], passages: Sequence[Passage]) -> Edit | None:
        from parkqa.journal.review import answered, holding

        while choice := self._ask(_MENU[1]):
            if choice.startswith("/"):
                passages = holding(self.engine, choice[1:])
                self._show(passages)
            elif (found := _chosen(choice, passages)) is None:
                self._say("没有这个编号。 / There is no such number.")
            else:
                return answered(self.engine, self.settings.corpus, asked, *found)
        return None

    def _refuse(self, asked: Sequence[str], passages: Sequence[Passage]) -> Edit:
        from parkqa.journal.review import refused

        return refused(self.settings.corpus, asked)

    def _try(self, edit: Edit, asked: Sequence[str]) -> bool:
        """Show the effect of an edit and save it if staff confirm; return whether it was saved."""
        from parkqa.journal.review import asked as ask_all
        from parkqa.journal.review import save

        if edit.before == edit.after:
            self._say("已经是这样了，没有可改的。 / It is so already; nothing to change.")
            return False
        with self.out.status("正在试… / trying …"):
            self.outcomes = ask_all(self.cases, self.engine) if self.outcomes is None else self.outcomes
            tried = self.trial.attempt(edit, self.cases, self.outcomes)
        self._effect(tried, asked)
        try:
            if self._ask(f"保存到 {edit.name}？ / save to {edit.name}? [y/N]：").lower() not in ("y", "yes", "是"):
                self.trial.undo(edit)
                return False
            save(self.settings.corpus, edit)
        except ParkqaError:
            self.trial.undo(edit)
            raise
        self.engine, self.outcomes, self.saved = tried.engine, tried.outcomes, self.saved + 1
        self._say("已保存。 / Saved.", "green")
        return True

    def _effect(self, tried: Tried, asked: Sequence[str]) -> None:
        from parkqa.journal.review import state

        self._say("改了以后 / with this change:")
        names = {"open": "没有答案 / no answer", "out": "资料不涉及 / out of scope"}
        for text in asked:
            found, answer = state(tried.engine, text)
            shown = answer.quotes[0].text if found == "answered" else names[found]
            self._say(f"  {text} → {shown}")
        if not self.cases:
            self._say("  没有可比较的题目（--questions）。 / No question set to compare on (--questions).")
            return
        better, worse = tried.change.better, tried.change.worse
        self._say(
            f"  {'、'.join(map(str, self.sets))}：变好 {len(better)}，变差 {len(worse)}，不变 {tried.change.same}"
            f" / {len(better)} better, {len(worse)} worse, {tried.change.same} the same"
        )
        for name, pairs in (("变好 better", better), ("变差 worse", worse)):
            for _, after in pairs:
                self._say(f"    {name}: {after.case.id} {after.case.question}")

    def _show(self, passages: Sequence[Passage]) -> None:
        from parkqa.corpus.passages import heading_path, part

        for number, passage in enumerate(passages, 1):
            where = " › ".join(text for text in (passage.document, heading_path(passage)) if text)
            self._say(f"  {number}  {where}", "dim")
            for place, span in enumerate(passage.spans, 1):
                self._say(f"     {f'{number}.{place} ' if len(passage.spans) > 1 else ''}{part(passage, span)}")

    def _end(self) -> None:
        from parkqa.engine import Engine

        if not self.saved:
            return
        self._say(
            f"\n改了 {self.saved} 处，重建索引后生效。 / {self.saved} changes; they count once the index is built."
        )
        try:
            wanted = self._ask("现在重建吗？ / build now? [Y/n]：").lower() in ("", "y", "yes", "是")
        except _Quit:
            wanted = False
        if wanted:
            self._say(Engine.build(self.settings, encoder=self.encoder, reranker=self.reranker).summary())
        else:
            self._say("请运行 parkqa build。 / Run parkqa build.")

    def _ask(self, prompt: str) -> str:
        try:
            return self.out.input(prompt, markup=False).strip()
        except EOFError as error:
            self.out.print()
            raise _Quit from error

    def _say(self, text: str, style: str | None = None) -> None:
        self.out.print(text, style=style, markup=False)


def _chosen(choice: str, passages: Sequence[Passage]) -> tuple[Passage, Span] | None:
    """Return the passage and document span selected by "2", "2.1" or "2.1-3"; None if there is no such number."""
    found = _CHOICE.fullmatch(choice.replace("．", ".").replace("。", "."))
    if found is None or not 1 <= int(found[1]) <= len(passages):
        return None
    passage = passages[int(found[1]) - 1]
    first = int(found[2] or 1)
    last = int(found[3] or found[2] or len(passage.spans))
    if not 1 <= first <= last <= len(passage.spans):
        return None
    return passage, (passage.spans[first - 1][0], passage.spans[last - 1][1])
