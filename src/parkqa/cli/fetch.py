"""``parkqa fetch``: the pages of the park's web site become documents."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from parkqa.cli.options import LEFT_OUT, Corpus
from parkqa.errors import CorpusError
from parkqa.settings import load_settings

if TYPE_CHECKING:
    from parkqa.corpus.site import Fetched


def fetch(
    corpus: Corpus = None,
    every: Annotated[bool, typer.Option("--all", help="没到时候的网站也取 / also sites that are not yet due")] = False,
) -> None:
    """把 sites.yaml 里网站的网页取来，放进资料文件夹。 / Fetch the pages of the sites in sites.yaml into the corpus."""
    from parkqa.corpus.curation.sites import FILE, read_sites
    from parkqa.corpus.site import fetch_site, is_due

    settings = load_settings(corpus=corpus)
    sites = read_sites(settings.corpus)
    if not sites:
        raise CorpusError(
            f"没有要取的网站：请在 {settings.corpus / FILE} 里写“- address: https://网址”。",
            f"There is no site to fetch: write `- address: https://…` in {settings.corpus / FILE}.",
        )
    out, failed = Console(highlight=False, soft_wrap=True), False
    for site in sites:
        if not every and not is_due(site, settings.corpus, time.time()):
            out.print(f"{site.address}：还没到时候 / not yet due", markup=False)
            continue
        fetched = fetch_site(
            site, settings.corpus, lambda address: out.print(f"  {address}", style="dim", markup=False)
        )
        _print(out, site.address, fetched)
        failed = failed or bool(fetched.failed)
    if failed:
        raise typer.Exit(LEFT_OUT)


def _print(out: Console, address: str, fetched: Fetched) -> None:
    counts = (len(fetched.new), len(fetched.changed), len(fetched.same), len(fetched.gone))
    out.print(
        "{}：新 {} 页，变了 {} 页，没变 {} 页，没有了 {} 页".format(address, *counts)
        + " / {} new, {} changed, {} unchanged, {} gone".format(*counts),
        markup=False,
    )
    for gone in fetched.gone:
        out.print(f"  没有了 / gone: {gone}", markup=False)
    for place, zh, en in fetched.failed:
        out.print(f"  没有取 / left out: {place}：{zh} / {en}", markup=False)
    for zh, en in fetched.notes:
        out.print(f"  请留意 / please note: {zh} / {en}", markup=False)
