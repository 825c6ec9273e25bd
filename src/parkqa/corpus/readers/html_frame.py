"""What frames the text of a web page and is not its text: menus, where one is, 来源 and 分享到, footers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

UNSEEN = (
    "script style noscript template head nav select option button input textarea svg math iframe object canvas audio"
    " video"
).split()
"""Elements whose content is not shown, or is not text of the page."""
_MENUS = frozenset("nav navbar navigation menu menus breadcrumb breadcrumbs crumb crumbs".split())
"""Words in the classes and ids that sites give to their menus."""
_FRAMES = frozenset(
    "header head top topbar foot footer bottom copyright position location place share sharing bdsharebuttonbox tools"
    " toolbar sidebar aside friendlink friendlinks links pagination pager login search qrcode ewm tab tabs info infos"
    " source pubinfo msgbar printer fontsize".split()
)
"""Words in those of other parts around the text; they are left out where they hold no sentence."""
_ENDS_MENU = re.compile(r"(?:nav|menu)$")
"""The same written together: mainNav, leftmenu."""
_FOOTERS = frozenset("foot footer copyright".split())
SHARE = 0.5
"""Share of the page's text from which nothing is taken for its footer. Chosen by hand."""
LINE = 40
"""Longest line, in code points, that can belong to the frame. Chosen by hand: a larger value takes statements that
begin with 来源 for one."""
LINES = 40
"""Most lines of a part of the frame. Chosen by hand; it also bounds the work on large pages."""
_SENTENCE = re.compile(r"[。！？；]|[.!?](?:\s|$)")
_DATED = re.compile(
    r"(?:发布|更新|发文)?(?:时间|日期)?[：:]?\s*20\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:\s*\d{1,2}:\d\d(?::\d\d)?)?"
)
_FRAMING = re.compile(
    r"(?:您?(?:当前|现在)(?:所在)?的?位置|您(?:所在)?的?位置|首页|(?:信息|文章|稿件)?来源|(?:发布|更新)(?:时间|日期|机构)"
    r"|(?:浏览|点击|阅读|访问)(?:次数|量|数)|字[体号]|文字大小|分享(?:到|至)?|责任?编辑|上一[篇条]|下一[篇条])\s*[：:>＞»›/].*|首页\s*[|｜].*"
    r"|主办(?:单位)?[：:].*(?:技术支持|承办|维护).*|点击上方.*关注.*|(?:编辑|审核|校对|责编|摄影)[：:]\s*.{1,8}"
    r"|分享(?:到|至)?|(?:打印|关闭|返回|收藏|\s|\|)+(?:本页|窗口|页面|顶部|列表|首页)|【(?:打印|关闭|大|中|小).*】"
    r"|扫一扫.*|扫描?.{0,4}二维码.*|扫码关注.*|您是第.*位(?:访问|浏览)者.*|(?:访问|浏览)(?:总)?人数.*"
    r"|(?:(?:打印|关闭|返回|收藏|分享)(?:本页|本文|此页|窗口|页面|顶部|列表|首页)?[\s|｜]*){2,}"
    r"|.{0,8}ICP备.*|.{0,8}公网安备.*|网站地图|设为首页|加入收藏|版权所有.*|Copyright.*|网站标识码.*",
    re.IGNORECASE,
)
"""A line of the frame, by its words. Collected from web sites of governments and parks."""
_REGISTERED = re.compile(r".*(?:ICP备|公网安备|网站标识码).*", re.IGNORECASE)
"""A line with the numbers under which a web site is registered, which is often long."""
_RELATED = re.compile(
    r"(?:相关|推荐|热门|最新|更多)(?:文章|链接|新闻|阅读|信息|资讯|推荐|稿件|内容)|(?:友情|快速)链接|延伸阅读|猜你喜欢"
)
"""What stands above links to other pages."""
_LABEL = re.compile(
    r"(?:发布|更新|发文)?(?:时间|日期)|(?:信息|文章|稿件)?来源|作者|责任?编辑|(?:发布|发文)(?:机构|单位)"
    r"|(?:浏览|点击|阅读|访问)(?:次数|量|数)|浏览|点击|阅读|字[体号]|文字大小|分享到?"
)
_BRACKETS = re.compile(r" *([【】]) *")
"""What ``_text`` sets blanks around where links stand in brackets: 【打印】."""
_ABOUT = re.compile(rf"(?:{_LABEL.pattern})\s*[：:]")
LINKS = 3
"""Least number of links of a menu that is not named as one. Chosen by hand."""
INFO = 120
"""Longest line that says of a page when and by whom it was published, with at least two such labels. Chosen by hand."""


def taken_out(soup: Any) -> list[str]:
    """Take the frame out of a page, in place, and return its texts that were shown."""
    for tag in soup.find_all(_unseen):
        tag.extract()
    whole = len(_text(soup))
    gone: dict[int, str] = {}
    for tag in soup.find_all(lambda tag: tag.name not in ("html", "body")):
        if any(id(above) in gone for above in tag.parents):
            continue
        if _is_footer(tag, whole) or _frames(tag):
            gone[id(tag)] = _text(tag)
            tag.extract()
    return list(gone.values())


