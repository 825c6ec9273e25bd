"""Whom a question is about: the places, parks, companies and other named things in it.

What is said of one park or company must not be quoted as an answer about another, so a passage that answers has to be
about what the question names (``search.about``). Names are told by the part-of-speech tags of jieba's dictionary and by
the closed set of heads (开发区, 集团, 大学) that such names end in; there is no list of parks or companies.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from parkqa.query.question_words import EN_FUNCTION, INTERROGATIVE, ZH_FUNCTION
from parkqa.query.vocabulary import Vocabulary
from parkqa.text.characters import HAN, HANZI
from parkqa.text.folding import folded
from parkqa.text.pronunciation import is_pinyin
from parkqa.text.word_classes import is_common, is_place, tag, word_class
from parkqa.types import Name

_ZONE = re.compile(
    r"(?:(?:经济|高新|高新技术|技术|保税|自由贸易|自贸|工业|科技|产业|软件|物流|生态|旅游|基金|示范|试验|临港|国际"
    r"|生物|医药|生命|健康|创新|创业|创意|文化|信息|数字|电子|化工|制造|智造|装备|材料|能源|农业)*"
    r"(?:园区|工业园|产业园|科技园|软件园|物流园|开发区|新区|自贸区|经开区|高新区|保税区|综保区|示范区|试验区|特区|小镇|港区|自贸港"
    r"|临空区|空港区|经济区|工业区|合作区|集聚区|科学城|科技城|大学城"
    r"|药谷|硅谷|光谷|云谷|生物城|健康城|医药园|生命园|创新园|创业园|创意园|科创园|化工园|智造园|制造园|装备园|农业园"
    r"|孵化器|加速器))"
)
"""What the name of a park or zone ends in."""
_BODY = re.compile(
    r"(?:集团|公司|有限公司|股份|控股|银行|证券|大学|学院|研究院|医院|重工|造船|船业|造船厂|船厂|海关|政府|管委会|中学|小学)"
)
"""What the name of a company or an institution ends in."""
_BUILDING = re.compile("(?:大厦|大楼|广场|公寓|酒店|宾馆|饭店|商城|山庄|度假村|小区|花园)")
"""What the name of a building ends in: what is said of its neighbour does not answer."""
_BUILDING_EN = re.compile(r"\b(?:building|tower|plaza|mansion|hotel|apartments?)\b")
"""The same in English; such a name counts where its own word is pinyin and so can be told in Chinese documents."""
_SIGHT = re.compile(
    "(?:国际机场|机场|高铁站|火车站|码头|港(?![口区务湾珠])|森林公园|湿地公园|公园|景区|博物馆|体育馆|大桥)"
)
"""What the name of a place to go to ends in; a passage that answers need not repeat it."""
_SIDE = re.compile("[东南西北中上下前后左右][东南西北]?[门部区侧面边郊街路站院楼]")
"""Words for a side or a part of a place, which the dictionary has as names."""
_LOOSE = re.compile("[的了在是有和与从到去离往向由把被给让这那哪几每本该号楼]")
"""What a word that segmentation made up has if it is none: 从鸥洲, 建了."""
_COMMON = frozenset("中国 中华 我国 全国 国内 国外 海外 国际 世界 全球 民营 国有 外资 合资 上市 龙头 重点".split())
"""Words that stand before a head and make no name of it."""
_APART = re.compile(r"第[一二三四五六七八九十\d]+[家个所座]?|创立|成立|创办|创建|设立|注册|收购|并购|加入|离开")
"""Words that no name runs across: 华沙第一家证券交易所, 特斯拉创立公司后."""
_NO_NAME = re.compile(
    "[本贵我咱你您他该各某全外内新老大小旧好坏多市省县区镇乡村国家级类种个座号期楼栋去来建办开进入到租买找看做叫又再还没用按比前后左右上下]"
)
"""Characters of which no name of a zone consists that segmentation leaves in single ones."""
_REGION = "地区"
"""What may follow a place's name: 台湾地区; without a place before it, it makes no name (内陆地区)."""
_KINDS = "型类性级制式化"
"""Suffixes that make an adjective of a word."""
_SPEAKER = re.compile(r"^(?:我们?|本人|本公司|我司|(?:i|we)\b)[^,，。;；!?]{0,20}[,，。;；]")
"""What visitors say of themselves before they ask: 我是上海来的, …"""
_ASKER = re.compile(
    rf"^(?:我们?的?|咱们?的?|有个?|一个|几个)?[{HAN}]{{0,6}}?(?:朋友|亲戚|亲友|老乡|同学|同事|客户|客商|客人|老板|母公司|老外|游客|同胞)们?"
    r"(?=(?:现在|今天|明天|这周|下周|周末)?(?:想|要(?!求|多|几|什)|打算|准备|希望|能|可以|来|过来|问|需要|也))"
)
"""Who wants to know or to come, who need not be in the documents: 台湾朋友想登记公司."""
_COPULA = re.compile(r"(?:是不是|是否|属不属于|算不算|是|属于|在)")
_YES_NO = re.compile(r"(?:吗|(?<![什怎那这])么|[对是]吧|对不对|是不是|是否|不是)[?。!]*$|是不是|是否|属不属于|算不算")
_NUMBERED = re.compile(
    r"([a-z]\d{1,4})(?:号楼|号厂房|号仓库|栋|幢|座)|\d{1,4}(?:号楼|号厂房|号仓库|(?:栋|幢|座)(?![楼厂建大房])|号线|号码头)|(?<![经纬东西南北中环港园])\d{1,3}路(?![口人])"
    r"|[a-z](?:座|线|轮)|[一二三四五六七八九十]+(?:号楼|期工程)"
)
"""Things of a kind told apart by a number: 2号楼, A3栋 (in a table A3), B座, 17路."""
_NUMBERED_EN = re.compile(r"\b([a-f]\d{1,2})\b(?! (?:paper|size|road|licen[cs]e))")
"""A building in an English question: C1."""
_ROMAN = re.compile("[ivx]+")
_CAPITALIZED = re.compile(r"[A-Z][A-Za-z0-9&'’-]+(?:(?:\s+(?:of|and|the|for|&)\b)*\s+[A-Z][A-Za-z0-9&'’-]+)*")
_CALENDAR = frozenset(
    "january february march april may june july august september october november december monday tuesday wednesday "
    "thursday friday saturday sunday chinese english china mandarin".split()
)

