"""``parkqa backup`` and ``parkqa restore``: all that cannot be built again, as one file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from parkqa.cli.options import Corpus, Source
from parkqa.settings import Settings, load_settings

if TYPE_CHECKING:
    from parkqa.desk.restoring import Restored

_WHO = ("parkqa restore", "")
"""Who it is in the trail, and from where."""


def backup(
    file: Annotated[Path, typer.Argument(help="写成的文件 / the file to make", show_default=False)],
    passphrase: Annotated[bool, typer.Option("--passphrase", help="加密码 / seal it with a passphrase")] = False,
    corpus: Corpus = None,
    source: Source = None,
) -> None:
    """备份资料、设置、旧版本和问答记录。 / Back up documents, settings, versions and journal."""
    from parkqa.desk.backup import back_up
    from parkqa.desk.folder import Folder
    from parkqa.desk.parts import parts
    from parkqa.desk.restoring import Restorer
    from parkqa.desk.shelf import Shelf

    settings = load_settings(corpus=corpus, journal=source)
    shelf = Shelf(settings.corpus, Folder.of(settings))
    table = parts(settings, shelf.folder)
    Restorer(shelf, table).carry_on()
    sealed = typed("备份的密码 / passphrase", twice=True) if passphrase else ""
    made = back_up(settings, shelf, table, file, sealed)
    for each in made.left_out:
        print(f"没有备份 / left out: {each}", file=sys.stderr)
    print(f"{file}：{made.documents} 份资料，{made.bytes:,} 字节。 / {made.documents} documents, {made.bytes:,} bytes.")
    if made.messages_until:
        print(
            f"里面有访客留言：到期后（{made.messages_until}）请把这份备份删掉。"
            f" / It holds visitors' messages: delete it by {made.messages_until}, as they are here.",
            file=sys.stderr,
        )
    if not sealed:
        print(
            "没有加密：拿到这个文件就能看到全部内容。 / It is not sealed: who has the file can read all of it.",
            file=sys.stderr,
        )


def restore(
    file: Annotated[Path, typer.Argument(help="备份 / the back-up", show_default=False)],
    corpus: Corpus = None,
    source: Source = None,
) -> None:
    """把备份放回来：全部放回，或什么也不改。 / Put a back-up in place, all of it or nothing."""
    from parkqa.desk.folder import Folder
    from parkqa.desk.parts import parts
    from parkqa.desk.restoring import Restorer
    from parkqa.desk.sealing import is_sealed
    from parkqa.desk.shelf import Shelf

    settings = load_settings(corpus=corpus, journal=source)
    shelf = Shelf(settings.corpus, Folder.of(settings))
    sealed = file.is_file() and is_sealed(file)
    passphrase = typed("备份的密码 / passphrase", twice=False) if sealed else ""
    restorer = Restorer(shelf, parts(settings, shelf.folder))
    _say(restorer.restore(file, passphrase, _WHO, file.name, "corpus"), settings)


def typed(what: str, *, twice: bool) -> str:
    """Ask for a secret, or take the first line of the standard input where nobody is at the keyboard."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    again = "再输一次 / once more" if twice else False
    answer: str = typer.prompt(what, hide_input=True, confirmation_prompt=again)
    return answer


def _say(done: Restored, settings: Settings) -> None:
    from parkqa.desk.backup import told

    count = len(done.changed)
    made = done.manifest.made
    print(f"恢复到 {made}（UTC）的备份：{count} 份资料变了。 / As of {made}: {count} documents changed.")
    if done.journal:
        print(f"问答记录补回 {done.journal.new} 条。 / {done.journal.new} entries of the journal came back.")
    here = told(settings)
    for name, value in done.manifest.settings.items():
        if here.get(name) != value:
            print(f"备份时的设置 / set when it was made: PARKQA_{name.upper()}={value}", file=sys.stderr)
    if count:
        print("索引要重建：parkqa build。 / Build the index again: parkqa build.")
