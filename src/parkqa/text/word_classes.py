"""Tells proper names and common nouns from other words, by the part-of-speech tags in jieba's dictionary.

The confidence model asks which names and which things of a question are missing from the answer.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Literal

from parkqa.text.segmentation import dictionary

WordClass = Literal["name", "thing", ""]

_CLASSES: Mapping[str, WordClass] = {"nr": "name", "ns": "name", "nt": "name", "nz": "name", "n": "thing"}
"""Classes by part-of-speech tag. jieba uses the ICTCLAS tag set: nr person, ns place, nt organisation, nz other proper
name, n common noun."""


def word_class(word: str) -> WordClass:
    """Return the class of a word.

    Args:
        word: a folded word, as ``Segmenter.tokens`` returns it.

    Returns:
        "name" for a proper name; "thing" for a common noun, and for a non-ASCII word of two or more characters that
        the dictionary lacks; "" for any other word.

    >>> [word_class(word) for word in ("江阴", "企业", "的", "port")]
    ['name', 'thing', '', '']
    """
    known = _known(word)
    if known is None:
        return "thing" if len(word) > 1 and not word.isascii() else ""
    return _CLASSES.get(known[:2], "") or _CLASSES.get(known[:1] if known in ("n", "ng", "nl") else "", "")


def tag(word: str) -> str:
    """Return the part-of-speech tag of a folded word in jieba's dictionary, "" for a word that it lacks.

    >>> tag("南京"), tag("什么"), tag("恒宇重")
    ('ns', 'r', '')
    """
    return _known(word) or ""


@lru_cache(maxsize=4096)
def _known(word: str) -> str | None:
    """Return the tag of a folded word, None for one that the dictionary lacks."""
    text, starts = _sorted()

    def line(number: int) -> bytes:
        return text[starts[number] : starts[number + 1]]

    wanted, count = f"{word} ".encode(), len(starts) - 1
    at = bisect_left(range(count), wanted, key=line)
    return line(at).rpartition(b" ")[2].decode() if at < count and line(at).startswith(wanted) else None


def is_place(word: str) -> bool:
    """Return whether a folded word is the name of a place: a country, a province, a city, a county.

    jieba tags many common nouns as places (上市, 城市). A name counts only where the dictionary also has it with the
    word for what it is (南京 with 南京市), and is not one of the few common words for which it has that as well.

    >>> [word for word in ("南京", "四川省", "上市", "城市", "新加坡", "新区", "园区") if is_place(word)]
    ['南京', '四川省', '新加坡']
    """
    if word in _COUNTRIES:
        return True
    if len(word) < 2 or word in _NO_PLACES:
        return False
    if len(word) > 2 and word[-1] in _KINDS_OF_PLACE and tag(word) == "ns":
        return word[:-1] not in _NO_PLACES
    # The tag of the bare name is often wrong (海口, 大连), but rarely that of a city or a county.
    kinds = _KINDS_OF_PLACE if tag(word) in ("ns", "nr", "nrt", "nz") else "省市县"
    return any(tag(word + kind) == "ns" for kind in kinds)


def is_common(word: str) -> bool:
    """Return whether a word is a common one although the dictionary has it as the name of a place.

    >>> is_common("上市"), is_common("南京")
    (True, False)
    """
    return word in _NO_PLACES


_KINDS_OF_PLACE = "省市州县区国"
_COUNTRIES = frozenset(
    "美国 英国 法国 德国 韩国 泰国 印度 俄罗斯 意大利 朝鲜 加拿大 澳大利亚 西班牙 葡萄牙 荷兰 瑞士 瑞典 挪威 丹麦 "
    "芬兰 波兰 奥地利 希腊 埃及 土耳其 伊朗 以色列 巴西 阿根廷 智利 墨西哥 越南 老挝 缅甸 柬埔寨 菲律宾 印尼 "
    "印度尼西亚 马来西亚 新加坡 巴基斯坦 新西兰 南非 日本 台湾 香港 澳门 西藏 内蒙古 欧洲 亚洲 非洲 美洲".split()
)
"""Names of countries and regions for which the dictionary has no longer form."""
_NO_PLACES = frozenset(
    "上市 城市 平原 外国 爱国 东北 西北 西南 东南 华北 华东 华南 华中 中原 太阳 山区 高原 建国 王国 共和国 城镇 "
    "大都 回国 大国 古城 河口 江山 太平 三国 新建 新城 兴国 入市 路桥 都市 诸国 重镇 山口 故城 深山 治国 大湖 滨海 "
    "海港 牡丹 城东 城西 城南 城北 南口 山镇 天桥 归国 南郊 北郊 花山 大关 小国 同盟国 楚国 安宁 吉利 长寿 和平 "
    "东方 高新 开放 开发 中心 经济 工业 园林 市中 郊区 市区 城区 新区 港区 地区 景区 园区 湖区 社区 特区 自治州 "
    "自治县 郡县 商城 开平 兴隆 朝阳 永安 大方 大通 建设 文化 科技 企业 项目 公司 港口 码头 长江 黄河 卫国 武城 "
    "安国 江海 河东 河西 江东 江北 江南 海岛 海湾 北极 南极 沿海 内地 开发区 高新区 南部 北方 自治 各省 各市 各县 "
    "外省 平安 中方 延长 新兴 万年 大名 清水 长子 清新 平定 洞口 石门 建平 莲花 平和 名山 全州 三门 台前 高台 三维 "
    "灯塔 大兴 富民 清流 水城 民和 上高 孝义 开化 大厂 盐池 石棉 定远 民乐 铜鼓 天台 宁远 永新 新民 百强 合作 友好 "
    "友谊 和谐 幸福 光明 宝山 金山 铁山 大安 大同 通道 中区".split()
)
"""Common words that the dictionary also has as the name of a place, or with a word for a kind of place."""


@lru_cache(maxsize=1)
def _sorted() -> tuple[bytes, Sequence[int]]:
    """Return jieba's dictionary, sorted, and where each of its lines ``word frequency tag`` starts, and the end.

    It takes 6 MB and a tenth of a second; a dictionary of Python's takes 20 and four.
    """
    lines = sorted(dictionary().splitlines())
    return b"".join(lines), array("I", accumulate(map(len, lines), initial=0))