_EXONYMS = frozenset("hong kong macao macau".split())
"""Look like pinyin, and are not that of the Chinese names."""
_OPENERS = frozenset("tell describe explain list give show name can could please introduce".split())
_GENERIC = frozenset(
    "park zone industrial economic development area company group corporation ltd limited co inc bank university "
    "college hospital city province town district port new high tech technology center centre i the".split()
)


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int


def names(question: str, search: str, vocabulary: Vocabulary) -> tuple[Name, ...]:
    """Return the things that a question names, except the park itself.

    Args:
        question: the question as it was typed; capital letters tell names in English.
        search: the folded question that is searched for, see ``types.Query``.
        vocabulary: the words and the names of the park.
    """
    plain = _ASKER.sub("", _SPEAKER.sub("", search))
    if HANZI.search(plain):
        found = [*_chinese(plain, vocabulary), *_numbered(plain)]
    else:
        found = [*_numbered(plain, _NUMBERED_EN), *_english(question, vocabulary)]
    kept: list[Name] = []
    for name in found:
        if not _is_park(name.text, vocabulary.names) and not any(
            folded(name.text) in folded(other.text) for other in kept
        ):
            kept.append(name)
    return tuple(kept)


def _chinese(text: str, vocabulary: Vocabulary) -> Iterable[Name]:
    words = _words(text, vocabulary)
    headed = False
    for run in _runs(words):
        found = _headed(run, vocabulary.lexicon.words) or _facility(run)
        if found is not None:
            headed = True
            yield _with_synonyms(found, vocabulary)
        else:
            places = (word.text.removesuffix(_REGION) for word in run)
            yield from (
                _with_synonyms(Name(place, (place,), strict=f"在{place}的" in text), vocabulary)
                for place in places
                if is_place(place) and place not in _COMMON
            )
    if not headed and (subject := _subject(text, words)) is not None:
        yield _with_synonyms(subject, vocabulary)


