"""``parkqa read``: what is shown of a file, and its JSON."""

import json
from pathlib import Path

import pytest

import papers
from command_line import run
from papers import Paper


def test_a_file_is_shown_as_it_is_read_and_will_be_quoted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "手册.pdf").write_bytes(papers.handbook_pdf())
    assert run("read", str(tmp_path / "手册.pdf")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "园区投资手册"
    read, told, passages = (
        lines.index(next(line for line in lines if line.startswith(f"── {part}")))
        for part in ("读到", "没有收", "引用")
    )
    assert [line for line in lines[read:told] if "#" in line][:2] == ["# 园区投资手册", "  ## 第一章 区位交通"]
    assert any(line.endswith("▦ 扬子江船业 | 造船 | 300") for line in lines[read:told])
    assert "[2]" in lines[read:told]
    assert any("靖江园区投资手册" in line for line in lines[told:passages])
    assert lines[-1] == "招商热线：0523-80000000"


@pytest.mark.slow
def test_the_json_has_slices_of_its_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "手册.pdf").write_bytes(papers.handbook_pdf())
    assert run("read", str(tmp_path / "手册.pdf"), "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["document"], shown["title"]) == ("手册.pdf", "园区投资手册")
    for part in (*shown["blocks"], *shown["passages"]):
        assert part["text"] == shown["text"][part["start"] : part["end"]] != ""
    assert {"zh", "en", "warns"} == set(shown["notes"][0])


@pytest.mark.slow
@pytest.mark.parametrize("as_json", [True, False])
def test_a_file_that_cannot_be_read_says_why_and_is_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    paper = Paper()
    paper.picture()
    (tmp_path / "扫描.pdf").write_bytes(paper.save())
    (tmp_path / "旧.doc").write_bytes(b"x")
    for name, why in (("扫描.pdf", "第 1 页是扫描的图片"), ("旧.doc", "另存为 .docx"), ("没有.md", "读不了")):
        assert run("read", str(tmp_path / name), *["--json"] * as_json) == 2
        said = capsys.readouterr()
        assert why in (json.loads(said.out)["error"] if as_json else said.err)
        assert "Traceback" not in said.err
