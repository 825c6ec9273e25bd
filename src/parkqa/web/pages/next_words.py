"""Which word may come next in a question: what the keyboard on the page offers before a letter is typed."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from parkqa.query.vocabulary import Vocabulary
from parkqa.text.characters import HAN
from parkqa.text.folding import folded

START, ANY = "^", "*"
"""Stand for the beginning of a question, and for any word that has no line of its own."""
_GRAMMAR = {
    line.split(maxsplit=1)[0]: line.split()[1:]
    for line in """
^ 园区 有没有 怎么 附近 你们 请问 哪里 企业 公司 什么 谁 联系电话 入驻 停车场 食堂 可以 需要 我 从 地址
* 的 是 有 在 吗 怎么 多少 和 需要 可以 有哪些 什么时候 里 有没有 在哪里 是什么 能 要 到 有多少 呢 电话
的 电话 地址 面积 条件 费用 价格 政策 时间 特色 优势 名字 历史
是 什么 多少 谁 哪里 哪些 哪一年 在 怎么 几 哪个 什么时候 不是
在 哪里 哪 什么 哪个 哪一年 园区 几楼 附近 什么时候 建设 哪儿 这里
有 哪些 多少 没有 什么 多大 几个 几家 吗 多远 优惠 食堂 地铁
有没有 食堂 地铁 停车场 优惠 宿舍 公交 医院 学校 员工 补贴 幼儿园 电话
有多 大 少 远 长 高 久 宽 少人 少家 少钱
多少 钱 家 人 年 企业 个 亿 公里 平方米 亩 员工 费用
什么 时候 地方 位置 条件 政策 优惠 名字 要求 意思 材料 产业 服务
怎么 申请 办理 联系 走 收费 去 入驻 预约 报名 样 过来 办
如何 申请 办理 联系 入驻 预约 收费 报名 去 保护 参观 注册 查询
哪 里 些 一年 几 个 家 年 位 种 天 几个 一天
哪些 企业 产业 条件 政策 优惠 材料 荣誉 服务 项目 公司 费用 部门
几 个 家 点 年 天 楼 种 号 类 层 次
谁 负责 管 是 来 可以 在 投资 开发 的
可以 吗 入驻 参观 申请 停车 办理 在 怎么 享受 使用 注册 报名
能 不能 吗 在 享受 办理 申请 停车 用 享受到 多少 入驻
要 多少 什么 哪些 多久 几 交 准备 多长时间 怎么 办 建设 在
需要 什么 多少 哪些 多久 多长时间 准备 几 交 怎么 办理 提供 满足
到 机场 高铁站 市区 园区 哪里 怎么 多少 什么 火车站 底
离 市区 机场 高铁站 园区 有多远 多远 火车站 地铁站 最近 高速
从 机场 高铁站 市区 哪里 火车站 什么时候 怎么
请 问 介绍 帮 告诉 联系
请问 园区 有没有 怎么 在 哪里 你们 是 附近 有 什么 企业 可以
附近 有没有 有 的 哪里 怎么 可以 酒店 地铁站 公交站 医院 学校 餐厅
你们 园区 有 的 在 是 怎么 有没有 那里 电话 公司 可以
了 吗 多少 什么 哪些 多久 几 多少年 没有 哪 谁 呢
过 哪些 什么 吗 多少 几次 的 谁 没有
和 园区 企业 什么 哪里 谁 电话 地址 政策
里 有 有没有 的 可以 能 吃饭 停车 有哪些
吗
呢
""".strip().splitlines()
}
"""How questions to a park go on, the likeliest first; chosen by hand. START and ANY have a line, too."""
KEYS, EACH, TWICE = 3_000, 6, 2
"""Largest number of words of the documents that have followers, of followers each, and how often these must occur
together; chosen by hand: a stand's page loads at most 200 kB of them before compression."""
_CHINESE = re.compile(f"[{HAN}]+")


def next_words(vocabulary: Vocabulary, texts: Iterable[str], questions: Sequence[str]) -> str:
    """Return lines ``word<TAB>next next …``, the likeliest first; the line of a word of grammar begins with "=".

    After such a word nothing else is likely; after any other, what stands under ANY is likely too. The followers are
    those of the ``questions`` known to have an answer, those of grammar, and those of the documents' ``texts``.
    """
    asked, told = _followers(vocabulary, questions), _followers(vocabulary, texts)
    # What the park is, as its name ends: 小镇, 开发区.
    ends = [name[-size:] for name in vocabulary.names for size in (2, 3)]
    kinds = [end for end in ends if _CHINESE.fullmatch(end) and vocabulary.segmenter.knows(end)]
    lines = [_line(f"={START}", kinds, _most(asked[START], EACH, 2), _GRAMMAR[START])]
    for word in _GRAMMAR.keys() - {START}:
        known = [] if word == ANY else _most(asked[word], EACH, 1)
        more = [] if word == ANY else _most(told[word], EACH, TWICE)
        lines.append(_line(f"={word}", _GRAMMAR[word], known, more))
    frequent = sorted(told.keys() | asked.keys(), key=lambda word: -told[word].total() - asked[word].total())
    for word in [word for word in frequent if word not in _GRAMMAR][:KEYS]:
        found = [*_most(asked[word], EACH, 1), *_most(told[word], EACH, TWICE)]
        lines += [_line(word, found[:EACH])] if found else []
    return "\n".join(lines)


def _line(word: str, *nexts: Sequence[str]) -> str:
    return f"{word}\t{' '.join(dict.fromkeys(one for some in nexts for one in some))}"


def _followers(vocabulary: Vocabulary, texts: Iterable[str]) -> defaultdict[str, Counter[str]]:
    """How often each word follows another; of a text's first word, it follows START."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        for run in _CHINESE.finditer(folded(text)):
            words = vocabulary.segmenter.cut(run[0])
            for one, other in pairwise([START, *words] if run.start() == 0 else words):
                found[one][other] += 1
    return found


def _most(counted: Counter[str], number: int, least: int) -> list[str]:
    return [word for word, count in counted.most_common(number) if count >= least]
