"""Imports a library without the packages that only those of its functions need which are never called.

With itself sentence-transformers imports scikit-learn, SciPy, PEFT, Accelerate and Datasets: a third of its time and 90
MB or more, for training and metrics. Gradio imports pandas, for tables and plots. Here their modules are placeholders
that can be imported, and import the package itself where anything of it is used.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.metadata import version
from importlib.util import find_spec
from threading import Lock
from types import ModuleType
from typing import Any

TRAINING = ("accelerate", "datasets", "peft", "scipy", "sklearn")
"""What only training and metrics of sentence-transformers need."""
_LOCK = Lock()


@contextmanager
def postponed(*packages: str) -> Iterator[None]:
    """Context manager in which an import of these packages gives placeholders.

    Packages that are imported already, or not installed, stay as they are, and afterwards an import of a postponed one
    imports it as ever. One thread at a time is let in.

    >>> with postponed(*TRAINING):
    ...     from sentence_transformers import SentenceTransformer
    """
    with _LOCK:
        finder = _Finder({name for name in packages if name not in sys.modules and find_spec(name)})
        sys.meta_path.insert(0, finder)
        try:
            yield
        finally:
            sys.meta_path.remove(finder)
            for name in packages:
                _forget(name)


class _Finder(MetaPathFinder, Loader):
    """Finds the modules of postponed packages, and makes placeholders of them."""

    def __init__(self, packages: set[str]) -> None:
        self.packages = packages

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return ModuleSpec(name, self, is_package=True) if name.partition(".")[0] in self.packages else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing in it."""


class _Module(ModuleType):
    """A module that gives a placeholder for whatever is imported from it."""

    def __getattr__(self, name: str) -> Any:
        if name == "__version__":  # asked for by model cards
            return version(self.__name__)
        if name.startswith("__"):
            raise AttributeError(name)
        return _Placeholder(name, (), {"at": (self.__name__, name)})


class _Placeholder(type):
    """Stands for a class, function or value of a postponed module; where it is called or looked into, it is imported.

    It is a class, so that it may stand in annotations and before ``isinstance``.
    """

    at: tuple[str, str]

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        return cls._itself()(*args, **kwargs)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(cls._itself(), name)

    def __instancecheck__(cls, instance: object) -> bool:
        return cls._is_imported() and isinstance(instance, cls._itself())

    def __subclasscheck__(cls, subclass: type) -> bool:
        return cls._is_imported() and issubclass(subclass, cls._itself())

    def _is_imported(cls) -> bool:
        """Whether there can be an instance of it."""
        return not isinstance(sys.modules.get(cls.at[0]), _Module | None)

    def _itself(cls) -> Any:
        module, name = cls.at
        package = module.partition(".")[0]
        for finder in sys.meta_path:
            if isinstance(finder, _Finder):
                finder.packages.discard(package)
        _forget(package)
        return getattr(importlib.import_module(module), name)


def _forget(package: str) -> None:
    """Remove the placeholders of a package, so that the next import finds the package itself."""
    for name, module in list(sys.modules.items()):
        if isinstance(module, _Module) and name.partition(".")[0] == package:
            del sys.modules[name]
