"""Whether a hit tells what a question asks for: a value of its kind, and of the thing named, not of a neighbour.

How near a passage is to a question the models say; what these rules find leaves no doubt, whatever the models think.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from parkqa.answer import premise
from parkqa.query.alternatives import is_of_another_kind
from parkqa.query.asked_values import lacks_value
from parkqa.query.numbered import is_of_another_number
from parkqa.query.question_words import holds_answer
from parkqa.search.passage_texts import folded_whole
from parkqa.search.pipeline import Ranking
from parkqa.text.characters import HAN
from parkqa.text.folding import folded
from parkqa.types import Document, Query

VALUES = premise.QUANTITIES | {"when", "where", "who", "phone", "clock", "code"}
"""Types of answers (``question_words.ANSWER_TYPES``) that are a value, and not whatever is told of a thing."""
LONG_NAME = re.compile(f"[{HAN}]{{6,}}")
"""A word of a question that is the name of one thing. Chosen by hand: shorter ones are said in other words, too."""


def tells(query: Query, ranking: Ranking, documents: Mapping[str, Document]) -> bool:
    """Return whether what is marked in the first hit may be a value of the kind that is asked for.

    The items of a list are counted, and it is not asked which of its neighbours it is about.
    """
    passage, read = ranking.hits[0].passage, _read(ranking, documents)
    if passage.kind == "list":
        return not lacks_value(query.search, read, counted=True)
    if _is_of_a_neighbour(query, ranking, read):
        return False
    if premise.is_of_another_year(query, ranking, documents[passage.document]):
        return False
    return not lacks_value(query.search, read) and not only_repeats(query, premise.marked(ranking))


def says_all(query: Query, ranking: Ranking, documents: Mapping[str, Document]) -> bool:
    """Return whether what is marked in the first hit has, with its headings, all words of a question and its value.

    Such a line answers however unsure the models are, as a row of figures: its years and numbers are those asked.
    What staff have put out of scope (with confidence 0) it does not.
    """
    if ranking.missing or not ranking.hits or not ranking.confidence:
        return False
    read, marked = _read(ranking, documents), folded(premise.marked(ranking))
    # The unit of figures in a table stands in its heads.
    figures = ranking.hits[0].passage.kind == "row" and query.asks in premise.QUANTITIES
    holds = re.search(r"\d", marked) if figures else holds_answer(query.asks, marked)
    whole = holds and all(year in read for year in query.years) and premise.covers(query, read, 2)
    return bool(whole) and not _is_of_a_neighbour(query, ranking, read)


def only_repeats(query: Query, text: str) -> bool:
    """Return whether a text says nothing but what a question that asks for a value says itself.

    Such are captions: 江花公园 does not tell where 江花公园 is, but it does tell that there is one.
    """
    if query.asks not in VALUES or premise.asks_yes_or_no(query):
        return False
    said, asked = (re.sub(r"[\W_]+", "", each) for each in (folded(text), query.search))
    return bool(said) and said in asked


def is_of_another_name(query: Query, text: str) -> bool:
    """Return whether a question for a value names something by a long name that does not stand in a folded text.

    The year of another honour does not tell in which year the park received that of 江苏省现代物流基地.
    """
    if query.language != "zh" or query.asks not in VALUES:
        return False
    named = [words for words in query.concepts if LONG_NAME.fullmatch(words[0])]
    return any(not any(word in text for word in words) for words in named)


def _is_of_a_neighbour(query: Query, ranking: Ranking, read: str) -> bool:
    """Whether the first hit, or what is marked in it, tells of others only than what is named.

    Others are what a number tells apart, words that exclude each other, and long names.
    """
    whole = folded_whole(ranking.hits[0].passage)
    if is_of_another_name(query, f"{read}\n{whole}"):
        return True
    search = query.search
    return any(is_of_another_number(search, text) or is_of_another_kind(search, text) for text in (read, whole))


def _read(ranking: Ranking, documents: Mapping[str, Document]) -> str:
    """What is marked in the first hit, with its headings and the title of its document, folded."""
    title = documents[ranking.hits[0].passage.document].title
    return folded(f"{title}\n{premise.marked_text(ranking)}")
