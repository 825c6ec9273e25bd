"""What is postponed is imported where it is used, not before, and afterwards as ever."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from parkqa.models.library import TRAINING, postponed

FILES = {
    "heavy/__init__.py": "from heavy.parts import Part\n__version__ = '1.2'\n",
    "heavy/parts.py": "class Part:\n    limit = 3\n    def __init__(self, size=1):\n        self.size = size\n",
    "user.py": """
from __future__ import annotations
import heavy
from heavy import Part
from heavy.parts import Part as Same
def is_part(thing): return isinstance(thing, Part)
def made(size): return Part(size=size)
def known(thing: Part | None = None): return issubclass(int, Part)
""",
    "eager.py": "from heavy.parts import Part\nMADE = Part(7)\n",
}


@pytest.fixture(autouse=True)
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


def imported(name: str) -> Any:
    with postponed("heavy"):
        return __import__(name)


def test_it_is_imported_at_its_first_use() -> None:
    user = imported("user")
    assert not [name for name in sys.modules if name.startswith("heavy")]
    assert not user.is_part(3)
    assert not user.known()
    assert "heavy" not in sys.modules
    part = user.made(5)
    assert part.size == 5
    assert user.is_part(part)
    assert user.Part.limit == 3
    assert sys.modules["heavy"].Part is type(part)


def test_what_a_module_uses_while_it_is_imported_is_there() -> None:
    assert imported("eager").MADE.size == 7


def test_afterwards_an_import_is_the_package_itself() -> None:
    imported("user")
    import heavy  # type: ignore[import-not-found]

    assert heavy.__version__ == "1.2"


def test_what_is_imported_already_stays_as_it_is() -> None:
    import heavy

    assert imported("user").Part is heavy.Part


def test_what_is_not_installed_is_missed_as_ever() -> None:
    with postponed("no_such_package"), pytest.raises(ModuleNotFoundError):
        __import__("no_such_package")


@pytest.mark.model
def test_models_are_loaded_and_used_without_them() -> None:
    code = """
import sys
from parkqa.models.loading import load_encoder, load_reranker
from parkqa.settings import load_settings
encoder, reranker = load_encoder(load_settings()), load_reranker(load_settings())
encoder.encode_passages(["园区"]), encoder.encode_queries(["园区"]), reranker.score("园区", ["园区"])
print(*(name for name in sys.argv[1:] if name in sys.modules))
import sklearn.metrics, peft
print(sklearn.metrics.pairwise_distances([[0.0], [3.0]])[0, 1], peft.PeftModel.__name__)
"""
    load = subprocess.run([sys.executable, "-c", code, *TRAINING], capture_output=True, text=True, check=True)
    assert load.stdout.splitlines() == ["", "3.0 PeftModel"]
