"""``parkqa desk``: who may use the desk."""

from __future__ import annotations

from typing import Annotated

import typer

from parkqa.cli.backup import typed
from parkqa.settings import load_settings

desk_app = typer.Typer(help="工作台的名字和密码 / names and passwords of the desk", no_args_is_help=True)


@desk_app.callback()
def group() -> None:
    """工作台的名字和密码。 / Names and passwords of the desk."""


@desk_app.command()
def password(
    name: Annotated[str, typer.Argument(help="谁 / whose")] = "desk",
    remove: Annotated[bool, typer.Option("--remove", help="取消这个名字 / take it away")] = False,
) -> None:
    """给一个名字设密码，设了就开通工作台。 / Set a name's password; the desk is on once there is one."""
    from parkqa.desk.accounts import Accounts
    from parkqa.desk.folder import Folder

    settings = load_settings()
    accounts = Accounts(Folder.of(settings), settings.desk_password_file)
    if remove:
        had = accounts.remove(name)
        print(f"已取消 {name}。 / {name} is removed." if had else f"没有 {name}。 / There is no {name}.")
        return
    accounts.set(name, typed("密码 / password", twice=True))
    print(
        f"{name} 可以用工作台了：打开问答网址后面的 /desk/ 。 / {name} can use the desk now, at /desk/ of the server."
    )
