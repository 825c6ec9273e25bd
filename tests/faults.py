"""Does to an index what should never happen to it, and looks each time whether visitors notice.

    python tests/faults.py --moments 50

A server answers all the while. After each fault its answers, and those of an engine opened anew, must be whole, and
each quote the slice of the old text or of the new one that it says. The model is a stub: it gives the same vectors
in every process and takes no time, so that moments fall into every stage of a build. Exit status 1 when one failed.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path

from fault_place import OLD, Fault, Place, Skip, served
from faults_of_databases import (
    journal_writers,
    postgres_killed_in_a_build,
    postgres_killed_in_a_question,
    postgres_slow,
    postgres_two_builders,
)
from faults_of_desk import desk_full_disk, desk_killed
from faults_of_documents import corpus_deleted, endless_file, little_memory, long_line, small_files
from faults_of_indexes import (
    copied,
    flipped,
    full_disk,
    killed,
    older_format,
    other_model,
    read_only,
    two_at_once,
    two_servers,
)
from parkqa.errors import ParkqaError

FAULTS: tuple[Fault, ...] = (
    killed,
    full_disk,
    read_only,
    two_at_once,
    flipped,
    other_model,
    older_format,
    copied,
    two_servers,
    corpus_deleted,
    endless_file,
    small_files,
    long_line,
    little_memory,
    postgres_killed_in_a_question,
    postgres_slow,
    postgres_killed_in_a_build,
    postgres_two_builders,
    journal_writers,
    desk_killed,
    desk_full_disk,
)


def suffer(place: Place, fault: Fault, dice: random.Random, moments: int) -> str:
    """Do it; afterwards a build makes the index whole again and the server takes it over."""
    place.write(OLD)
    place.build()
    place.taken_over()
    said = fault(place, dice, moments)
    place.visit()
    return said


def build(folder: Path) -> None:
    """Build in a process of its own; what is wrong is said in a sentence."""
    print("begins", flush=True)
    try:
        Place(folder).build()
    except ParkqaError as error:
        sys.exit(str(error))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moments", type=int, default=50, help="moments of a build to kill it at")
    parser.add_argument("--seed", type=int, default=20031123)
    parser.add_argument("--only", nargs="*", default=[], help="the names of the faults to try; by default all")
    parser.add_argument("--build", type=Path, help="build in this folder: what the program starts itself for")
    given = parser.parse_args()
    if given.build:
        build(given.build)
        return
    dice, failed = random.Random(given.seed), False
    with served() as place:
        for fault in [each for each in FAULTS if not given.only or each.__name__ in given.only]:
            began = time.monotonic()
            try:
                said = suffer(place, fault, dice, given.moments)
            except Skip as why:
                said = f"SKIPPED: {why}"
            except Exception as error:
                said, failed = f"FAILED: {error!r}", True
            print(f"{fault.__name__:30}{time.monotonic() - began:6.1f} s  {said}", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
