"""Scans such as offices make: pages drawn with a Chinese font, laid on the glass a little askew, and scanned."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONTS = [
    *Path("/usr/share/fonts/opentype/noto").glob("NotoSerifCJK-Regular.ttc"),
    *Path("/usr/share/fonts").glob("**/NotoSansCJK-Regular.ttc"),
    *Path("/usr/share/fonts").glob("**/uming.ttc"),
    *(
        path
        for path in (Path("C:/Windows/Fonts/simsun.ttc"), Path("/System/Library/Fonts/PingFang.ttc"))
        if path.exists()
    ),
]
A4 = (8.27, 11.69)
"""Width and height in inches."""

NOTICE = (
    ("title", "关于规范园区车辆停放管理的通知"),
    ("flush", "各入驻企业："),
    ("text", "为保障园区道路畅通和消防安全，现就车辆停放管理有关事项通知如下："),
    (
        "text",
        "一、停车区域。东区地面停车场设车位426个，其中新能源专用车位58个；地下一层设车位312个，限高2.1米。访客车辆一律停放在北门外P3停车场。",
    ),
    (
        "text",
        "二、收费标准。小型车首2小时免费，之后每小时3元，24小时内最高收费15元；大型车每次20元。月租车位每月180元，按季度缴纳。",
    ),
    (
        "text",
        "三、办理流程。企业凭营业执照复印件、车辆行驶证到服务大厅（创业路8号A座103室）办理，工作时间为周一至周五8:30至17:30，咨询电话0510-86001234。",
    ),
    (
        "text",
        "四、违规处理。占用消防通道的，第一次予以提醒，第二次起每次扣除诚信分5分；一年内累计扣满12分的，取消下一年度月租资格。",
    ),
    ("text", "本通知自2026年3月1日起施行，有效期三年。"),
    ("right", "园区管理委员会"),
    ("right", "2026年2月10日"),
)
RULES = (
    ("title", "公共会议室使用管理办法"),
    ("centre", "第一章 总则"),
    ("text", "第一条 为规范公共会议室的使用，提高利用效率，根据园区物业管理规定，制定本办法。"),
    ("text", "第二条 本办法适用于园区A座、C座的14间公共会议室，其中100人以上的大会议室2间，20人左右的中会议室5间。"),
    ("centre", "第二章 预约和收费"),
    ("text", "第三条 企业应当提前3个工作日通过园区服务平台预约；临时使用的，可以拨打0510-86005678咨询。"),
    (
        "text",
        "第四条 大会议室每半天800元，中会议室每半天300元，小会议室每小时60元；入驻企业每月免费使用小会议室8小时。",
    ),
    ("text", "第五条 预约后不能使用的，应当提前24小时取消；一年内累计3次未取消的，暂停预约资格6个月。"),
)
TABLE = (
    ("类别", "面积（平方米）", "租金（元/月）", "押金"),
    ("标准厂房一层", "1200", "35000", "两个月"),
    ("标准厂房二层", "1100", "28500", "两个月"),
    ("写字楼", "260", "9600", "一个月"),
    ("人才公寓", "45", "1350", "一个月"),
)


def needs_font() -> Any:
    """Skip a test where there is no Chinese font; ``make test`` installs one."""
    return pytest.mark.skipif(not FONTS, reason="a Chinese font is missing: sudo apt-get install fonts-noto-cjk")


@lru_cache(maxsize=64)
def _font(size: int) -> Any:
    return ImageFont.truetype(str(FONTS[0]), size)


class Sheet:
    """A page that is written from the top down, in black on white, at so many dots an inch."""

    def __init__(self, dpi: int = 200, points: float = 14) -> None:
        self.dpi, self.points = dpi, points
        self.image = Image.new("L", (round(A4[0] * dpi), round(A4[1] * dpi)), 255)
        self.draw = ImageDraw.Draw(self.image)
        self.y = self._dots(80)

    def _dots(self, points: float) -> int:
        return round(points * self.dpi / 72)

    def write(self, lines: Sequence[tuple[str, str]]) -> Sheet:
        """Write paragraphs, each given with how it is set."""
        for kind, text in lines:
            getattr(self, kind)(text)
        return self

    def _line(self, text: str, x: float, points: float, leading: float = 1.9) -> None:
        self.draw.text((x, self.y), text, fill=20, font=_font(self._dots(points)))
        self.y += round(self._dots(points) * leading)

    def title(self, text: str) -> None:
        points = self.points * 1.45
        width = _font(self._dots(points)).getlength(text)
        self._line(text, (self.image.width - width) / 2, points, 2.6)

    def centre(self, text: str) -> None:
        width = _font(self._dots(self.points)).getlength(text)
        self._line(text, (self.image.width - width) / 2, self.points)

    def right(self, text: str) -> None:
        self._line(text, self.image.width - self._dots(72 + 9 * self.points), self.points)

    def flush(self, text: str) -> None:
        self.text(text, indent=0)

    def text(self, text: str, indent: int = 2) -> None:
        left, font = self._dots(72), _font(self._dots(self.points))
        x = left + indent * self._dots(self.points)
        line = ""
        for char in text:
            if x + font.getlength(line + char) > self.image.width - left and char not in "，。、；：）":
                self._line(line, x, self.points)
                x, line = left, ""
            line += char
        self._line(line, x, self.points)

    def table(self, rows: Sequence[Sequence[str]], widths: Sequence[float] = (130, 110, 110, 90)) -> Sheet:
        """Draw a ruled table; the widths are in points."""
        edges = [self._dots(72 + sum(widths[:place])) for place in range(len(widths) + 1)]
        high = self._dots(self.points * 2)
        for row in rows:
            for place, cell in enumerate(row):
                self.draw.text(
                    (edges[place] + self._dots(6), self.y + high // 5),
                    cell,
                    fill=20,
                    font=_font(self._dots(self.points)),
                )
                self.draw.rectangle(
                    (edges[place], self.y, edges[place + 1], self.y + high), outline=40, width=max(self.dpi // 100, 1)
                )
            self.y += high
        self.y += self._dots(20)
        return self

    def scanned(self, skew: float = 0.0, noise: float = 12.0, seed: int = 1) -> Image.Image:
        """Return the page as a scanner sees it: askew, soft, on grey paper, with noise."""
        grey = self.image.point(lambda value: 40 + value * 200 // 255)
        turned = grey.rotate(-skew, Image.Resampling.BICUBIC, fillcolor=240).filter(
            ImageFilter.GaussianBlur(self.dpi / 300)
        )
        speckle = Image.frombytes("L", turned.size, random.Random(seed).randbytes(turned.width * turned.height))
        mixed = Image.blend(turned, speckle.filter(ImageFilter.GaussianBlur(0.6)), noise / 255)
        return mixed.convert("RGB")


def words(lines: Sequence[tuple[str, str]]) -> str:
    """The characters of paragraphs, without blanks."""
    return "".join("".join(text.split()) for _, text in lines)


def as_file(images: Sequence[Image.Image], kind: str, dpi: int = 200) -> bytes:
    """Scans as a file: JPEG, PNG, BMP, TIFF or PDF; the last two hold several pages."""
    buffer = io.BytesIO()
    more = {"save_all": True, "append_images": list(images[1:])} if kind in ("PDF", "TIFF") else {}
    images[0].save(buffer, kind, dpi=(dpi, dpi), resolution=dpi, quality=85, **more)
    return buffer.getvalue()
