"""The wheels that one system needs, found out from the wheels' own metadata.

pip cannot do this for another system: it weighs the conditions of a requirement (``sys_platform == …``) by the machine
that it runs on. So each wheel is fetched alone, and what it requires there is read from it.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from email.parser import HeaderParser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename

from parkqa.errors import ParkqaError

PLATFORMS = {
    "linux": [f"manylinux_2_{minor}_x86_64" for minor in range(28, 4, -1)]
    + ["manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64", "linux_x86_64"],
    "windows": ["win_amd64"],
}
"""The wheels' names for each system, the newest first: Debian 10, RHEL 8 and later; Windows on x86-64."""
CONDITIONS = {
    "linux": {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"},
    "windows": {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64"},
}
PYTHON = (sys.version_info.major, sys.version_info.minor)
GRAPHICS = ("nvidia-", "cuda-", "triton")


class Wheels:
    """The wheels for one of PLATFORMS, in ``folder``; pure ones that are at hand already lie in ``common``."""

    def __init__(self, platform: str, folder: Path, common: Path, constraints: Path) -> None:
        self.platform = platform
        self.folder = folder
        self.common = common
        self.constraints = constraints
        version = ".".join(map(str, PYTHON))
        self._conditions = CONDITIONS[platform] | {
            "python_version": version,
            "python_full_version": f"{version}.9",
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_version": "",
        }

    def fetch(self, root: str) -> None:
        """Fetch all that ``root`` needs, round by round.

        Raises:
            ParkqaError: a wheel cannot be had, or torch wants a graphics card.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        while missing := self.missing(root):
            if any(name.startswith(GRAPHICS) for name in missing):
                raise ParkqaError(
                    "pip 给的 torch 带显卡支持，有好几 GB：请把 PIP_EXTRA_INDEX_URL 设为 PyTorch 的 CPU 安装源再试。",
                    "pip gives a torch for graphics cards, several GB: set PIP_EXTRA_INDEX_URL to PyTorch's CPU index.",
                )
            self._download(missing)

    def _download(self, missing: dict[str, str]) -> None:
        tags = [word for tag in PLATFORMS[self.platform] for word in ("--platform", tag)]
        version = ".".join(map(str, PYTHON))
        command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--quiet", "--no-deps"]
        command += ["--only-binary", ":all:", "--implementation", "cp", "--python-version", version, *tags]
        command += ["--find-links", str(self.common), "--constraint", str(self.constraints)]
        command += ["--dest", str(self.folder), *missing.values()]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode or set(missing) & set(self.missing(*missing.values())):
            names, why = "、".join(missing), (done.stderr.strip().splitlines() or ["?"])[-1]
            raise ParkqaError(
                f"取不到 {self.platform} 的安装包（{names}）：{why}",
                f"A wheel for {self.platform} cannot be had ({', '.join(missing)}): {why}",
            )

        for pure in self.folder.glob("*-none-any.whl"):
            # One for all systems.
            pure.replace(self.common / pure.name)

    def missing(self, *roots: str) -> dict[str, str]:
        """Return what is required here and not there yet, by name: the whole of it when nothing is there."""
        found = self.found()
        seen: set[tuple[str, str]] = set()
        missing: dict[str, str] = {}
        todo = [Requirement(root) for root in roots]
        while todo:
            needed = todo.pop()
            name = canonicalize_name(needed.name)
            file = found.get(name)
            if file is None:
                missing.setdefault(name, f"{needed.name}{needed.specifier}")
                continue
            for extra in {"", *needed.extras}:
                if (name, extra) not in seen:
                    seen.add((name, extra))
                    todo += self._requires(file, extra)
        return missing

    def found(self) -> dict[str, Path]:
        """Return the wheels that are there and fit, by name."""
        tags = self._tags()
        files = [*self.folder.glob("*.whl"), *self.common.glob("*.whl")]
        parsed = [(parse_wheel_filename(file.name), file) for file in files]
        return {name: file for (name, _, _, own), file in parsed if own & tags}

    def _tags(self) -> frozenset[Tag]:
        platforms = PLATFORMS[self.platform]
        interpreter = f"cp{PYTHON[0]}{PYTHON[1]}"
        return frozenset([*cpython_tags(PYTHON, platforms=platforms), *compatible_tags(PYTHON, interpreter, platforms)])

    def _requires(self, file: Path, extra: str) -> list[Requirement]:
        with zipfile.ZipFile(file) as wheel:
            name = next(
                name for name in wheel.namelist() if name.endswith(".dist-info/METADATA") and name.count("/") == 1
            )
            metadata = HeaderParser().parsestr(wheel.read(name).decode("utf-8"))
        required = [Requirement(line) for line in metadata.get_all("Requires-Dist", [])]
        conditions = self._conditions | {"extra": extra}
        return [needed for needed in required if needed.marker is None or needed.marker.evaluate(conditions)]
