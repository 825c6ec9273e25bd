"""How whole paragraphs and how right headings are, in papers laid out as offices lay them out.

    python benchmarks/layouts.py [FOLDER]

Needs LibreOffice, which makes PDFs of Word files; other PDFs are drawn with reportlab. Of the paragraphs that were
written ``torn`` are those that are not one block, word for word; ``glued`` are blocks that hold a paragraph and more;
``headings`` is the share that is read as a heading of the right level, the title being the first, and ``wrong`` what is
read as one and is none. The papers are kept in FOLDER. To measure an earlier commit, put its ``src`` on PYTHONPATH.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import docx
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.text.paragraph import Paragraph

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from papers import LEFT, SIZE, Paper, saved
from parkqa.corpus.formats import PACKED
from parkqa.corpus.readers.draft import Draft

SENTENCES = (
    "申请入驻的企业应当在中华人民共和国境内依法注册并具有独立承担民事责任的能力，且近三年内在生产经营活动中没有重大违法记录。",
    "园区对首次入驻并完成固定资产投资三千万元以上的企业给予一次性奖励，奖励标准为设备投资额的百分之五，单个企业最高五百万元。",
    "租金补贴按季度发放，企业应在每季度结束后十五日内向招商服务中心提交租金发票、完税证明和补贴申请表，逾期的不予受理。",
    "货运车辆应当提前一个工作日向物业公司报备车牌号码和到达时间，经批准后从东门进出园区，禁止在早晚高峰时段进入。",
    "奖励资金由园区财政承担，从产业发展专项资金中列支，专款专用，任何单位和个人不得截留、挪用，违反规定的依法追究责任。",
)
HEADS = ("总则", "支持企业上云", "支持人才引进", "租金补贴", "停车管理", "附则")


@dataclass(frozen=True, slots=True)
class Paper9704:
    """A paper as it is written: title, then (level, text) with level 0 for a paragraph."""

    title: str
    parts: tuple[tuple[int, str], ...]


def papers() -> Iterator[Paper9704]:
    """Papers with headings of two levels, numbered clauses and paragraphs of several sentences."""
    for number in range(6):
        text = itertools.cycle(SENTENCES[number % 5 :] + SENTENCES[: number % 5])
        parts: list[tuple[int, str]] = [(0, next(text) + next(text))]
        for head, name in enumerate(HEADS[: 3 + number % 4]):
            parts.append((2, f"{'一二三四五六'[head]}、{name}"))
            for sub in range(number % 3):
                parts.append((3, f"（{'一二三'[sub]}）{('补贴标准', '申请时间', '办理流程')[sub]}"))
                parts.append((0, next(text)))
            parts += [(0, f"{item + 1}.{next(text)}") for item in range(2)]
            parts.append((0, next(text) + next(text) + next(text)))
        yield Paper9704(f"关于促进园区发展的若干措施之{'一二三四五六'[number]}", tuple(parts))


def drawn(paper: Paper9704, first: float, rest: float) -> bytes:
    """Draw a paper; the first line of a paragraph is indented by ``first`` characters, the others by ``rest``."""
    canvas = Paper(head="园区文件汇编", foot="— {} —")
    canvas.line(paper.title, 20, 140)
    for level, text in paper.parts:
        if canvas.y < 90:
            canvas.turn()
        if level:
            canvas.line(text, SIZE + 4 - level, LEFT + 2 * SIZE)
            continue
        place, indent = 0, first
        while place < len(text):
            if canvas.y < 70:
                canvas.turn()
            width = 36 - int(indent)
            canvas.line(text[place : place + width], x=LEFT + indent * SIZE)
            place, indent = place + width, rest
    return canvas.save()


def typed(paper: Paper9704, fonts: tuple[str, str, str, str], bold: bool, hanging: bool) -> bytes:
    """Type a paper in Word as GB/T 9704 has it, with fonts for the title, both levels and the text."""
    document = docx.Document()
    for level, text in ((1, paper.title), *paper.parts):
        paragraph = document.add_paragraph()
        run = paragraph.add_run(text)
        run.font.name, run.font.size = fonts[level - 1], Pt(22 if level == 1 else 16)
        run._r.rPr.rFonts.set(qn("w:eastAsia"), fonts[level - 1])
        run.bold = (bold and level == 2) or None
        _indent(paragraph, level, hanging and text[:1].isdigit())
    return saved(document)


def _indent(paragraph: Paragraph, level: int, hanging: bool) -> None:
    form = paragraph.paragraph_format
    form.line_spacing = Pt(28)
    if level == 1:
        paragraph.alignment = 1
    elif hanging:
        form.left_indent, form.first_line_indent = Pt(48), Pt(-16)
    else:
        form.first_line_indent = Pt(32)


FONTS = {
    "国标": ("方正小标宋简体", "黑体", "楷体_GB2312", "仿宋_GB2312"),
    "系统字体": ("宋体", "黑体", "楷体", "仿宋"),
    "全宋体": ("宋体", "宋体", "宋体", "宋体"),
}


def made() -> Iterator[tuple[str, str, bytes, Paper9704]]:
    """Yield group, name, bytes and truth of each Word file and each drawn PDF."""
    for number, paper in enumerate(papers()):
        for first, rest in ((2, 0), (0, 0), (2, 2), (0, 2), (4, 2)):
            yield "reportlab .pdf", f"{number}-{first}{rest}.pdf", drawn(paper, first, rest), paper
        for name, fonts in FONTS.items():
            for hanging in (False, True):
                raw = typed(paper, fonts, bold=name == "全宋体", hanging=hanging)
                yield "Word .docx", f"{number}-{name}-{hanging:d}.docx", raw, paper


def turned(folder: Path, files: dict[str, bytes], suffix: str) -> dict[str, bytes]:
    """Have LibreOffice save Word files in another format."""
    for name, raw in files.items():
        (folder / name).write_bytes(raw)
    words = ["--headless", "--convert-to", suffix[1:], "--outdir", str(folder), *(str(folder / name) for name in files)]
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run(["soffice", profile, *words], check=True, capture_output=True, timeout=600)
    return {name: (folder / name).with_suffix(suffix).read_bytes() for name in files}


@dataclass(slots=True)
class Count:
    """What was counted over the files of a group."""

    files: int = 0
    paragraphs: int = 0
    torn: int = 0
    glued: int = 0
    heads: int = 0
    found: int = 0
    wrong: int = 0

    def add(self, draft: Draft, paper: Paper9704) -> None:
        """Hold what was read of a paper against what was written."""
        blocks = [(b.kind, b.level, _bare(draft.text[b.start : b.end])) for b in draft.blocks if b.kind != "break"]
        texts = [_bare(text) for level, text in paper.parts if not level]
        read = [text for kind, _, text in blocks if kind != "heading"]
        self.files += 1
        self.paragraphs += len(texts)
        self.torn += sum(text not in read for text in texts)
        self.glued += sum(text not in texts and any(whole in text for whole in texts) for text in read)
        heads = {_bare(text): level for level, text in ((1, paper.title), *paper.parts) if level}
        said = {text: level for kind, level, text in blocks if kind == "heading"}
        self.heads += len(heads)
        self.found += sum(said.get(text) == level for text, level in heads.items())
        self.wrong += sum(text not in heads for text in said)


def _bare(text: str) -> str:
    return "".join(text.split())


def main() -> None:
    """Make the papers, read them and print a row for each group."""
    groups: dict[str, Count] = {}
    with TemporaryDirectory() as aside:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else aside)
        folder.mkdir(exist_ok=True)
        files = list(made())
        word = {name: raw for group, name, raw, _ in files if group == "Word .docx"}
        truth = {name: paper for _, name, _, paper in files}
        printed = turned(folder, word, ".pdf")
        every = [(group, name, raw) for group, name, raw, _ in files]
        every += [("Word, printed as .pdf", name, raw) for name, raw in printed.items()]
    for group, name, raw in every:
        suffix = ".docx" if group == "Word .docx" else ".pdf"
        reader: Callable[[bytes], Draft] = PACKED[suffix]
        groups.setdefault(group, Count()).add(reader(raw), truth[name])
    print("| papers | files | paragraphs | torn | glued | headings | wrong |\n|" + " --- |" * 7)
    for group, count in groups.items():
        counts = (
            count.files,
            count.paragraphs,
            count.torn,
            count.glued,
            f"{count.found / count.heads:.3f}",
            count.wrong,
        )
        print(f"| {group} | {' | '.join(map(str, counts))} |")


if __name__ == "__main__":
    main()
