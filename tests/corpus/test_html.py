"""Web pages as governments and parks have them: the frame left out, headings that are only bold or centred."""

from __future__ import annotations

import pytest

from parkqa.corpus.readers import html
from parkqa.corpus.readers.draft import Draft


def kinds(draft: Draft) -> list[tuple[str, str]]:
    return [(b.kind, draft.text[b.start : b.end]) for b in draft.blocks if b.kind != "break"]


BODY = (
    '<p style="text-indent:2em"><strong>一、停车区域</strong></p><p>访客车辆停放在北门外P3停车场。</p>'
    "<p><b>二、收费标准</b></p><p>小型车每小时3元，24小时内最高收费15元。</p>"
    '<p style="text-align:center">第三章&nbsp;附则</p><p>本通知自2026年3月1日起施行。</p>'
)
READ = [
    ("heading", "关于车辆停放管理的通知"),
    ("heading", "一、停车区域"),
    ("paragraph", "访客车辆停放在北门外P3停车场。"),
    ("heading", "二、收费标准"),
    ("paragraph", "小型车每小时3元，24小时内最高收费15元。"),
    ("heading", "第三章 附则"),
    ("paragraph", "本通知自2026年3月1日起施行。"),
]
MENU = "<ul><li><a href='/'>首页</a></li><li><a href='/zw'>政务公开</a></li><li><a href='/fw'>政务服务</a></li></ul>"


@pytest.mark.parametrize(
    "head",
    [
        f'<div class="top_header">{MENU}</div><div class="position">当前位置：首页 &gt; 通知公告</div>',
        f'<div id="mainNav"><div class="nav-list">{MENU}</div></div>'
        '<div class="crumbs"><a>首页</a> › <a>通知</a></div>',
        f"<header>{MENU}</header><p>您现在的位置：<a>首页</a>&gt;&gt;<a>通知公告</a></p>",
        "<nav>首页</nav><div>首页 &gt; 政务公开 &gt; 通知</div>",
    ],
)
@pytest.mark.parametrize(
    "info",
    [
        '<ul class="info"><li>2026-02-10 09:00</li><li>来源：管委会办公室</li>'
        "<li>字体：大 中 小</li><li>分享到</li></ul>",
        "<div>发布时间：2026-02-10　来源：管委会　浏览次数：12</div>",
        '<div class="info">发布日期：2026-02-10 09:00 信息来源：园区管委会办公室 浏览次数：128 字号：[大 中 小]</div>',
        '<div class="source"><span>来源： 管委会</span></div><div class="share">分享到：<a>微信</a><a>微博</a></div>',
    ],
)
@pytest.mark.parametrize(
    "foot",
    [
        '<div class="footer"><ul><li>主办：某某园区管理委员会</li><li>备案号：苏ICP备00000000号</li></ul>'
        "<p>网站标识码：3200000000</p></div>",
        "<footer><p>版权所有：某某园区</p><p>地址：滨江路1号。</p></footer>",
        "<p>【打印】【关闭】</p><p>上一篇：关于放假的通知</p><p>苏ICP备00000000号-1</p>"
        '<div id="copyright">Copyright © 某某园区</div>',
    ],
)
def test_the_frame_of_a_page_is_no_text(head: str, info: str, foot: str) -> None:
    draft = html.read(
        f"<body>{head}<div class='content'><h1>关于车辆停放管理的通知</h1>{info}{BODY}</div>{foot}</body>"
    )
    assert kinds(draft) == READ
    assert [(block.level) for block in draft.blocks if block.kind == "heading"] == [1, 2, 2, 2]
    assert draft.notes and not draft.notes[0].warns