def _words(text: str, vocabulary: Vocabulary) -> list[_Word]:
    words, position = [], 0
    for word in vocabulary.segmenter.cut(text):
        words.append(_Word(word, position, position + len(word)))
        position += len(word)
    return words


def _runs(words: Sequence[_Word]) -> Iterable[list[_Word]]:
    """Yield the runs of adjacent content words."""
    run: list[_Word] = []
    for word in words:
        if re.search(r"\w", word.text) and word.text not in ZH_FUNCTION and not _APART.fullmatch(word.text):
            run.append(word)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _headed(run: Sequence[_Word], known: Collection[str]) -> Name | None:
    """Return the name at the beginning of a run that ends in the head of a park, a company or an institution."""
    text = "".join(word.text for word in run)
    found = [match for head in (_ZONE, _BODY) if (match := head.search(text, 1))]
    for match in sorted(found, key=lambda each: (each.end(), each.start())):
        zone = match.re is _ZONE
        before = [word for word in run if word.end - run[0].start <= match.start()]
        first = next(
            (
                word
                for word in before
                if _may_name(word.text, zone=zone)
                or (_names_a_zone(word, match, run, known) if zone else _begins_a_company(word, before, known))
            ),
            None,
        )
        first = first or (_spelled_out(before, match.start() + run[0].start) if zone else None)
        # The dictionary has some names as one word: 苏州工业园区.
        if first is None and (before or not _may_name(text[: match.start()], zone=True)):
            continue
        start = first.start - run[0].start if first else 0
        name, core = text[start : match.end()], text[start : match.start()]
        named = [word for word in before if first and word.start >= first.start]
        return Name(name, (name, *_shorter(name, core, named, zone=zone)), strict=True)
    return None


def _facility(run: Sequence[_Word]) -> Name | None:
    """Return the name of a building or a place to go to at the beginning of a run: 瓷源大厦, 南沙港.

    Its own word is a proper name, or one that the dictionary lacks: 人才公寓 and 湿地公园 are no names.
    """
    text = "".join(word.text for word in run)
    found = [match for head in (_BUILDING, _SIGHT) if (match := head.search(text, 2))]
    for match in sorted(found, key=lambda each: (each.end(), each.start())):
        if core := _own_before(run, match.start()):
            return Name(core + match[0], (core + match[0], core), strict=match.re is _BUILDING)
    return None


def _own_before(run: Sequence[_Word], stop: int) -> str:
    """The words right before a place in a run that may be a name by themselves, the last one cut there (天津港)."""
    cut = [word.text[: stop - word.start + run[0].start] for word in run if word.start - run[0].start < stop]
    return "".join(reversed(list(takewhile(_is_own, reversed(cut)))))


def _is_own(word: str) -> bool:
    """Whether a word may be the name of a building by itself: a proper name, or a word that the dictionary lacks."""
    if len(word) < 2 or not HANZI.match(word) or word in _COMMON or is_common(word) or _SIDE.fullmatch(word):
        return False
    if not tag(word):
        return not _LOOSE.search(word)
    return is_place(word) or tag(word) in ("ns", "nr", "nrt", "nt", "nz")


def _may_name(word: str, *, zone: bool) -> bool:
    """Return whether a word before a head makes it a name: a zone is named after a place, a company after anything."""
    if len(word) < 2 or not HANZI.match(word) or word in _COMMON or (zone and is_common(word)):
        return False
    if INTERROGATIVE.match(word):  # 哪些项目, a word of the dictionary
        return False
    if word[-1] in _KINDS or "个" in word:  # 管理型公司, 开个公司
        return False
    return is_place(word) or tag(word) in ("ns", "nr", "nrt", "nt", "nz") or (not zone and not tag(word))


def _begins_a_company(word: _Word, before: Sequence[_Word], known: Collection[str]) -> bool:
    """Whether a word begins a company's name although it is a common one: 中国船舶集团, 外高桥造船; 中国公司 is none.

    A common noun of three characters or more does where the documents do not have it.
    """
    if word.text in ("中国", "中华"):
        return word is not before[-1]
    return len(word.text) > 2 and tag(word.text) == "n" and word.text[-1] not in _KINDS and word.text not in known


