"""The documentation names every command, option and setting that exists and no others; its links lead somewhere."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from typer.main import get_command

from parkqa.cli.commands import app
from parkqa.settings import Settings
from paths import ROOT

READMES = (ROOT / "README.md", ROOT / "README.en.md")
DOCS = tuple(sorted((ROOT / "docs").glob("*.md")))
PAGES = (*READMES, ROOT / "CONTRIBUTING.md", *DOCS)
LONGEST_README = 140
"""Lines of a README at most; more goes into a page of docs/."""
SETTINGS = {f"PARKQA_{name.upper()}" for name in Settings.model_fields}
SETTING = re.compile(r"PARKQA_[A-Z_]*[A-Z]")
CODE = re.compile(r"```\w*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
CALL = re.compile(r"^\s*(?:\$ +|\w+=\S+ +)*(?:\S*[/\\])?parkqa(?:\.exe)? ([^#|<>\n]+)", re.MULTILINE)
ATTRIBUTE = re.compile(r"""\b(?:src|href)=["']([^"']+)["']""")
IDENTIFIER = re.compile(r"""\b(?:id|name)=["']([^"']+)["']""")
PARSER = MarkdownIt("commonmark").enable("table")


def text_of(pages: tuple[Path, ...]) -> str:
    return "\n".join(page.read_text(encoding="utf-8") for page in pages)


# Commands and options


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def options(command: Any) -> set[str]:
    return {"--help"} | {
        name
        for parameter in command.params
        for name in (*parameter.opts, *parameter.secondary_opts)
        if name.startswith("-")
    }


PROGRAM = get_command(app)
COMMANDS = {(): PROGRAM, **dict(commands(PROGRAM))}
"""The program itself and every command that does something, by its words: ``("model", "list")``."""


def calls(text: str) -> list[list[str]]:
    """Return the words after ``parkqa`` of each call in the code of ``text``."""
    code = "\n".join(block or span for block, span in CODE.findall(text))
    return [shlex.split(call.replace("[", " ").replace("]", " ")) for call in CALL.findall(code)]


def command_of(words: list[str]) -> tuple[str, ...] | None:
    """Return the words that name the command called; None where there is no such command."""
    names = tuple(takewhile(lambda word: not word.startswith("-"), words))
    return next((names[:count] for count in (2, 1) if names[:count] in COMMANDS), None) if names else ()


def unknown(text: str) -> list[list[str]]:
    """Return the calls in ``text`` of a command or with an option that does not exist."""
    wrong = []
    for words in calls(text):
        command = COMMANDS.get(command_of(words))
        given = {word.partition("=")[0] for word in words if re.match("--?[a-z]", word)}
        if command is None or given - options(command):
            wrong.append(words)
    return wrong


def test_every_command_is_documented_with_its_options() -> None:
    given: dict[tuple[str, ...] | None, set[str]] = {}
    for words in calls(text_of(DOCS)):
        given.setdefault(command_of(words), set()).update(word for word in words if word.startswith("-"))
    missing = {name: options(command) - given.get(name, set()) - {"--help"} for name, command in COMMANDS.items()}
    assert {name: sorted(left) for name, left in missing.items() if left or name not in given} == {}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_names_a_command_or_option_that_does_not_exist(page: Path) -> None:
    assert unknown(text_of((page,))) == []


@pytest.mark.parametrize(
    "text", ["`parkqa fly`", "`parkqa build --faster`", "```sh\n$ .venv/bin/parkqa model import --now\n```"]
)
def test_what_does_not_exist_is_noticed(text: str) -> None:
    assert unknown(text)


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    code = "\n".join(block or span for block, span in CODE.findall(text_of(PAGES)))
    named = set(re.findall(r"^ *make ([a-z]+)", code, re.MULTILINE))
    assert {"run", "test"} <= named <= targets


@pytest.mark.parametrize("readme", READMES, ids=lambda page: page.name)
def test_the_first_code_of_a_readme_runs_and_tests(readme: Path) -> None:
    first = CODE.search(text_of((readme,)))
    assert first
    assert re.findall(r"^make (\w+)", first[1] or "", re.MULTILINE) == ["run", "test"]


# Settings


def test_every_setting_is_documented_and_no_other() -> None:
    table = [line for line in text_of((ROOT / "docs/settings.md",)).splitlines() if line.startswith("| `PARKQA_")]
    rows = [SETTING.findall(line)[0] for line in table]
    assert sorted(rows) == sorted(SETTINGS)
    assert set(SETTING.findall(text_of(PAGES))) == SETTINGS


def test_the_table_of_settings_has_the_defaults() -> None:
    cells = re.findall(r"^\| `PARKQA_(\w+)` \| ([^|]+) \|", text_of((ROOT / "docs/settings.md",)), re.MULTILINE)
    # What lies in a folder of the user's is described in words.
    given = {name.lower(): cell.strip("`") for name, cell in cells if not cell.startswith("用户")}
    defaults = {name: field.default for name, field in Settings.model_fields.items() if name in given}
    assert len(given) == len(SETTINGS) - 3
    assert given == {
        name: "空 empty" if default in ("", (), None) else str(default).lower() for name, default in defaults.items()
    }


# Links


def tokens(text: str) -> Iterator[Token]:
    for token in PARSER.parse(text):
        yield token
        yield from token.children or ()


def links(text: str) -> list[str]:
    """Return what links and images of a page lead to, those written in HTML too; code holds none."""
    found = []
    for token in tokens(text):
        if token.type in ("html_block", "html_inline"):
            found += ATTRIBUTE.findall(token.content)
        elif target := token.attrGet("href") or token.attrGet("src"):
            found.append(unquote(str(target)))
    return found


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading: lower case, no punctuation, a hyphen for each blank."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(text: str) -> set[str]:
    """Return what a link to a page can name after ``#``."""
    found: list[str] = []
    parsed = PARSER.parse(text)
    for opening, inside in pairwise(parsed):
        if opening.type == "heading_open":
            name = slug(
                "".join(child.content for child in inside.children or () if child.type in ("text", "code_inline"))
            )
            seen = len([one for one in found if re.fullmatch(re.escape(name) + r"(?:-\d+)?", one)])
            found.append(f"{name}-{seen}" if seen else name)
    html = "".join(token.content for token in tokens(text) if token.type.startswith("html_"))
    return {*found, *IDENTIFIER.findall(html)}