@pytest.mark.parametrize(
    "kept",
    [
        "<p>位置：滨江路1号。</p>",
        "<p>主办：江阴市商务局</p>",
        "<ul><li>来源于园区的税收占全市三成。</li></ul>",
        "<ul><li><a href='1.docx'>附件1：申请表</a></li><li><a href='2.docx'>附件2：承诺书</a></li></ul>",
        "<table><tr><td>来源</td><td>金额</td></tr><tr><td>财政</td><td>五万</td></tr></table>",
        "<div class='info'><p>食堂午餐每份十五元。</p></div>",
        "<div class='position-relative'><p>招聘岗位：电工</p></div>",
        "<p>2026年3月1日</p>",
    ],
)
def test_what_only_resembles_the_frame_is_text(kept: str) -> None:
    with_text = html.read(f"<body><h1>通知</h1>{kept}<p>园区设食堂两处，访客凭接待单位开具的就餐券用餐。</p></body>")
    alone = html.read(kept)
    assert alone.text and alone.text in with_text.text


def test_a_page_that_is_nothing_but_a_footer_keeps_it() -> None:
    assert html.read("<footer><p>地址：滨江路1号</p></footer>").text == "地址：滨江路1号"


def test_a_page_of_nothing_but_a_picture_is_not_called_empty() -> None:
    assert ["图片" in note.zh for note in html.read("<body><img src='通知.jpg'></body>").notes] == [True]


def test_bold_lines_that_say_something_are_no_headings() -> None:
    draft = html.read(
        "<p><b>电话：0510-86001234</b></p><p><b>收费标准</b></p><p>每小时<b>3元</b>，当日封顶。</p><p><b>全部免费。</b></p>"
    )
    assert kinds(draft) == [
        ("paragraph", "电话：0510-86001234"),
        ("heading", "收费标准"),
        ("paragraph", "每小时3元，当日封顶。"),
        ("paragraph", "全部免费。"),
    ]


TITLE = "滨江园区通勤班车时刻表"
SITED = f"<title>{TITLE}_通知公告_滨江开发区</title>"
LOGO = "<div class='top'><h1 class='logo'><a href='/'>滨江开发区</a></h1></div>"


@pytest.mark.parametrize("title", ["<div class='art_bt'>{}</div>", "<p><b>{}</b></p>", "<h2>{}</h2>", "<h1>{}</h1>"])
@pytest.mark.parametrize("logo", ["", LOGO])
def test_the_line_that_the_title_of_the_page_begins_with_is_its_title(title: str, logo: str) -> None:
    draft = html.read(f"<head>{SITED}</head><body>{logo}{title.format(TITLE)}<p>早班七点半发车。</p></body>")
    assert kinds(draft) == [("heading", TITLE), ("paragraph", "早班七点半发车。")]
    assert draft.blocks[0].level == 1 and "title" not in draft.meta


def test_a_page_of_old_sites_is_laid_out_by_tables_and_its_paragraphs_by_line_breaks() -> None:
    blank = "&nbsp;" * 4
    draft = html.read(
        "<title>园区简介</title><table><tr><td><a>首页</a> | <a>概况</a></td></tr><tr><td><table>"
        "<tr><td align=center><font size=5><b>园区简介</b></font></td></tr>"
        "<tr><td align=center>作者：办公室　发布时间：2023-5-6　点击数：332</td></tr>"
        f"<tr><td>{blank}园区成立于2003年。<br>{blank}一、区位<br>　　距高铁站12公里。<br>"
        "<br>电话：1<br>地址：江边</td></tr>"
        "</table></td></tr><tr><td>版权所有：管委会</td></tr></table>"
    )
    texts = ("园区成立于2003年。", "一、区位", "距高铁站12公里。", "电话：1\n地址：江边")
    assert kinds(draft) == [("heading", "园区简介"), *(("paragraph", text) for text in texts)]


def test_headings_by_their_class_cards_and_papers_that_are_centred() -> None:
    draft = html.read(
        "<div class='section-hd'><span>租金优惠</span></div><div>首年减半。</div>"
        "<div class='card'><div>30</div><div>平方公里</div><div>规划面积</div></div>"
        "<ul><li><p>426家</p><p>入驻企业</p></li></ul><div class='title'>电话：8600</div>"
        "<p style='text-align:center'>停车管理办法</p><p align=center>图1 停车场</p>"
    )
    assert kinds(draft) == [
        *(("heading", "租金优惠"), ("paragraph", "首年减半。"), ("paragraph", "30平方公里\n规划面积")),
        *(("item", "426家\n入驻企业"), ("paragraph", "电话：8600")),
        *(("heading", "停车管理办法"), ("paragraph", "图1 停车场")),
    ]


