"""What a question takes for granted: a year, a number or a rank that the documents have otherwise.

八类民生项目有哪些 is about the six kinds that the documents have: the true line is quoted, and fixed words say that it
differs from the question. The values found are slices of the document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from parkqa.answer import quoting
from parkqa.corpus.passages import part
from parkqa.query.question_words import INTERROGATIVE
from parkqa.search.pipeline import Ranking
from parkqa.text.characters import HAN, YEAR, numeral_value
from parkqa.text.folding import folded
from parkqa.text.sentences import clauses, sentences
from parkqa.types import Document, Note, Passage, Query, Span

_NUMERAL = r"(?:\d{1,3}|[一二两三四五六七八九十]{1,3})"
_COUNTED = re.compile(rf"(?<![第\d])({_NUMERAL})(大|类|项|家|条|座|种|强)(?=([{HAN}]{{2,6}}))")
_RANKED = re.compile(rf"((?:a{{1,5}}|国家|世界|省|市|部|区|县|[特一二三甲乙])级)(?=的?([{HAN}]{{2,4}}))", re.IGNORECASE)
_YEAR = re.compile(rf"(?:在|于)?{YEAR.pattern}年?(?:的)?")
_AFTER_NOUN = re.compile("[是的有吗呢在和与及被由]|什么|哪")
_YES_NO = re.compile(
    r"(?:吗|[对是]吧|对不对|是不是|不是)[?。!]*$|是不是|是否|^(?:is|are|was|were|did|does|do|has|have)\b"
)
_YEARS = re.compile(rf"{YEAR.pattern}年?(?:[-—–~至到]|--|——){YEAR.pattern}")
QUANTITIES = frozenset(("money", "people", "area", "distance", "share", "tonnage", "amount"))
"""Types of answers (``question_words.ANSWER_TYPES``) that differ from year to year."""
_SAID = re.compile(r"([^,;。!?]{4,40}?)(?:的时候|那时候?|(?:以后|之后|时)(?=[,;])|[,;])(?=.*\w)")
"""The first clause of a question that says something before it asks: 二期2020年开的时候包括哪几栋."""
_WHEN = re.compile("[以之][前后]|期间|年[间初底末]|[在于到至自从起年初底末]|截[至止]")
"""What says when, but not what happened: 在2000年以前."""
_SPEAKER = re.compile("[我咱俺]|本人|本公司")
"""What visitors say of themselves is no event of the park's: 我公司2020年成立."""
EVENT = 0.7
"""Confidence with which the year of an event must be found to be told instead of that in a question.

Chosen by hand: below it, one in four answers is wrong. A smaller value shows more lines that the question is not about.
"""
PARK = frozenset(("园区", "park", "the park", "小镇", "开发区"))


def true_line(
    query: Query,
    ranking: Ranking,
    documents: Mapping[str, Document],
    parse: Callable[[str], Query],
    rank: Callable[[Query], Ranking],
) -> Ranking:
    """Return the ranking without the year, the count or the rank in the question, where this finds the true line.

    A quantity of one year (2018年有多少家企业) is none of another, so there the line of another year is refused.
    Elsewhere, the true line is quoted where the question is refused, or is answered yes or no by a line that lacks what
    it is about, and the line found otherwise has all that it is about, with another value. Where several lines of other
    years have it (2013年获得了什么荣誉), the question is about the year, and stays refused.

    Args:
        query: the question.
        ranking: its ranking.
        documents: the documents by path.
        parse: parses a folded question as it is.
        rank: ranks the passages for a question.
    """
    rest = relaxed(query.search)
    if rest is None or ranking.missing or not ranking.hits:
        return ranking
    event = None if ranking.answers else dated_event(query.search)
    told = _told_otherwise(query, rank(parse(f"{event}是哪一年")), documents) if event else None
    if told or of_a_year(query):
        return told or _of_that_year(query, ranking, documents)
    read, decides = marked_text(ranking), asks_yes_or_no(query)
    holding = ranking.answers and holds(query, read)
    if holding and not decides:
        return ranking
    plain = parse(rest)
    if (holding and covers(plain, read)) or not (other := rank(plain)).answers:
        return ranking
    chooses = bool(query.years) and not decides  # the year may tell which of several lines is meant
    true = _true_lines(query, plain, other, documents, 2 if chooses else 1)
    if true:
        stays = (chooses and len(true) > 1) or (holding and _tells_as_much(query, read, marked_text(true[0])))
        return ranking if stays else true[0]
    title = documents[ranking.hits[0].passage.document].title
    another = decides and _is_another_event(plain, read, title) and notes_on(query, other, documents)
    return other if another else ranking


