"""What is no question is told from what is one, and comes off either end of a question without taking content along."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkqa.query.talk import BACK, Asked, last_question, questions, talk, without_fillers, without_talk
from parkqa.text.folding import folded

DATA = Path(__file__).parent.parent / "data"
CASES = [json.loads(line) for path in sorted(DATA.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
ASKED = sorted({text for case in CASES for text in (case["question"], *case["history"])})
TALK = {
    "greeting": "你好|您好！|你好呀|你好啊|大家好|早上好|在吗|有人吗|Hello|hey!|Hi there|good morning!|hi, hi|喂，你好"
    "|各位好|诸位好",
    "thanks": "谢谢|謝謝|谢谢啦|多谢指教|辛苦了|太好了|非常感谢！|谢谢你们的介绍|你真棒|好的谢谢"
    "|Thanks!|thx|Thank you so much!|no thanks|thx a lot|Thanks a million!",
    "goodbye": "那先这样，拜拜|再见|拜拜|晚安|谢谢你的帮助再见|好的，谢谢，再见！|回头聊|改天再聊|有空再说吧"
    "|bye|good night|ok thanks bye|see you later",
    "yes": "明白|明白了|好的|不用了|没事了|知道了|嗯嗯|没问题|是的|算了|好的好的|OK|ok.|got it|I see"
    "|那先这样|那就这样吧|就这样",
    "who": "你是谁？|你叫什么名字呀|你是真人吗|你是AI吗|你是机器人还是真人|你好，你是谁|Who are you?",
    "help": "你会干啥|能问什么|你能做什么|我可以问什么问题|帮助|help|help please|what can I ask"
    "|What can you do for me?",
    "person": "转人工|人工客服|转人工客服|我要找真人|麻烦转人工|可以转人工吗|你好，转人工，谢谢|can I talk to a human"
    "|I want to speak to a real person please|How can I contact a person?",
    "next": "不对|不是这个|还有吗|下一个|换一个|不对不对|这不是我要的|更多|继续|不正确"
    "|next|show me more|wrong|not this one|anything else?",
    "again": "再说一遍|重复一下|请再说一遍|你可以再说一遍吗|repeat|say that again|can you repeat that?",
    "nothing": "测试|test|123|1️⃣|啊|哦|？|……|😀|👍🏽|哈哈|haha|啊？|hmm|1 2 3|！？"
    "|我爱你|我喜欢你呀|你吃饭了吗|你吃了吗？|你几岁了|你真笨|asdf|qwerty|abc",
}
QUESTIONS = (
    "我喜欢你们的食堂|你们吃饭在哪|园区多大了|你多大面积|谢谢园区|你是谁开发的？|园区|谁好|电话|地址|邮箱|主导产业|哪一年？|多少？|为什么？|呢？|吗|还有呢？|2014|2014年"
    "|是不是|对不对|5+1|客服电话|人工智能|更多荣誉|帮助企业的措施|在园区工作|早餐|好孩子|hello world program"
    "|more about the park|next to the park"
)
KEPT = (
    "好的企业有哪些|你好世界展厅在哪|感谢信在哪|再见亭在哪里|下次说明会几号|改天见习岗位有吗|谢谢农庄的电话|你是谁家的园区|测试中心在哪"
    "|对外开放|行政区划|赞助商有哪些|阿那亚在哪|在建项目有哪些|对那些老厂怎么办|测试 中心|OK广场在哪"
    "|Hi-Tech zone|OK Plaza|test center|good companies in the park|Good morning Plaza|fine for littering|right of way"
    "|no. 1 company|Thanks to the park|Hello World Expo|ABC Tower"
    "|XYZ公司的电话|ABC公司在哪|先这样办的手续有哪些|各位好邻居超市在哪"
)


@pytest.mark.parametrize(("said", "kind"), [(said, kind) for kind, words in TALK.items() for said in words.split("|")])
def test_talk_is_told_by_kind(said: str, kind: str) -> None:
    assert talk(folded(said)) == kind


@pytest.mark.parametrize("question", QUESTIONS.split("|"))
def test_a_question_is_no_talk(question: str) -> None:
    assert talk(folded(question)) is None


@pytest.mark.parametrize("question", KEPT.split("|"))
def test_a_name_that_begins_like_talk_stays_whole(question: str) -> None:
    assert without_talk(folded(question)) == folded(question)
    assert without_fillers(without_talk(folded(question))) == folded(question)


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("谢谢你，再问一下荣誉有哪些", "荣誉有哪些"),
        ("你好，园区什么时候成立", "园区什么时候成立"),
        ("你好园区什么时候成立", "园区什么时候成立"),
        ("您好，我想了解一下主导产业", "主导产业"),
        ("好的，那电话是多少", "电话是多少"),
        ("好的，那家公司叫什么", "那家公司叫什么"),
        ("不对，我问的是荣誉", "荣誉"),
        ("嗯...园区在哪", "园区在哪"),
        ("主导产业有哪些？谢谢!", "主导产业有哪些"),
        ("电话多少谢谢", "电话多少"),
        ("荣誉有哪些 谢谢", "荣誉有哪些"),
        ("hi, where is the park", "where is the park"),
        ("hi where is the park", "where is the park"),
        ("where is the park? Thanks a lot", "where is the park"),
        ("where is the park thanks", "where is the park"),
        ("贵园区电话", "园区电话"),
        ("你好贵州馆在哪", "你好贵州馆在哪"),
    ],
)
def test_talk_comes_off_either_end(typed: str, left: str) -> None:
    assert without_fillers(without_talk(folded(typed))) == left


@pytest.mark.parametrize("question", ASKED)
def test_a_real_question_is_never_taken_for_talk(question: str) -> None:
    plain = folded(question).strip()
    assert talk(plain) is None
    left = without_talk(plain)
    assert left in plain
    taken = plain.replace(left, "")
    assert not taken.strip() or talk(taken), taken
    assert len(taken) <= 6


@given(
    st.sampled_from(ASKED),
    st.sampled_from(["你好，", "谢谢。", "好的，", "嗯，", "Hi! ", "thanks, ", "明白了，谢谢！", "不对，", ""]),
    st.sampled_from(["。谢谢", "？再见！", " 谢谢啦", ", thanks", "！好的，多谢", ""]),
)
def test_what_is_put_around_a_question_comes_off_again(question: str, before: str, after: str) -> None:
    plain = without_talk(folded(question).strip())
    left = without_talk(folded(f"{before}{plain}{after}"))
    ends = " ,，、?!。.~;:"
    assert left.strip(ends).removeprefix("那么").removeprefix("那") == plain.strip(ends).removeprefix(
        "那么"
    ).removeprefix("那")


@given(st.text(max_size=80))
def test_what_comes_off_is_never_all_and_nothing_is_added(text: str) -> None:
    plain = folded(text)
    left = without_talk(plain)
    assert left in plain
    assert bool(left.strip()) == bool(plain.strip())
    assert talk(left) == talk(plain)


@pytest.mark.parametrize(
    "text",
    ["啊" * 500, "啊?" * 249 + "园", "园" + "?谢谢" * 160 + "厂", "可以" * 250, "哈 " * 250 + "园", "1 " * 249 + "x"],
)
def test_no_input_takes_long(text: str) -> None:
    started = time.process_time()
    without_fillers(without_talk(text))
    assert time.process_time() - started < 1.0


def test_talk_in_a_history_is_passed_over() -> None:
    assert questions(["你好", "你好，园区在哪里？", "不对", "123", "谢谢！"]) == ["园区在哪里?"]


def test_each_rejection_goes_one_further_and_a_repetition_none() -> None:
    history = ["你好", "园区在哪里？", "不对", "谢谢"]
    assert last_question("next", history) == Asked("园区在哪里？", ("你好",), 2)
    assert last_question("again", history) == Asked("园区在哪里？", ("你好",), 1)
    assert last_question("again", ["一号码头", "不对", "园区在哪里？"]) == Asked(
        "园区在哪里？", ("一号码头", "不对"), 0
    )
    assert last_question("next", ["你好", "不对"]) is None
    assert {"next", "again"} == BACK
