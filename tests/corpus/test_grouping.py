"""Lines that belong together are one passage, or the first of them is a heading of the others."""

from __future__ import annotations

import hashlib

import pytest

from parkqa.corpus.formats import READERS
from parkqa.corpus.splitting import LONG, split
from parkqa.types import Document

Told = list[tuple[str, str]]

RULE = "入园企业应当按月报送生产、用工和能耗情况，做好安全生产、消防和环境保护工作，并配合管理机构的检查"


def told(source: str, suffix: str = ".txt") -> Told:
    """The headings, joined by " › ", and the text of each passage."""
    draft = READERS[suffix](source)
    digest = hashlib.sha256(draft.text.encode()).hexdigest()
    passages = split(Document("a", "题", draft.text, digest, draft.blocks))
    return [(" › ".join(passage.heading), passage.text) for passage in passages]


def kinds(source: str, suffix: str = ".txt") -> list[str]:
    draft = READERS[suffix](source)
    return [passage.kind for passage in split(Document("a", "题", draft.text, "", draft.blocks))]


def test_a_question_is_the_heading_of_its_answer() -> None:
    source = "1. 怎样预约会议室？\n拨打前台电话。\n提前一天。\n2. 停车收费吗？\n不收。\n"
    assert told(source) == [("1. 怎样预约会议室？", "拨打前台电话。\n提前一天。"), ("2. 停车收费吗？", "不收。")]
    assert told(source.replace("\n", "\n\n"), ".md") == [
        ("怎样预约会议室？", "拨打前台电话。\n提前一天。"),
        ("停车收费吗？", "不收。"),
    ]


@pytest.mark.parametrize(
    ("source", "suffix", "questions", "answers"),
    [
        (
            "问：有食堂吗\n答：有，在一楼。\n问：几点开\n答：七点。\n",
            ".txt",
            "问：有食堂吗|问：几点开",
            "答：有，在一楼。|答：七点。",
        ),
        ("Q: 有食堂吗？\nA: 有。\n\nQ: 几点开？\nA: 七点。\n", ".md", "Q: 有食堂吗？|Q: 几点开？", "A: 有。|A: 七点。"),
        ("<p>有吗？<br>答：有。</p><p>几点开</p><p>答：七点。</p>", ".html", "有吗？|几点开", "答：有。|答：七点。"),
        (
            "## 有吗？\n\n有。\n\n在一楼。\n\n## 地址\n\n江边。\n\n路口。",
            ".md",
            "有吗？|地址|地址",
            "有。\n在一楼。|江边。|路口。",
        ),
        (
            "有食堂吗？贵不贵？\n有两个，便宜。\n几点开？周末呢？\n七点，周末八点。\n",
            ".txt",
            "有食堂吗？贵不贵？|几点开？周末呢？",
            "有两个，便宜。|七点，周末八点。",
        ),
        ("1. 有吗？有，在一楼。\n2. 几点开？七点。\n", ".txt", "1. 有吗？|2. 几点开？", "有，在一楼。|七点。"),
        ("3. 要带什么？\n答：请带齐：\n（1）证\n（2）表\n", ".txt", "3. 要带什么？", "答：请带齐：\n（1）证\n（2）表"),
        (
            "一、班车\n1. 有吗？\n有。\n二、食堂\n2. 有吗？\n没有。\n",
            ".txt",
            "一、班车 › 1. 有吗？|二、食堂 › 2. 有吗？",
            "有。|没有。",
        ),
    ],
)
def test_the_ways_to_write_a_question(source: str, suffix: str, questions: str, answers: str) -> None:
    assert told(source, suffix) == list(zip(questions.split("|"), answers.split("|"), strict=True))


def test_questions_listed_above_their_answers_are_no_passage() -> None:
    source = "- 有食堂吗？\n- 几点开？\n\n正文。\n\n## 有食堂吗？\n\n有。\n\n## 几点开？\n\n七点。\n"
    assert told(source, ".md") == [("", "正文。"), ("有食堂吗？", "有。"), ("几点开？", "七点。")]
    assert told("有食堂吗？\n几点开？\n", ".txt")[-1] == ("", "几点开？")