def dated_event(search: str) -> str | None:
    """Return what a folded question says of a year before it asks, without the year; None if it says nothing so.

    >>> dated_event("三期2019年开工,怎么还没建完"), dated_event("2018年有多少家企业")
    ('三期开工', None)
    """
    said = _SAID.match(search)
    about = said[1] if said and not _SPEAKER.search(said[1]) else ""
    event = _YEAR.sub("", about) if YEAR.search(about) else ""
    return event if len(re.findall(f"[{HAN}]", _WHEN.sub("", event))) > 2 else None


def _told_otherwise(query: Query, other: Ranking, documents: Mapping[str, Document]) -> Ranking | None:
    """The ranking for an event, if its first hit tells it surely, of another year than the question says."""
    if not other.answers or other.confidence < EVENT:
        return None
    return other if any(note.kind == "year" for note in notes_on(query, other, documents)) else None


def is_of_another_year(query: Query, ranking: Ranking, document: Document) -> bool:
    """Return whether a question asks for the quantity of a year, and what is marked in the first hit is of others.

    A report of that year tells of it wherever it does not say otherwise.
    """
    if not of_a_year(query):
        return False
    passage = ranking.hits[0].passage
    known = YEAR.findall("\n".join([document.title, document.date or "", *passage.heading]))
    read = marked(ranking)
    return bool(YEAR.search(read)) and not set(query.years) & set(known) and not _has_year(read, query.years)


def _true_lines(
    query: Query, plain: Query, other: Ranking, documents: Mapping[str, Document], least: int
) -> list[Ranking]:
    """The ranking of ``plain`` led by each hit that has all that it is about, ``least`` or more, with another value."""
    led = (replace(other, hits=(hit, *(each for each in other.hits if each is not hit))) for hit in other.hits)
    return [first for first in led if notes_on(query, first, documents) and covers(plain, marked_text(first), least)]


def _tells_as_much(query: Query, read: str, other: str) -> bool:
    """Whether a line that has a year of a question has as much of what it is about as another line."""
    return _has_year(read, query.years) and _told_in(query, read) >= _told_in(query, other)


def _is_another_event(plain: Query, read: str, title: str) -> bool:
    """Whether a line has nothing that a question, its year aside, is about: an honour of 2018 for 2018年成立的吗.

    What the title of its document has, such as the park's name, does not tell the events in it apart.
    """
    text, known = folded(read), folded(title)
    own = [words for words in _things(plain) if not any(word in known for word in words)]
    return plain.language == "zh" and bool(own) and not any(word in text for words in own for word in words)


def of_a_year(query: Query) -> bool:
    """Return whether a question asks for the quantity that something had in a year, and not for yes or no."""
    return bool(query.years) and query.asks in QUANTITIES and not asks_yes_or_no(query)


def _of_that_year(query: Query, ranking: Ranking, documents: Mapping[str, Document]) -> Ranking:
    """The ranking; without confidence if its first hit tells the quantity of another year."""
    year = next((note.asked for note in notes_on(query, ranking, documents) if note.kind == "year"), None)
    if year is None:
        return ranking
    texts = (f"{hit.passage.text}\n{documents[hit.passage.document].title}" for hit in ranking.hits)
    known = any(_has_year(text, query.years) for text in texts)
    return replace(ranking, confidence=0.0, missing=() if known else (year,))


def notes_on(query: Query, ranking: Ranking, documents: Mapping[str, Document]) -> tuple[Note, ...]:
    """Return the ``notes`` on the first hit of a ranking."""
    passage = ranking.hits[0].passage
    return notes(query, passage, documents[passage.document], _marks(ranking))


def _marks(ranking: Ranking) -> tuple[Span, ...]:
    return quoting.marks(ranking.hits[0], ranking.calibration.second)


def marked(ranking: Ranking) -> str:
    """Return what is marked in the first hit."""
    passage = ranking.hits[0].passage
    return "\n".join(part(passage, span) for span in _marks(ranking))


def marked_text(ranking: Ranking) -> str:
    """Return the headings of the first hit and what is marked in it."""
    return "\n".join([*ranking.hits[0].passage.heading, marked(ranking)])


def asks_yes_or_no(query: Query) -> bool:
    """Return whether a question is to be answered by yes or no: such an answer must not rest on a false premise."""
    return bool(_YES_NO.search(query.search))


def holds(query: Query, text: str) -> bool:
    """Return whether a text has every count and rank of a question with the thing that it is of."""
    asked = [*_COUNTED.finditer(query.search), *_RANKED.finditer(query.search)]
    plain = folded(text)
    return all(match[0] + match[match.lastindex or 0][:2] in plain for match in asked)