def menus_above(soup: Any) -> list[str]:
    """Take the lists of links out that stand above the title of a page, in place, and return their texts.

    The title is its only ``<h1>``; without one nothing is taken out.
    """
    titles = soup.find_all("h1")
    if len(titles) != 1:
        return []
    around = set(map(id, titles[0].parents))
    gone: dict[int, str] = {}
    for tag in reversed(titles[0].find_all_previous(["ul", "ol", "dl", "div", "p"])):
        if id(tag) not in around and not any(id(above) in gone for above in tag.parents) and _is_menu(tag):
            gone[id(tag)] = _text(tag)
    for tag in titles[0].find_all_previous(lambda tag: id(tag) in gone):
        tag.extract()
    return list(gone.values())


def _is_menu(tag: Any) -> bool:
    """Return whether an element is nothing but links, LINKS or more."""
    links = tag.find_all("a")
    return len(links) >= LINKS and "".join(map(_text, links)).replace(" ", "") == _text(tag).replace(" ", "")


def _unseen(tag: Any) -> bool:
    """Return whether an element is hidden, a menu, or one of ``UNSEEN``."""
    style = re.sub(r"\s", "", tag.get("style") or "").lower()
    menu = tag.get("role") == "navigation" or (tag.name not in ("html", "body") and bool(set(names(tag)) & _MENUS))
    return tag.name in UNSEEN or tag.has_attr("hidden") or "display:none" in style or menu


def names(tag: Any) -> Iterator[str]:
    """Yield the words of an element's classes and id, in lower case: of top_header top and header."""
    for name in (*(tag.get("class") or ()), tag.get("id") or ""):
        yield str(name).lower()
        yield from re.split(r"[-_\d]+", str(name).lower())


def _text(tag: Any) -> str:
    return str(tag.get_text(" ", strip=True))


def _is_footer(tag: Any, whole: int) -> bool:
    """Return whether an element is the footer of a page, by its name, and does not hold most of the text."""
    named = tag.name == "footer" or bool(set(names(tag)) & _FOOTERS)
    return named and len(_text(tag)) < SHARE * whole and tag.find(["article", "h1"]) is None


def _frames(tag: Any) -> bool:
    """Return whether an element is another part of the frame: by its name, its links or its words."""
    if tag.name in ("table", "tr", "td", "th") or tag.find_parent("table") is not None:
        return False
    lines = _lines(tag)
    if (
        not lines
        or len(lines) > LINES
        or any((len(line) > LINE and not _may_be_long(line)) or _SENTENCE.search(line) for line in lines)
    ):
        return False
    if _leads_elsewhere(tag, lines):
        return True
    if tag.find(["h1", "h2", "h3", "table"]) is not None or re.fullmatch(r"h[1-6]", tag.name):
        return False
    framing = sum(bool(_FRAMING.fullmatch(line) or _DATED.fullmatch(line) or _tells(line)) for line in lines)
    if framing * 2 >= len(lines) and any(_FRAMING.fullmatch(line) or _tells(line) for line in lines):
        return True
    called = list(names(tag))
    named = bool(set(called) & _FRAMES) or tag.name in ("header", "aside") or any(map(_ENDS_MENU.search, called))
    return named and (_linked(tag) or framing > 0)


def _leads_elsewhere(tag: Any, lines: list[str]) -> bool:
    """Return whether an element has links to other pages under, or behind, words that say so: 相关文章, 友情链接：."""
    head = tag.find(["h2", "h3", "h4", "h5", "strong"])
    first = next(tag.stripped_strings, "").rstrip("：: ")
    says = (_text(head) if head is not None else lines[0], first)
    return any(map(_RELATED.fullmatch, says)) and _linked(tag)


def _may_be_long(line: str) -> bool:
    return _tells(line) or (len(line) <= INFO and bool(_REGISTERED.fullmatch(line)))


def _tells(line: str) -> bool:
    """Return whether a line says when and by whom a page was published: 发布时间：… 来源：… 浏览次数：…"""
    if len(line) > INFO:
        return False
    dated = _DATED.match(line)
    if dated and len(line) <= LINE and _ABOUT.search(line, dated.end()):
        return True
    return bool(dated or _ABOUT.match(line)) and len(_ABOUT.findall(line)) >= 2


def _linked(tag: Any) -> bool:
    """Return whether most of the text of an element is links."""
    links = sum(len(_text(link)) for link in tag.find_all("a"))
    return links * 2 > len(_text(tag).replace(" ", ""))


def _lines(tag: Any) -> list[str]:
    """Return the texts of the innermost blocks of an element; of an inline element, none."""
    if tag.name not in ("ul", "ol", "li", "div", "p", "section", "header", "aside", "dl", "dd", "center"):
        return []
    inner = [each for each in tag.find_all(["li", "p", "div", "dd"]) if each.find(["li", "p", "div", "dd"]) is None]
    return [_BRACKETS.sub(r"\1", text) for each in inner or [tag] if (text := _text(each))]
