"""What a question means in a conversation, as far as only the passages can tell: which reading of it is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from parkqa.answer import listed
from parkqa.answer.telling import says_all, tells
from parkqa.query import ordinals
from parkqa.query.followup import is_definite
from parkqa.query.ordinals import Place
from parkqa.query.parts import parts
from parkqa.query.question_words import TRAILING
from parkqa.query.talk import without_talk
from parkqa.query.understanding import asks_something, otherwise, understand
from parkqa.query.vocabulary import Vocabulary
from parkqa.search.pipeline import Pipeline, Ranking
from parkqa.search.stages import stage
from parkqa.text.characters import language
from parkqa.text.folding import folded
from parkqa.types import Encoder, Query, Vectors

SURE = 0.8
"""Confidence from which a question after others is not tried in the other ways that it can be meant.

Chosen by hand: below it, one in five answers is wrong. A larger value asks more questions twice.
"""
LIKELY = 0.1
"""Confidence with which a passage must answer a question by itself to answer it in the light of the earlier ones.

Chosen by hand: about half the threshold of refusals. A smaller value repeats the last answer for another question.
"""
EACH = 0.5
"""Confidence with which each part of a question must be answered for the parts to be answered one by one.

Chosen by hand. A smaller value takes more questions apart whose first clause only says what they are about.
"""

NEAR = 2
"""Hits of a part of a question that may also be the first for the whole. Chosen by hand: two may say the same."""
BARE = 3
"""Most concepts of a question that may name nothing: 要提前几天预约. Chosen by hand: the length of such questions."""
TRIED = 3
"""Hits that are looked at for a value of the kind that is asked for.

