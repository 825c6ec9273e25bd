"""Single values of the curated files are changed, and not a character besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from parkqa.corpus.curation.edits import BadEdit
from parkqa.corpus.curation.values import Value, with_entry, with_new_entry, with_values, without_entry
from parkqa.corpus.curation.yaml_source import compose, construct

PARK = """# head
name: 园区 # 简称
# before suggestions
suggestions:
  # first
  - 园区什么时候成立？ # eol
  - "第二：问？"
  # third
  - 第三
# before contact
contact:
  telephone: "0510-1" # tel
  address: 东门
empty:
colour: '#0b6b76'
description: |
  长长的
  两行
# tail
documents:
  a.pdf:
    date: "2024"
"""
LISTED = """# 词表
- terms: [园区, 开发区]  # c
  en: [park]
# second
- terms:
    - 甲
    - 乙 # yi
  note: 说明

- en: [a]
  terms: [丙]
"""


def read(text: str) -> Any:
    node = compose(text)
    return None if node is None else construct(node)


@pytest.mark.parametrize(
    ("values", "lost", "gained"),
    [
        ({"name": "苏州: 园区"}, ["name: 园区 # 简称"], ['name: "苏州: 园区" # 简称']),
        ({"colour": "#fff"}, ["colour: '#0b6b76'"], ["colour: '#fff'"]),
        ({"name": "null"}, ["name: 园区 # 简称"], ['name: "null" # 简称']),
        ({"suggestions": ["园区什么时候成立？", "第三"]}, ['  - "第二：问？"'], []),
        ({"suggestions": ["零", "园区什么时候成立？", "第二：问？", "第三", "四"]}, [], ["  - 零", "  - 四"]),
        ({"suggestions": []}, ["suggestions:", "  # first", "  - 园区什么时候成立？ # eol"], []),
        ({"contact": {"telephone": "1", "hours": "8点"}}, ["  address: 东门"], ["  hours: 8点"]),
        ({"contact": "东门"}, ["contact:", '  telephone: "0510-1" # tel', "  address: 东门"], ["contact: 东门"]),
        ({"description": "一行"}, ["description: |", "  长长的", "  两行"], ["description: 一行"]),
        ({"empty": "有了"}, ["empty:"], ["empty: 有了"]),
        ({"empty": ""}, ["empty:"], []),
        (
            {"short_names": ["园", "苏园"], "english_name": "Park"},
            [],
            ["short_names: [园, 苏园]", "english_name: Park"],
        ),
        ({"colour": "", "missing": ""}, ["colour: '#0b6b76'"], []),
    ],
)
def test_only_the_lines_of_a_value_change(values: Mapping[str, Value], lost: list[str], gained: list[str]) -> None:
    before, after = PARK.splitlines(), with_values(PARK, values).splitlines()
    assert all(line in before and line not in after for line in lost)
    assert all(line in after for line in gained)
    changed = ("suggestions", "contact")  # of these, lines change by one character or go together
    if not set(values) & set(changed):
        assert [line for line in before if line not in lost] == [line for line in after if line not in gained]
    assert all(comment in after for comment in before if comment.startswith("#"))


def test_what_is_the_same_changes_nothing() -> None:
    same = {"name": "园区", "suggestions": ["园区什么时候成立？", "第二：问？", "第三"], "colour": "#0b6b76"}
    assert with_values(PARK, same) == PARK
    assert with_entry(LISTED, 1, {"terms": ["甲", "乙"], "note": "说明"}) == LISTED


def test_an_entry_is_changed_added_and_taken_out() -> None:
    changed = with_entry(LISTED, 1, {"terms": ["甲", "丁"], "en": ["x"], "note": ""})
    assert "    - 丁 # yi\n  en: [x]\n\n- en" in changed
    assert without_entry(LISTED, 1) == LISTED.replace("- terms:\n    - 甲\n    - 乙 # yi\n  note: 说明\n", "")
    assert with_entry(LISTED, 2, {"en": []}) == LISTED.replace("- en: [a]\n  terms", "- terms")
    assert with_new_entry(LISTED, {"terms": ["新", "旧"]}) == LISTED + "- terms: [新, 旧]\n"
    assert with_new_entry("# 词表", {"questions": ["几点？"], "quote": "7点"}).splitlines() == [
        "# 词表",
        "- questions:",
        "  - 几点？",
        "  quote: 7点",
    ]
    assert without_entry("# 词表\n- terms: [a, b]\n", 0) == "# 词表\n"
    assert with_values("# 只有注释\n", {"name": "园"}) == "# 只有注释\nname: 园\n"


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("a: [1", lambda text: with_values(text, {"a": "b"})),
        ("- a", lambda text: with_values(text, {"a": "b"})),
        ("name: &x 园\nshort: *x\n", lambda text: with_values(text, {"name": "新"})),
        ("- a: [b, # why\n   c]\n", lambda text: with_entry(text, 0, {"a": ["d"]})),
        ("- a: [b]\n", lambda text: with_entry(text, 5, {"a": ["d"]})),
        ("[{a: b}]", lambda text: with_new_entry(text, {"a": "d"})),
        ("a: b\n", lambda text: without_entry(text, 0)),
    ],
)
def test_what_cannot_be_changed_safely_is_refused(text: str, change: Any) -> None:
    with pytest.raises(BadEdit):
        change(text)


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=8).map(str.strip)
WORDS = st.lists(TEXT.filter(bool), max_size=4, unique=True)


@given(WORDS, WORDS, TEXT, st.booleans())
def test_whatever_is_written_is_read_back(old: Sequence[str], new: Sequence[str], name: str, block: bool) -> None:
    yaml, out = YAML(), StringIO()
    yaml.default_flow_style = not block
    yaml.dump([{"terms": [*old], "note": "x"}, {"terms": ["y"]}], out)
    if not block and "#" in out.getvalue():
        return
    after = read(with_entry(out.getvalue(), 0, {"terms": new, "note": name}))
    wanted = {key: value for key, value in (("terms", [*new]), ("note", name)) if value}
    assert after == ([wanted, {"terms": ["y"]}] if wanted else after)