def relaxed(search: str) -> str | None:
    """Return a folded question without its years, counts and ranks; None if it has none or nothing else.

    >>> relaxed("八类民生项目有哪些"), relaxed("园区1998年成立的对吗"), relaxed("主导产业有哪些")
    ('民生项目有哪些', '园区成立的对吗', None)
    """
    rest = _YEAR.sub("", search)
    rest = _RANKED.sub("", _COUNTED.sub("", rest))
    return rest if rest != search and re.search(r"\w", rest) else None


def notes(query: Query, passage: Passage, document: Document, marks: Sequence[Span]) -> tuple[Note, ...]:
    """Return what an answer has otherwise than the question: other years, counts and ranks of the same things.

    Args:
        query: the question.
        passage: the passage that answers.
        document: its document.
        marks: the spans that answer, as document offsets.
    """
    start = _with_heading(passage, document)
    found = [
        *_otherwise(query, _COUNTED, "number", document, start, passage.end),
        *_otherwise(query, _RANKED, "rank", document, start, passage.end),
    ]
    year = _year(query, document, start, passage, marks)
    return (*found, *([year] if year else []))


def covers(query: Query, text: str, least: int = 1) -> bool:
    """Return whether a text has all concepts of a question, years and the park itself aside, and ``least`` or more."""
    text = folded(text)
    things = _things(query)
    return len(things) >= least and all(any(word in text for word in words) for words in things)


def _things(query: Query) -> list[tuple[str, ...]]:
    """The concepts of a question, years and the park itself aside."""
    return [words for words in query.concepts if not YEAR.fullmatch(words[0]) and not PARK & set(words)]


def _with_heading(passage: Passage, document: Document) -> int:
    """The offset from which a passage is read together with its innermost heading, where that stands before it."""
    if not passage.heading:
        return passage.start
    place = document.text.rfind(passage.heading[-1], 0, passage.start)
    return place if place >= 0 else passage.start


def _otherwise(
    query: Query, pattern: re.Pattern[str], kind: str, document: Document, start: int, end: int
) -> Iterable[Note]:
    for asked in pattern.finditer(query.search):
        value, thing = asked[1] + (asked[2] if kind == "number" else ""), _noun(asked[asked.lastindex or 0])
        if len(thing) < 2:
            continue
        like = [
            match for match in pattern.finditer(document.text, start, end) if kind == "rank" or match[2] == asked[2]
        ]
        nouns = [match[match.lastindex or 0] for match in like]
        same = [match for match, noun in zip(like, nouns, strict=True) if noun.startswith(thing)]
        if not same and thing in document.text[start:end]:  # 园区主攻三大产业 under 主导产业
            same = [match for match, noun in zip(like, nouns, strict=True) if noun[:2] == thing[2:]]
        if same and all(_value(match[1]) != _value(asked[1]) for match in same):
            first = same[0]
            stop = first.end(2) if kind == "number" else first.end(1)
            span = (first.start(1), stop)
            yield Note(kind, value.upper(), document.text[span[0] : span[1]], document.path, span)


def _noun(text: str) -> str:
    """The beginning of a text up to a word that belongs to no noun, at most four code points."""
    return _AFTER_NOUN.split(INTERROGATIVE.split(text)[0])[0][:4]


def _value(numeral: str) -> int | str:
    """The value of a numeral below 100; a rank is returned folded.

    >>> _value("十二"), _value("两"), _value("8"), _value("AA级")
    (12, 2, 8, 'aa级')
    """
    value = numeral_value(numeral)
    return folded(numeral) if value is None else value


def _year(query: Query, document: Document, start: int, passage: Passage, marks: Sequence[Span]) -> Note | None:
    read = document.text[start : passage.end] + (document.date or "") + document.title
    if not query.years or _has_year(read, query.years):
        return None
    whole = (sentence for a, b in marks for sentence in sentences(document.text, a, b))
    cut = (clause for a, b in whole for clause in clauses(document.text, a, b))
    found = [
        (match, _told_in(query, document.text[a:b])) for a, b in cut for match in YEAR.finditer(document.text, a, b)
    ]
    if not found:
        return None
    match, _ = max(found, key=lambda each: each[1])
    stop = match.end() + document.text.startswith("年", match.end())
    asked = query.years[0] + ("年" if query.language == "zh" else "")
    return Note("year", asked, document.text[match.start() : stop], document.path, (match.start(), stop))


def _told_in(query: Query, clause: str) -> int:
    """How many of the things that a question is about, years aside, stand in a clause."""
    text = folded(clause)
    return sum(any(word in text for word in words) for words in query.concepts if not YEAR.fullmatch(words[0]))


def _has_year(text: str, years: Iterable[str]) -> bool:
    """Whether a text has one of some years, or a range that holds it: 2021—2025年."""
    ranges = [(match[1], match[2]) for match in _YEARS.finditer(text)]
    return any(year in YEAR.findall(text) or any(first <= year <= last for first, last in ranges) for year in years)
