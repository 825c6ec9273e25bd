"""``parkqa read``: what is shown of a file, and its JSON."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import papers
from command_line import run
from office import stand_in
from papers import Paper
from parkqa.cli.stopping import TERMINATED

RTF = b"{\\rtf1\\ansi text}"
"""A file that LibreOffice is needed for."""


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


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows knows no SIGTERM")
def test_a_reader_that_is_told_to_end_leaves_nothing_behind(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    for name in ("made", "cache"):
        (tmp_path / name).mkdir()
    (tmp_path / "旧.rtf").write_bytes(RTF)
    body = (
        "if '--version' in argv:\n    print('LibreOffice 7.4'); raise SystemExit\n"
        f"open({str(begun)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)"
    )
    settings = {
        "PARKQA_OFFICE": str(stand_in(tmp_path, body)),
        "PARKQA_CACHE": str(tmp_path / "cache"),
        "PARKQA_OCR": "off",
        "TMPDIR": str(tmp_path / "made"),
    }
    program = [sys.executable, "-m", "parkqa", "read", str(tmp_path / "旧.rtf")]
    with subprocess.Popen(program, env=os.environ | settings, stderr=subprocess.DEVNULL) as process:
        end = time.monotonic() + 120
        while not (begun.exists() and begun.read_text()) and process.poll() is None and time.monotonic() < end:
            time.sleep(0.1)
        assert [*(tmp_path / "made").iterdir()]
        process.terminate()
        assert process.wait(120) == TERMINATED
    assert not [*(tmp_path / "made").iterdir()]
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert not psutil.pid_exists(int(begun.read_text()))