def broken(page: Path, text: str) -> list[str]:
    """Return the links of a page, here ``text``, to a file or heading that does not exist."""
    wrong = []
    for link in links(text):
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (page.parent / parts.path).resolve() if parts.path else page
        if not target.exists() or not target.is_relative_to(ROOT):
            wrong.append(link)
        elif parts.fragment:
            held = text if target == page else text_of((target,)) if target.suffix == ".md" else ""
            wrong += [link] if parts.fragment not in anchors(held) else []
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    assert broken(page, text_of((page,))) == []


@pytest.mark.parametrize(
    "text",
    [
        "[x](docs/nothing.md)",
        "[x](#nothing)",
        "[x](docs/settings.md#nothing)",
        "![x](docs/images/nothing.png)",
        '<img src="docs/images/nothing.png" alt="x">',
        "| a |\n|---|\n| [x](nothing.md) |",
        "[x](../outside.md)",
    ],
)
def test_a_link_that_leads_nowhere_is_noticed(text: str) -> None:
    assert broken(READMES[0], text)


def test_links_that_lead_somewhere_are_taken() -> None:
    text = "# 三个：a.yaml、`b`\n## B\n## B\n[1](#三个ayamlb) [2](#b-1) [3](https://a.org) `[4](no)` [5](LICENSE)"
    assert broken(READMES[0], text) == []
    assert len(links(text)) == 4


@pytest.mark.slow
def test_every_page_can_be_reached_from_each_readme() -> None:
    for readme in READMES:
        reached: set[Path] = set()
        waiting = [readme]
        while waiting:
            page = waiting.pop()
            if page in reached or page in set(READMES) - {readme}:
                continue
            reached.add(page)
            targets = [urlsplit(link) for link in links(text_of((page,)))]
            paths = [(page.parent / target.path).resolve() for target in targets if not target.scheme and target.path]
            waiting += [path for path in paths if path in PAGES]
        assert set(PAGES) - set(READMES) - reached == set()


# The two READMEs


def outline(text: str) -> list[tuple[str, list[str], list[str]]]:
    """Return what must be the same in both languages, section by section, the one before the first heading included.

    Level of the heading; files that links and images lead to, the READMEs aside; lines of code without their comments.
    """
    sections: list[tuple[str, list[str], list[str]]] = [("", [], [])]
    for token in tokens(text):
        if token.type == "heading_open":
            sections.append((token.tag, [], []))
        elif token.type == "fence":
            lines = (re.sub(r"\s+# .*", "", line) for line in token.content.splitlines())
            sections[-1][2].extend([token.info, *lines])
        else:
            html = ATTRIBUTE.findall(token.content) if token.type in ("html_block", "html_inline") else ()
            target = token.attrGet("href") or token.attrGet("src")
            files = [urlsplit(str(link)).path for link in (*html, *([target] if target else ()))]
            sections[-1][1].extend(file for file in files if file and not file.startswith("README"))
    return sections


def test_both_readmes_have_the_same_sections_in_the_same_order() -> None:
    chinese, english = (outline(text_of((page,))) for page in READMES)
    assert chinese == english
    assert len(chinese) > 8


def test_a_section_code_or_link_in_one_readme_only_is_noticed() -> None:
    text = text_of(READMES[:1])
    for changed in (
        text.replace("\n### Windows", "\n## Windows"),
        text.replace("--lan ", ""),
        text.replace("docs/security.md", "docs/settings.md", 1),
        text + "\n## 附\n",
    ):
        assert changed != text
        assert outline(changed) != outline(text)


@pytest.mark.parametrize("readme", READMES, ids=lambda page: page.name)
def test_a_readme_is_short(readme: Path) -> None:
    assert len(text_of((readme,)).splitlines()) <= LONGEST_README


def test_the_pages_are_plain_files_below_the_root() -> None:
    assert len(DOCS) > 10
    assert [page for page in PAGES if not page.is_file()] == []