def test_a_long_answer_is_parts_under_its_question() -> None:
    source = f"1. 有哪些规定？\n{RULE * 5}。\n{RULE * 4}。\n"
    assert told(source) == [("1. 有哪些规定？", f"{RULE * 5}。"), ("1. 有哪些规定？", f"{RULE * 4}。")]


def test_a_question_within_an_article_is_no_heading() -> None:
    source = "面对新的形势和任务，园区的企业和职工应当怎样共同把握机遇、迎接未来的挑战呢？\n答案在于创新。\n"
    assert [heading for heading, _ in told(source)] == ["", ""]
    assert told("1. 有班车吗？\n2. 有食堂吗？\n")[-1] == ("", "2. 有食堂吗？")


@pytest.mark.parametrize(
    ("source", "suffix"),
    [
        ("应当提交下列材料：\n（一）申请书；\n（二）营业执照。\n", ".txt"),
        ("应当提交下列材料：\n①申请书\n②营业执照\n", ".txt"),
        ("应当提交下列材料:\n1. 申请书\n说明用途。\n2. 营业执照\n交复印件。\n", ".txt"),
        ("应当提交下列材料：\n\n- 申请书\n- 营业执照\n", ".md"),
        ("<p>应当提交下列材料：</p><p>申请书</p><p>营业执照</p>", ".html"),
        ("前台电话：\n0510-86001234（8:30-17:30）\n", ".txt"),
        ("用途：\n用于研发；\n用于办公。\n", ".txt"),
    ],
)
def test_a_lead_in_and_what_it_leads_to_are_one_passage(source: str, suffix: str) -> None:
    [(heading, text)] = told(source, suffix)
    assert heading == ""
    assert text == READERS[suffix](source).text.strip()


def test_what_follows_a_lead_in_ends_with_it() -> None:
    source = "应当提交：\n（一）申请书；\n（二）执照。\n材料不全的，不予受理。\n另需说明：\n1. 用途。\n2. 期限。\n"
    assert [text for _, text in told(source)] == [
        "应当提交：\n（一）申请书；\n（二）执照。",
        "材料不全的，不予受理。",
        "另需说明：\n1. 用途。\n2. 期限。",
    ]


def test_a_long_list_has_its_lead_in_as_heading() -> None:
    items = [f"（{number}）{RULE * 2}。" for number in "一二三"]
    assert told("应当遵守下列规定：\n" + "\n".join(items)) == [("应当遵守下列规定：", item) for item in items]


def test_a_long_lead_in_can_be_quoted_itself() -> None:
    lead = f"{RULE}。有下列情形的，应当在三日内报告："
    items = [f"（{number}）{RULE * 2}。" for number in "一二三"]
    first, *rest = told("\n".join([lead, *items]))
    assert first == ("", f"{lead}\n{items[0]}")
    assert rest == [("有下列情形的，应当在三日内报告：", item) for item in items[1:]]


def test_a_lead_in_of_a_table_is_its_heading() -> None:
    source = "收费如下：\n\n| 项目 | 价格 |\n|---|---|\n| 停车 | 5元 |\n"
    assert told(source, ".md")[-1] == ("收费如下： › 项目 | 价格", "停车 | 5元")


def test_an_enumeration_is_a_list_and_sentences_are_not() -> None:
    assert kinds("需要：\n（1）身份证\n（2）照片\n") == ["list"]
    assert kinds("需要：\n（1）出示身份证。\n（2）交照片。\n") == ["paragraph"]
    assert kinds("①登记\n②缴费\n") == ["list"]


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
def test_a_label_and_its_value_are_one_passage(suffix: str) -> None:
    lines = ["押金", "两个月租金", "租期", "三年起，可续租"]
    source = "".join(f"<p>{line}</p>" for line in lines) if suffix == ".html" else "\n\n".join(lines)
    assert [text.split() for _, text in told(source, suffix)] == [lines[:2], lines[2:]]


