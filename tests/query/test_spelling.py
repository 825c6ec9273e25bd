"""Slips are mended towards the corpus's words; a clean question stays as it is."""

import os
import subprocess
import sys

import pytest

from parkqa.evaluation.question_sets import read_cases
from parkqa.query.lexicon import Lexicon, lexicon
from parkqa.query.pinyin import speak
from parkqa.query.spelling import repair
from parkqa.text.folding import folded
from parkqa.text.segmentation import Segmenter
from paths import TESTS

HERE = TESTS
CORPUS = HERE.parent / "corpus" / "jiangyin-jingjiang-park.md"


@pytest.fixture(scope="module")
def words() -> Lexicon:
    segmenter = Segmenter()
    texts = [folded(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    return lexicon(texts, segmenter.cut, segmenter.knows)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("园曲的荣誉", "园区的荣誉"),
        ("高精刚构", "高精钢构"),
        ("扬子江传业", "扬子江船业"),
        ("杨子江船业", "扬子江船业"),
        ("一网同办", "一网通办"),
        ("主产导业有哪些", "主导产业有哪些"),
        ("kechuang feidi是什么", "科创飞地是什么"),
        ("gangkou wuliu", "港口物流"),
        ("ma tou you ji zuo", "码头有几座"),
        ("科创飞地 zai na li", "科创飞地 在哪里"),
        ("you ji zuo ma tou 码头", "有几座码头 码头"),
    ],
)
def test_slips_are_mended(words: Lexicon, typed: str, read: str) -> None:
    mended, repairs = repair(typed, words)
    assert mended == read
    assert repairs


@pytest.mark.parametrize(
    "clean",
    [
        "园区什么时候成立的?",
        "招商电话是多少?",
        "上士和女人",
        "when was the park established?",
        "what can be done here",
        "the leading companies",
        "gdp",
        "",
        "?!",
    ],
)
def test_clean_questions_stay(words: Lexicon, clean: str) -> None:
    assert repair(clean, words) == (clean, ())


def test_a_rare_character_of_the_corpus_is_no_slip() -> None:
    segmenter = Segmenter()
    text = "蓍是多年生草本植物,分布在欧洲等地。它似的叶子十分常见,四所大学研究过它。"
    words = lexicon([text], segmenter.cut, segmenter.knows)
    for question in ("蓍的叶子有什么特点?", "蓍分布在哪些地区?", "蓍所生长的地区在哪里?"):
        assert repair(question, words) == (question, ())


@pytest.mark.parametrize(
    "question",
    [
        "租人才公寓要押金吗",
        "想带孩子去玩",
        "怕被别人抢了怎么办",
        "园区化工园有几个",
        "会员平日多少钱一天",
        "我想去看看",
    ],
)
def test_words_of_everyday_are_no_slips(question: str) -> None:
    segmenter = Segmenter()
    text = "巨人公司在人才公寓。每位大人限带一名。签了合同的、原有的化工园区,前一天交费。给我限期。"
    words = lexicon([text], segmenter.cut, segmenter.knows)
    assert repair(question, words) == (question, ())


def test_nothing_tells_that_two_characters_were_meant_by_a_light_one_beside_another() -> None:
    segmenter = Segmenter()
    said = (
        "不计入总数。点前付清。各厂都有。第一次来。观看演出。技工很多。半个月。来回车票。材料齐全。成立大会。停车场。"
    )
    words = lexicon([said] * 3, segmenter.cut, segmenter.knows)
    for question in (
        "老板拖着不给工钱",
        "能返点钱吗",
        "想盖厂",
        "拿了地一直空着",
        "进馆看展览",
        "想办个会",
        "能回家吗",
    ):
        assert repair(question, words) == (question, ())
    assert repair("用什么才料做", words)[0] == "用什么材料做"
    assert repair("哪年成里的", words)[0] == "哪年成立的"
    assert repair("停车厂在哪", words)[0] == "停车场在哪"


def test_the_text_of_a_cell_is_a_word() -> None:
    segmenter = Segmenter()
    words = lexicon(["老周道具行 | 14号楼 | 二层"], segmenter.cut, segmenter.knows)
    assert repair("老周道巨行几点开门", words)[0] == "老周道具行几点开门"


def test_what_the_documents_say_side_by_side_is_no_slip() -> None:
    segmenter = Segmenter()
    words = lexicon(["盾柱木的花瓣呈黄色。种它的目的是观赏。"], segmenter.cut, segmenter.knows)
    assert repair("盾柱木的花瓣有什么特点?", words) == ("盾柱木的花瓣有什么特点?", ())
    assert repair("种它的木的是什么?", words)[0] == "种它的目的是什么?"
    assert repair("种它的目滴是什么?", words)[0] == "种它的目的是什么?"


@pytest.mark.slow
def test_among_many_words_a_rare_one_is_not_put_in_for_two_characters() -> None:
    segmenter = Segmenter()
    text = "学校的园区很大,企业有很多。" * 9000 + "会师。"
    words = lexicon([text], segmenter.cut, segmenter.knows)
    assert words.least > 1
    assert repair("教会史讲什么?", words) == ("教会史讲什么?", ())
    assert repair("圆区很大吗?", words)[0] == "园区很大吗?"


def test_the_corpus_itself_is_never_mended(words: Lexicon) -> None:
    for line in CORPUS.read_text(encoding="utf-8").splitlines():
        assert repair(folded(line), words)[1] == ()


def test_questions_without_slips_are_hardly_touched(words: Lexicon) -> None:
    """On our own question set at most one clean question in a hundred is changed."""
    kinds = ("fact", "list", "paraphrase", "english")  # the unanswerable ones have slips among them
    clean = [c for c in read_cases(HERE / "data" / "park_more.jsonl") if c.kind in kinds and not c.history]
    touched = [case.question for case in clean if repair(folded(case.question), words)[1]]
    assert len(touched) <= len(clean) // 100, touched


@pytest.mark.parametrize("question", ["women服装店几点关门", "nali公司的港口", "women 的港口"])
def test_words_that_are_pinyin_by_chance_stay(words: Lexicon, question: str) -> None:
    assert repair(question, words) == (question, ())


def test_what_is_no_pinyin_is_not_spoken(words: Lexicon) -> None:
    assert speak("established", words) is None
    assert speak("zhang san", words) is None


@pytest.mark.slow
def test_pinyin_of_a_question_word_is_read_as_one_in_every_process() -> None:
    """naxie is 哪些 and 那些, nali 哪里 and 那里: which came first was the order of a set, another in each process."""
    code = (
        "from parkqa.query.lexicon import lexicon\n"
        "from parkqa.query.spelling import repair\n"
        "words = lexicon(['主导产业'], lambda text: [text], lambda word: True)\n"
        "print(repair('zhudaochanye naxie', words)[0], repair('zhudaochanye nali', words)[0])"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2", "3", "4")
    }
    assert said == {"主导产业哪些 主导产业哪里\n"}
