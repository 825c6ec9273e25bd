"""A bundle for the stand that was made: ``BUNDLE=dist/parkqa-stand pytest tests/bundled.py``, as `make bundle` does.

It is tried as on a laptop with no network: in a network namespace of its own, with an empty home.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
BUNDLE = os.environ["BUNDLE"]
TRY = r"""
ip link set lo up
! curl -s -m 2 http://192.0.2.1/ || exit 9
(cd "$1" && PARKQA_JOURNAL=none exec ./start.sh --port 7861 >"$2/out" 2>&1) &
for wait in $(seq 240); do
    curl -s -f http://127.0.0.1:7861/readyz >/dev/null && break
    kill -0 $! 2>/dev/null || break
    sleep 1
done
curl -s http://127.0.0.1:7861/api/ask -d '{"question": "园区什么时候成立的？"}' >"$2/answer"
curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:7861/chat/ >"$2/chat"
kill $!; wait
"""


sys.path.insert(0, str(ROOT / "tools"))
from wheels import Wheels  # noqa: E402


def test_every_wheel_is_there_for_both_systems() -> None:
    folder = Path(BUNDLE) / "wheels"
    for platform in ("linux", "windows"):
        wheels = Wheels(platform, folder / platform, folder / "any", Path(BUNDLE) / "constraints.txt")
        assert wheels.missing("parkqa[documents]") == {}
        assert set(wheels.found().values()) == {*(folder / platform).glob("*.whl"), *(folder / "any").glob("*.whl")}


def test_the_line_ends_are_those_of_each_system() -> None:
    assert b"\r" not in (Path(BUNDLE) / "start.sh").read_bytes()
    batch = (Path(BUNDLE) / "start.bat").read_bytes()
    assert batch.count(b"\n") == batch.count(b"\r\n") > 20
    assert batch.isascii() and b"@" not in batch.replace(b"@echo", b"")
    assert os.access(Path(BUNDLE) / "start.sh", os.X_OK)


def test_it_names_no_path_of_the_machine_that_made_it() -> None:
    files = [path for path in Path(BUNDLE).rglob("*") if path.is_file() and ".venv" not in path.parts]
    for path in files:
        if path.suffix not in (".whl", ".safetensors"):
            raw = path.read_bytes()
            assert str(ROOT).encode() not in raw and str(Path.home()).encode() + b"/" not in raw, path


def test_it_sets_up_and_answers_with_no_network(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    command = ["unshare", "-rn", "sh", "-c", TRY, "sh", str(Path(BUNDLE).resolve()), str(tmp_path)]
    subprocess.run(command, check=True, env=kept | {"HOME": str(home)}, timeout=600)
    said = (tmp_path / "out").read_text(encoding="utf-8")
    answer = json.loads((tmp_path / "answer").read_text(encoding="utf-8"))
    assert answer["quotes"][0]["text"].startswith("2003年8月29日"), said
    assert (tmp_path / "chat").read_text() == "200", said
    # Nothing was embedded anew; what a home gets is the word list as jieba keeps it, made from the package.
    assert "已建索引" not in said
    assert {path.name for path in home.rglob("*") if path.is_file() and "parkqa" in str(path)} <= {"jieba.cache"}