def test_a_label_of_any_words_goes_with_a_mere_value() -> None:
    lines = ["服务热线（总机）", "0790-5521962", "24小时保安值班", "0790-5521110", "投诉邮箱", "tousu@park.example"]
    passages = [text.split() for _, text in told("\n\n".join(lines), ".md")]
    assert [line for passage in passages for line in passage] == lines
    assert all(len(passage) % 2 == 0 for passage in passages)


def test_a_term_goes_with_its_description() -> None:
    source = (
        "<dl><dt>24小时保安值班</dt><dd>0790-5521110</dd><dt>地址</dt><dd>滨江路1号</dd>"
        f"<div><dt>押金</dt><dt>保证金</dt><dd>两个月租金</dd></div><dt>停车</dt><dd><p>{RULE}。</p><p>{RULE}。</p></dd>"
        "<dt>能带狗吗？</dt><dd>可以，要牵绳。</dd></dl><p>园区很大，有两座码头。</p>"
    )
    assert told(source, ".html") == [
        ("", "24小时保安值班 | 0790-5521110"),
        ("", "地址 | 滨江路1号"),
        ("", "押金 | 保证金 | 两个月租金"),
        ("停车", f"{RULE}。"),
        ("停车", f"{RULE}。"),
        ("能带狗吗？", "可以，要牵绳。"),
        ("", "园区很大，有两座码头。"),
    ]


def test_a_bold_line_heads_what_stands_below_it() -> None:
    source = (
        "# 巴士\n\n## 线路\n\n**A线：车站 → 园区**\n- 首班6:50\n- 票价18元\n\n"
        "**B线：机场 → 园区**\n- 首班6:20\n- 票价6元\n\n"
        f"C线只在周末开。\n\n**购票须知**\n\n{RULE}。\n\n**地址：滨江路1号**\n\n{RULE}。\n"
    )
    assert told(source, ".md") == [
        ("巴士 › 线路 › A线：车站 → 园区", "首班6:50\n票价18元"),
        ("巴士 › 线路 › B线：机场 → 园区", "首班6:20\n票价6元"),
        ("巴士 › 线路", "C线只在周末开。"),
        ("巴士 › 线路 › 购票须知", f"{RULE}。"),
        ("巴士 › 线路 › 购票须知", "地址：滨江路1号"),
        ("巴士 › 线路 › 购票须知", f"{RULE}。"),
    ]


def test_a_bold_line_of_a_quotation_heads_nothing() -> None:
    source = "# 园区\n\n> **提示**\n>\n> - 带证件\n\n## 停车\n\n- 月卡300元\n- 年卡3000元\n\n临停每小时5元。\n"
    assert told(source, ".md")[-1] == ("园区 › 停车", "临停每小时5元。")


def test_a_label_over_paragraphs_or_a_list_is_their_heading() -> None:
    source = f"<p>入园条件</p><p>在本市注册。</p><p>有固定场所。</p><p>退出</p><ul><li>{RULE}。<li>{RULE}。</ul>"
    assert told(source, ".html") == [
        ("入园条件", "在本市注册。"),
        ("入园条件", "有固定场所。"),
        ("退出", f"{RULE}。"),
        ("退出", f"{RULE}。"),
    ]


def test_labels_without_values_are_one_passage() -> None:
    assert told("<p>申请入园</p><p>提交材料</p><p>签订协议</p>", ".html") == [("", "申请入园\n提交材料\n签订协议")]


def test_an_article_is_one_passage() -> None:
    source = "第一章 总则\n第一条 为了规范，制定本办法。\n第二条 条件：\n（一）有场所；\n（二）有人。\n不符合的除外。\n"
    assert told(source) == [
        ("第一章 总则", "第一条 为了规范，制定本办法。"),
        ("第一章 总则", "第二条 条件：\n（一）有场所；\n（二）有人。\n不符合的除外。"),
    ]


