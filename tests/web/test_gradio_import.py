"""Gradio is imported without reading its sources and writing stub files beside them."""

from __future__ import annotations

import inspect
import json
from typing import Any

import pytest

from parkqa.web.pages.gradio_import import without_stub_files


def component() -> Any:
    """A component class as Gradio makes one, said to come from a file of Gradio's in which it does not stand."""
    import gradio  # Here: it takes seconds, in each of the processes that collect the tests.

    return type(gradio.HTML)("Own", (gradio.HTML,), {"__module__": "gradio.components.html", "EVENTS": []})


def test_no_source_of_gradio_is_read_for_a_stub_meanwhile() -> None:
    with without_stub_files():
        assert component().__name__ == "Own"
    with pytest.raises(ValueError, match="source code"):
        component()


def test_other_classes_are_found_meanwhile_and_all_afterwards() -> None:
    import gradio

    with without_stub_files():
        assert inspect.getfile(json.JSONDecoder).endswith("decoder.py")
        with pytest.raises(OSError, match="stub"):
            inspect.getfile(gradio.HTML)
    with pytest.raises(RuntimeError), without_stub_files():
        raise RuntimeError
    assert inspect.getfile(gradio.HTML).endswith("html.py")