def test_links_to_other_pages_under_a_head_that_says_so_are_left_out() -> None:
    links = "<ul><li><a href='1'>停车须知</a></li><li><a href='2'>食堂公告</a></li></ul>"
    draft = html.read(f"<p>早班七点半发车。</p><div><h3>相关文章</h3>{links}</div><div><h3>附件</h3>{links}</div>")
    assert [text for _, text in kinds(draft)] == ["早班七点半发车。", "附件", "停车须知", "食堂公告"]
    assert "相关文章" in draft.notes[0].zh


def test_headings_by_the_fonts_of_official_papers_and_titles_in_two_lines() -> None:
    draft = html.read(
        "<title>临港开发区关于招聘的公告</title><h1>临港开发区<br>关于招聘的公告</h1>"
        "<div><span>2024-04-02 16:05</span> <span>来源：人事处</span> <a>【字体：大 中 小】</a></div>"
        "<p><span style='font-family:黑体'>一、报名方式</span></p><p><font face='楷体_GB2312'>（一）时间</font></p>"
        "<p>四月十日起，见<span style='font-family:黑体'>附件</span>。</p><div><a>打印</a><a>关闭</a></div>"
        "<section style='text-align:center'><strong>01</strong></section><section><b>一号线</b></section>"
    )
    assert kinds(draft) == [
        *(("heading", "临港开发区关于招聘的公告"), ("heading", "一、报名方式"), ("heading", "（一）时间")),
        *(("paragraph", "四月十日起，见附件。"), ("paragraph", "01"), ("heading", "一号线")),
    ]


def test_a_table_with_labels_beside_its_values_has_no_column_heads() -> None:
    rows = "<tr><th>主体</th><td>监管局</td><th>类型</th><td>许可</td></tr><tr><th>时限</th><td>1天</td></tr>"
    assert {b.columns for b in html.read(f"<table>{rows}</table>").blocks if b.kind == "row"} == {()}
    corner = "<tr><td></td><th>一层</th><th>二层</th></tr><tr><td>甲楼</td><td>35</td><td>28</td></tr>"
    assert [b.columns for b in html.read(f"<table>{corner}</table>").blocks if b.kind == "row"] == [
        ("", "一层", "二层")
    ]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("<p><label>联系人</label><span>王敏</span></p>", "联系人 王敏"),
        ("<p><label>联系电话：</label><b>0510-86001234</b></p>", "联系电话：0510-86001234"),
        ("<p><label>办理时限</label>（工作日）：<span>5</span></p>", "办理时限（工作日）：5"),
        ("<p><label><input type=radio>法人</label><label><input type=radio>个人</label></p>", "法人 个人"),
        ("<p><label>租金 </label><span>面议</span></p>", "租金 面议"),
        ("<table><tr><td><label>楼栋</label><em>3号楼</em></td><td>一层</td></tr></table>", "楼栋 3号楼 | 一层"),
    ],
)
def test_a_label_is_a_word_of_its_own(source: str, shown: str) -> None:
    assert html.read(source).text == shown


def test_a_part_is_a_heading_of_the_level_of_a_chapter() -> None:
    draft = html.read("<h1>指南</h1><p style='text-align:center'><b>第一部分 办理条件</b></p><p>年满18周岁。</p>")
    assert [(b.kind, b.level) for b in draft.blocks] == [("heading", 1), ("heading", 2), ("paragraph", 0)]


@pytest.mark.parametrize(
    "framing",
    [
        '<div id="mainNav"><ul><li><a href="/">首页</a></li><li><a href="/b">政务公开</a></li></ul></div>',
        "<table><tr><td><a href=a>概况</a></td></tr><tr><td><a href=b>环境</a></td></tr>"
        "<tr><td><a href=c>联系</a></td></tr></table>",
        "<p>2025-09-01　|　阅读：88</p>",
        "<div class=head_box><p class=logo_t>临江园区网</p></div>",
    ],
)
def test_menus_by_whatever_name_and_dates_with_counts_are_no_text(framing: str) -> None:
    page = f"<title>园区收费标准-临江园区网</title><body>{framing}<h1>园区收费标准</h1><p>停车每小时3元。</p></body>"
    assert kinds(html.read(page)) == [("heading", "园区收费标准"), ("paragraph", "停车每小时3元。")]