@pytest.mark.parametrize("apart", ["\n", ""])
def test_the_parts_of_a_long_article_have_its_number_as_heading(apart: str) -> None:
    source = apart.join([f"第十二条 {RULE * 2}。", *[f"{RULE * 2}。"] * 3, ""])
    passages = told(source)
    assert "".join(text for _, text in passages).replace("\n", "") == source.replace("\n", "")
    assert {heading for heading, _ in passages[1:]} == {"第十二条"}
    assert all(len(text) <= LONG for _, text in passages)


def test_a_step_holds_what_explains_it() -> None:
    source = "流程如下。\n1、提交申请（两天）\nApplication\n目标：\n说明用途。\n2、现场核验（三天）\n核对场所。\n"
    assert [text for _, text in told(source)[1:]] == [
        "1、提交申请（两天）\nApplication\n目标：\n说明用途。",
        "2、现场核验（三天）\n核对场所。",
    ]


@pytest.mark.parametrize("line", ["0510-86001234（8:30-17:30）", "（1）提交申请（两个工作日）", "发布：2024-05-01"])
def test_a_short_line_that_says_something_is_no_heading(line: str) -> None:
    passages = told(f"园区很大。\n{line}\n{RULE}。\n")
    assert not any(heading for heading, _ in passages)
    assert any(line in text for _, text in passages)


@pytest.mark.slow
def test_endless_lead_ins_labels_and_steps_are_cut_in_time() -> None:
    for line in ("甲：", "押金", "1. 步骤", "有吗？", "第一条 好"):
        assert told("\n".join([line] * 3000))
        assert told("\n".join([line, "园区很大。"] * 1500))


def test_enclosures_stand_together_and_not_with_the_signature_below_them() -> None:
    source = (
        "<p>请认真组织实施。</p><p>附件：1. 任务分工表</p><p>2. 评价指标</p><p>江州市人民政府</p><p>2026年5月8日</p>"
    )
    passages = [text for _, text in told(source, ".html")]
    assert passages[1] == "附件：1. 任务分工表\n2. 评价指标"
    alone = source.replace("<p>2. 评价指标</p>", "")
    assert [text for _, text in told(alone, ".html")][1] == "附件：1. 任务分工表"


@pytest.mark.parametrize(
    ("source", "suffix"),
    [
        ("<h2>用电</h2><table><caption>表2 电价（元/千瓦时）</caption>{rows}</table><p>按月抄表。</p>", ".html"),
        ("<h2>用电</h2><p>表2 电价（元/千瓦时）</p><table>{rows}</table><p>按月抄表。</p>", ".html"),
        ("## 用电\n\n表2 电价（元/千瓦时）\n\n{lines}\n\n按月抄表。\n", ".md"),
    ],
)
def test_the_title_of_a_table_is_a_heading_of_its_rows_and_nothing_by_itself(source: str, suffix: str) -> None:
    rows = "<tr><th>类别</th><th>高峰</th><th>低谷</th></tr><tr><td>大工业</td><td>0.97</td><td>0.30</td></tr>"
    lines = "| 类别 | 高峰 | 低谷 |\n|---|---|---|\n| 大工业 | 0.97 | 0.30 |"
    assert told(source.replace("{rows}", rows).replace("{lines}", lines), suffix) == [
        ("用电 › 表2 电价（元/千瓦时）", "类别 | 高峰 | 低谷"),
        ("用电 › 表2 电价（元/千瓦时） › 类别 | 高峰 | 低谷", "大工业 | 0.97 | 0.30"),
        ("用电", "按月抄表。"),
    ]


def test_what_says_something_above_a_table_stays_to_be_quoted() -> None:
    said = "表1是为企业准备的，电价自2025年1月1日起执行。"
    rows = "<tr><th>类别</th><th>高峰</th></tr><tr><td>大工业</td><td>0.97</td></tr>"
    assert told(f"<p>{said}</p><table>{rows}</table>", ".html")[0][1] == said
