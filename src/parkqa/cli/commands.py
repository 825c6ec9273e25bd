"""The command line: ``parkqa build | fetch | read | ask | serve | eval | check | desk | model | mcp | journal |
report | review | backup | restore``.

Exit status: 0 success; 2 invalid input, unusable index or failed check; 3 no answer (``ask``) or no model
(``model path``); 4 index built without some files. The docstrings of the commands are their help texts.
"""

from __future__ import annotations

import io
import json
import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from parkqa import __version__
from parkqa.cli.backup import backup, restore
from parkqa.cli.desk import desk_app
from parkqa.cli.fetch import fetch
from parkqa.cli.journal import journal_app, report
from parkqa.cli.mcp import mcp
from parkqa.cli.messages import messages_app
from parkqa.cli.model import model_app
from parkqa.cli.options import BAD, LEFT_OUT, NOTHING, AsJson, Corpus, Index
from parkqa.cli.read import read
from parkqa.cli.review import review
from parkqa.cli.stopping import stopping
from parkqa.errors import ParkqaError, enough_memory, legible
from parkqa.settings import Settings, load_settings

if TYPE_CHECKING:
    from parkqa.engine import Engine
    from parkqa.indexing.report import BuildReport
    from parkqa.types import Answer, Encoder, Reranker
    from parkqa.web.serving.loader import Started