Chosen by hand: what comes later hardly reaches the threshold of refusals.
"""


class Ranked(NamedTuple):
    """A question as it is understood, its embedding, and the ranking of the passages for it.

    Attributes:
        query: the question.
        vector: its embedding, shape (dimension,).
        ranking: the ranking of the passages.
        picked: whether its first hit was picked by an ordinal or by its date, whatever else the question says.
    """

    query: Query
    vector: Vectors
    ranking: Ranking
    picked: bool = False


@dataclass(frozen=True, slots=True)
class Meaning:
    """Finds the meaning of questions by a pipeline; see ``Engine`` for what the attributes are."""

    pipeline: Pipeline
    encoder: Encoder
    vocabulary: Vocabulary

    def ranked(self, query: Query) -> Ranked:
        """Return the ranking of the passages for a question that is understood.

        Hits before the first that holds a value of the kind that is asked for (``query.asked_values``) are left out.
        """
        with stage("encode"):
            vector = self.encoder.encode_queries([query.search])[0]
        with stage("search"):
            return Ranked(query, vector, self._of_what_is_asked(query, self.pipeline.rank(query, vector)))

    def _of_what_is_asked(self, query: Query, ranking: Ranking) -> Ranking:
        """The ranking from the first hit on that tells what is asked for; without confidence if none of the first does.

        Staff know what they name in faq.yaml (with confidence 1).
        """
        documents = self.pipeline.store.documents
        if not ranking.answers and says_all(query, ranking, documents):
            ranking = replace(ranking, confidence=ranking.threshold)
        if not ranking.answers or ranking.confidence == 1.0:
            return ranking
        for place in range(TRIED):
            led = ranking.from_place(place)
            if not led.answers:
                break
            if tells(query, led, documents):
                return led
        return replace(ranking, confidence=0.0)

    def asks(self, asked: str, earlier: Sequence[str], query: Query) -> bool:
        """Return whether a question asks for anything (``asks_something``), by itself or by an ordinal: 下一个呢."""
        return asks_something(query) or ordinals.base([*earlier, asked]) is not None

    def of(self, asked: str, earlier: Sequence[str], query: Query) -> Ranked:
        """Return a question as it is best understood after the earlier ones.

        An ordinal (第三个是什么, 最近一件大事) picks from the list or the chronicle that answers; see ``listed``.

        Args:
            asked: the question, as ``request.check`` returns it.
            earlier: the earlier inputs, oldest first.
            query: the question as ``understand`` parses it.
        """
        said = without_talk(folded(asked))
        place = ordinals.place(said, language(said))
        picked = self._picked(place, asked, earlier, query) if place else None
        return picked or self._surest(asked, earlier, query)

    def parts(self, earlier: Sequence[str], whole: Ranked) -> tuple[Ranked, ...]:
        """Return the parts of a question, each as it is best understood; () unless several passages answer them.

        Where the question as a whole is answered surely by a passage that is among the first for no part, it is one
        question.
        """
        texts = parts(whole.query.search, whole.query.language)
        found: list[Ranked] = []
        for at, text in enumerate(texts):
            before = (*earlier, *texts[:at])
            found.append(self.of(text, before, understand(text, before, self.vocabulary)))
        rows = {part.ranking.hits[0].row for part in found if part.ranking.hits}
        if len(rows) < 2 or any(part.ranking.confidence < EACH for part in found):
            return ()
        ranking, near = whole.ranking, {hit.row for part in found for hit in part.ranking.hits[:NEAR]}
        return () if ranking.confidence >= SURE and ranking.hits[0].row not in near else tuple(found)

    def _picked(self, place: Place, asked: str, earlier: Sequence[str], query: Query) -> Ranked | None:
        """The question with what stands at a place first; None if there is no list or chronicle to pick from."""
        if place.any:
            base = self._surest(asked, earlier, query)
        elif place.rest:
            base = self._surest(place.rest, earlier, understand(place.rest, earlier, self.vocabulary))
        else:
            found = ordinals.base([*earlier, asked])
            if found is None:
                return None
            index, number = found
            place = replace(place, number=number, step=0 if number else place.step)
            base = self._surest(
                earlier[index], earlier[:index], understand(earlier[index], earlier[:index], self.vocabulary)
            )
        ranking = listed.pick(place, base.query.search, base.ranking, self.pipeline.store)
        if ranking is None:
            return base if place.any else None  # then it is the question itself that was ranked
        comma = "，" if base.query.language == "zh" else ", "
        context = "" if place.by_date or place.rest else TRAILING.sub("", base.query.understood) + comma
        said = replace(base.query, question=asked, understood=f"{context}{asked}")
        return Ranked(said, base.vector, ranking, picked=True)

    def _surest(self, asked: str, earlier: Sequence[str], query: Query) -> Ranked:
        """Of the ways to understand a question after others, the one that is answered surely, or else the surest.

        What answers a question in the light of the earlier ones must be among what may answer it by itself: else
        食堂几点开 would be answered with what was shown before. A question that names nothing (要提前几天预约) is
        tried in another way even where a passage answers it surely.
        """
        best = self.ranked(query)
        if not earlier:
            return best
        bare = _is_bare(query)
        if best.ranking.confidence >= SURE and not bare and not listed.any_of_them(query, best.ranking):
            return best
        alone = understand(asked, (), self.vocabulary)
        if is_definite(alone.search, alone.language, folded(earlier[-1])):
            return best
        itself = best if alone.search == query.search else self.ranked(alone)
        if itself.ranking.answers and itself.ranking.confidence > best.ranking.confidence:
            best = itself
        for other in otherwise(asked, earlier, self.vocabulary):
            any_of_them = listed.any_of_them(best.query, best.ranking)
            if best.ranking.confidence >= SURE and not any_of_them and not bare:
                break
            bare = False
            tried = self.ranked(other)
            better = tried.ranking.answers and (
                tried.ranking.confidence > best.ranking.confidence
                or (any_of_them and listed.beside(best.ranking, tried.ranking))
            )
            if better and itself.ranking.confidence_in(tried.ranking.hits[0].row) >= LIKELY:
                best = tried
        return best


def _is_bare(query: Query) -> bool:
    """Whether a question names no thing that it asks about: what it asks for is told of many things."""
    return not query.names and len(query.concepts) <= BARE