@pytest.mark.parametrize(
    "framing",
    [
        "<p>【<a>打印</a>】【<a>关闭</a>】</p>",
        "<div class=wx><p>扫描二维码，关注我们</p></div><div class=tj>您是第<b>12345</b>位访问者</div>",
        "<p class=print><a>打印本页</a> | <a>关闭窗口</a></p>",
        "<div><span>友情链接：</span><a href=a>江苏省人民政府</a><a href=b>镇江市人民政府</a></div>",
        "<div class=bottom><p>主办：临江管委会　承办：党政办公室</p>"
        "<p>网站标识码：3211000012　苏ICP备12345678号-1　苏公网安备 32110002000012号</p></div>",
    ],
)
def test_what_stands_below_the_text_of_a_page_is_no_text(framing: str) -> None:
    page = f"<title>收费标准</title><body><h1>收费标准</h1><p>停车每小时3元。</p>{framing}</body>"
    assert kinds(html.read(page)) == [("heading", "收费标准"), ("paragraph", "停车每小时3元。")]


def test_links_below_the_title_are_text() -> None:
    links = "".join(f"<li><a href={n}.html>{n}号楼</a></li>" for n in range(1, 5))
    page = f"<title>园区楼栋</title><body><h1>园区楼栋</h1><ul>{links}</ul></body>"
    assert [text for _, text in kinds(html.read(page))] == ["园区楼栋", "1号楼", "2号楼", "3号楼", "4号楼"]


def test_a_heading_with_which_the_title_of_the_page_ends_is_its_title() -> None:
    heading = "关于调整公交线路的公告"
    page = f"<title>江海区人民政府 通知公告 {heading}</title><h3>{heading}</h3><p>因施工调整。</p>"
    draft = html.read(page)
    assert [(b.kind, b.level) for b in draft.blocks] == [("heading", 1), ("paragraph", 0)]
    short = "<title>江海区政府 收费标准</title><h3>收费标准</h3><p>每小时3元。</p>"
    assert html.read(short).blocks[0].level == 3  # a heading of the page may be called so, too


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<dl><dt>电话</dt><p>0512-123456</p></dl>", "电话\n0512-123456"),
        ("<dl><p>物业费每平方米2元。</p><dt>电话</dt><dd>119</dd></dl>", "物业费每平方米2元。\n电话\n119"),
        ("<dl><dt>地址</dt><ul><li>滨江路1号</li></ul></dl>", "地址\n滨江路1号"),
        ("<dl><dt>甲</dt><dl><dt>乙</dt><dd>丙</dd></dl></dl>", "甲\n乙 | 丙"),
        ("<dl><!-- 注 --><dt>甲</dt><dd>乙</dd> <div><dt>丙</dt><dd>丁</dd></div></dl>", "甲 | 乙\n丙 | 丁"),
        ("<dl><dd>只有说明</dd></dl>", "只有说明"),
    ],
)
def test_no_text_of_a_list_of_terms_is_lost(source: str, text: str) -> None:
    assert html.read(source).text == text


def test_the_time_of_an_event_is_text() -> None:
    lines = ("时间：2026年5月10日上午9时", "地点：综合楼三楼会议室")
    page = "".join(f"<p>{line}</p>" for line in ("会议定于下周举行。", *lines))
    assert [text for _, text in kinds(html.read(page))][1:] == list(lines)


def test_the_bullets_of_a_list_that_word_saved_are_no_letters() -> None:
    bullet = "<span style='font-family:Wingdings'>&Oslash;<span style='font:7.0pt \"Times\"'>&nbsp; </span></span>"
    page = f"<p class=MsoListParagraph>{bullet}<span>完成消防检查；</span></p><p>·停电整顿。</p>"
    assert kinds(html.read(page)) == [("item", "完成消防检查；"), ("item", "停电整顿。")]
    assert html.read("<p><span style='font-family:Symbol'>alpha</span></p>").text == "alpha"