app = typer.Typer(
    help="园区问答：只引原文，句句可查。 / Answers about an industrial park, quoted word for word.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(model_app, name="model")
app.add_typer(journal_app, name="journal")
app.add_typer(messages_app, name="messages")
app.add_typer(desk_app, name="desk")
app.command()(backup)
app.command()(fetch)
app.command()(mcp)
app.command()(read)
app.command()(report)
app.command()(restore)
app.command()(review)

Lan = Annotated[bool, typer.Option("--lan", help="局域网里的手机可以打开 / let phones in the local network in")]


def main() -> None:
    """Run the command line; a ParkqaError is printed to stderr and ends the process with exit status 2."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        # Windows consoles and the C locale cannot encode Chinese. On stdin, surrogateescape lets the input check see
        # and reject invalid UTF-8.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="surrogateescape" if stream is sys.stdin else "replace")
    try:
        with enough_memory():
            app()
    except ParkqaError as error:
        _fail(error)
    except KeyboardInterrupt:
        sys.exit(130)


def _fail(error: ParkqaError) -> NoReturn:
    _print_error(error)
    sys.exit(BAD)


def _print_error(error: ParkqaError) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"{error.zh}\n{error.en}", markup=False)


@app.command()
def build(corpus: Corpus = None, index: Index = None) -> None:
    """读资料、建索引。 / Read the corpus and build the index."""
    with stopping():
        report = _build(load_settings(corpus=corpus, index=index))
    if report.failed:
        raise typer.Exit(LEFT_OUT)


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="问题 / the question", show_default=False)] = None,
    index: Index = None,
    as_json: AsJson = False,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="逐行 JSON：标准输入到标准输出 / JSON lines in and out")
    ] = False,
    literal: Annotated[
        bool, typer.Option("--literal", help="按字面理解，不纠错 / repair and complete nothing")
    ] = False,
) -> None:
    """问一个问题，或逐行问一批。 / Ask one question, or a batch line by line."""
    from parkqa.engine import Engine

    if (question is None) != jsonl:
        raise typer.BadParameter("给一个问题，或用 --jsonl。 / Give a question, or --jsonl.")
    settings = load_settings(index=index)
    engine = Engine.open(settings)
    if question is None:
        for line in sys.stdin:
            print(json.dumps(_ask_line(engine, line), ensure_ascii=False), flush=True)
        return
    answer = engine.ask(question, literal=literal)
    print(json.dumps(answer.to_dict(), ensure_ascii=False, indent=2)) if as_json else _print_answer(answer)
    _record(settings, answer)
    if answer.refused:
        raise typer.Exit(NOTHING)


def _record(settings: Settings, answer: Answer) -> None:
    from parkqa.journal.recorder import open_recorder

    if recorder := open_recorder(settings):
        recorder.start()
        recorder.record(answer, "cli")
        recorder.close()


def _ask_line(engine: Engine, line: str) -> dict[str, Any]:
    from parkqa.query.request import read_object, read_request

    raw = read_object(line)
    try:
        request = read_request(raw)
        return engine.ask(request.question, request.history, literal=request.literal, id=request.id).to_dict()
    except ParkqaError as error:
        id_ = raw.get("id")
        valid = isinstance(id_, str | int) or (isinstance(id_, float) and math.isfinite(id_))
        return {"id": id_ if valid else None, "error": str(error)}


def _print_answer(answer: Answer) -> None:
    from parkqa.answer.quoting import RECOGNIZED, expired, place

    out = Console(highlight=False, soft_wrap=True)
    if answer.understood != answer.question.strip():
        out.print(f"按“{answer.understood}”理解", style="dim", markup=False)
    if answer.message:
        out.print(answer.message, markup=False)
    for quote in answer.quotes or answer.related:
        where = " › ".join(part for part in (quote.title, quote.heading, place(quote)) if part)
        if quote.part:
            out.print(f"\n{quote.part}. {answer.parts[quote.part - 1]}", style="dim", markup=False, end="")
        out.print(f"\n{quote.text}", style="bold" if answer.quotes else "", markup=False)
        out.print(f"—— {where}（{quote.document} {quote.start}–{quote.end}）", style="dim", markup=False)
        if quote.recognized:
            out.print(f"   {RECOGNIZED['zh']} / {RECOGNIZED['en']}", style="yellow", markup=False)
        if expired(quote):
            until = quote.valid_until
            out.print(f"   有效期至 {until}，已过期 / valid until {until}, now past", style="yellow", markup=False)


@app.command()
def serve(
    corpus: Corpus = None,
    index: Index = None,
    host: Annotated[str | None, typer.Option("--host", help="监听地址 / address", show_default=False)] = None,
    port: Annotated[int | None, typer.Option("--port", help="端口 / port", show_default=False)] = None,
    watch: Annotated[
        bool | None,
        typer.Option("--watch/--no-watch", help="资料一变就重建 / rebuild on changes", show_default=False),
    ] = None,
    event: Annotated[
        bool, typer.Option("--event", help="展位：给出全屏页的地址 / at a fair: name the stand's page")
    ] = False,
    lan: Lan = False,
) -> None:
    """打开问答网页；资料有变先重建索引。 / Serve the chat page; rebuild first when the corpus has changed."""
    _serve(load_settings(corpus=corpus, index=index, host=host, port=port, watch=watch, lan=lan or None), event)


def serve_from_settings() -> None:
    """Serve with settings from the environment alone; the entry point used by ``app.py``."""
    try:
        _serve(load_settings())
    except ParkqaError as error:
        _fail(error)


def _serve(settings: Settings, event: bool = False) -> None:
    from parkqa.web.server import serve as run

    def load() -> Started:
        from parkqa.web.serving.background_build import start

        started = start(settings, lambda encoder, reranker: _build(settings, encoder, reranker))
        if started.fault:
            _print_error(started.fault)
        return started

    run(settings, load, stand=event)


def _build(settings: Settings, encoder: Encoder | None = None, reranker: Reranker | None = None) -> BuildReport:
    from parkqa.engine import Engine

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    with _progress_bar(console) as (progress, pages):
        report = Engine.build(settings, progress, encoder, reranker, pages)
    console.print(report.summary(), markup=False)
    return report


@contextmanager
def _progress_bar(console: Console) -> Iterator[Any]:
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("向量化 / embedding", total=None, start=False)
        ocr = bar.add_task("", total=None, start=False, visible=False)

        def report(done: int, total: int) -> None:
            bar.start_task(task)
            bar.update(ocr, visible=False)
            bar.update(task, completed=done, total=total)

        def pages(name: str, number: int, total: int) -> None:
            bar.start_task(ocr)
            description = f"文字识别 / recognising {legible(name)}"
            bar.update(ocr, completed=number, total=total, description=description, visible=True)

        yield report, pages


@app.command(name="eval")
def evaluate(
    file: Annotated[Path, typer.Argument(help="题目文件（JSONL） / a question set", show_default=False)],
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """用一套题目量一量。 / Measure on a question set."""
    from parkqa.engine import Engine
    from parkqa.evaluation.question_sets import evaluate as run
    from parkqa.evaluation.question_sets import read_cases, table

    cases = read_cases(file)
    engine = Engine.open(load_settings(index=index))
    report = run(cases, engine.ask)
    if as_json:
        print(json.dumps(report.to_dict(), ensure_ascii=False, indent=2))
    else:
        print(table(report))


@app.command(name="check")
def check_(
    index: Index = None,
    event: Annotated[
        bool, typer.Option("--event", help="展位：断网真问一题 / for a stand: ask with no network")
    ] = False,
    lan: Lan = False,
) -> None:
    """看看这台机器准备好了没有。 / Say whether this machine is ready."""
    from parkqa.cli import check_stand
    from parkqa.desk import readiness

    console = Console(highlight=False, soft_wrap=True)
    settings = load_settings(index=index, lan=lan or None)
    findings = (check_stand.examine_event if event else readiness.examine)(settings)
    for finding in findings:
        mark, style = ("✓", "green") if finding.ok else ("✗", "red")
        console.print(f"[{style}]{mark}[/] ", end="")
        console.print(finding.line(), markup=False)
    if event:
        _print_phone_code(settings)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(BAD)


def _print_phone_code(settings: Settings) -> None:
    from parkqa.web.paths import CHAT
    from parkqa.web.qr import blocks
    from parkqa.web.serving.network import phones

    if base := phones(settings):
        print(blocks(base + CHAT))


def _version(show: bool) -> None:
    if show:
        print(__version__)
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="版本 / version")
    ] = False,
) -> None:
    """园区问答：只引原文，句句可查。 / Answers about an industrial park, quoted word for word."""