def _names_a_zone(word: _Word, head: re.Match[str], run: Sequence[_Word], known: Collection[str]) -> bool:
    """Whether a word right before the head of a zone names it although no dictionary nor document has it: 张江药谷."""
    right_before = word.end - run[0].start == head.start()
    return right_before and not tag(word.text) and word.text not in known and _is_own(word.text)


def _spelled_out(before: Sequence[_Word], head: int) -> _Word | None:
    """The first of two single characters right before the head of a zone: a name that no dictionary has, 南岬化工园."""
    pair = before[-2:]
    if len(pair) < 2 or pair[1].end != head or any(len(word.text) > 1 or _NO_NAME.match(word.text) for word in pair):
        return None
    return pair[0] if HANZI.match(pair[0].text) and HANZI.match(pair[1].text) else None


def _shorter(name: str, core: str, named: Sequence[_Word], *, zone: bool) -> Iterable[str]:
    """Yield the shorter names of a company or an institution: without its head, without the place before it."""
    if zone or all(is_place(word.text) or word.text in _COMMON for word in named):
        return
    yield core
    if named and is_place(named[0].text) and len(named) > 1:
        yield name[len(named[0].text) :]
        rest = core[len(named[0].text) :]
        if word_class(rest) != "thing" or not tag(rest):  # 陶瓷 of 景德镇陶瓷大学 is no name
            yield rest


def _subject(text: str, words: Sequence[_Word]) -> Name | None:
    """Return the named subject of a yes/no question: 比亚迪 in 比亚迪是不是龙头企业."""
    if not _YES_NO.search(text):
        return None
    copula = _COPULA.search(text)
    before = [word for word in words if copula and word.end <= copula.start() and word.text.strip()]
    if not before or len(before) > 2 or not _may_name(before[0].text, zone=True):
        return None
    name = "".join(word.text for word in before)
    return None if _ZONE.fullmatch(name) else Name(name, (name,), strict=False)


def _numbered(text: str, pattern: re.Pattern[str] = _NUMBERED) -> Iterable[Name]:
    return (Name(match[0], tuple(filter(None, (match[0], match[1]))), strict=True) for match in pattern.finditer(text))


def _english(question: str, vocabulary: Vocabulary) -> Iterable[Name]:
    """Yield the capitalised names of an English question, unless it is written in capitals throughout."""
    if not any(word not in EN_FUNCTION for word in re.findall(r"\b[a-z][\w'’-]{3,}", question)):
        return
    for match in _CAPITALIZED.finditer(question):
        first = not question[: match.start()].strip()
        parts = match[0].split()
        if first and folded(parts[0]) in EN_FUNCTION | _OPENERS:
            parts = parts[1:]
        elif first and len(parts) == 1:
            continue  # the first word of a sentence is capitalised anyway
        name = " ".join(parts)
        own = [
            word for word in re.findall(r"[a-z0-9]+", folded(name)) if word not in EN_FUNCTION | _CALENDAR | _EXONYMS
        ]
        own = [word for word in own if word not in _GENERIC and not _ROMAN.fullmatch(word)]
        own = [word for word in own if word not in vocabulary.glossary.meanings]
        if own and folded(name) not in vocabulary.glossary.meanings:
            yield Name(name, (own[0],), strict=bool(_BUILDING_EN.search(folded(name))) and is_pinyin(own[0]))


def _with_synonyms(name: Name, vocabulary: Vocabulary) -> Name:
    meanings = vocabulary.glossary.meanings
    same = [word for variant in name.variants for word in meanings.get(variant, ())]
    return Name(name.text, tuple(dict.fromkeys([*name.variants, *same])), name.strict)


def _is_park(name: str, names: Iterable[str]) -> bool:
    """Return whether a name is one of the park's, or is made of characters of one in their order (江阴园区)."""
    wanted = re.sub(r"[\W_]", "", folded(name))
    return any(_subsequence(wanted, re.sub(r"[\W_]", "", folded(own))) for own in names)


def _subsequence(short: str, long: str) -> bool:
    rest = iter(long)
    return all(character in rest for character in short)
