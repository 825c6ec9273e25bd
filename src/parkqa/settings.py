"""The settings of parkqa, read from environment variables: ``PARKQA_`` and the name of the setting in capitals.

The description of each field is English, then Chinese.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit

import platformdirs
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from parkqa.errors import SettingsError
from parkqa.types import FaissKind

THIS_MACHINE, ANY_ADDRESS = "127.0.0.1", "0.0.0.0"
DEFAULT_EMBEDDER = "default"
DEFAULT_RERANKER, NO_RERANKER = "default", "none"
NO_JOURNAL = NO_RATE = "none"
_DATA = Path(platformdirs.user_data_dir("parkqa", appauthor=False))

OWN_PATHS = tuple(
    "api chat conversation desk embed event healthz leaves message metrics readyz robots sitemap source static".split()
)
"""What parkqa's own paths begin with: a path prefix that begins alike could not be told from them."""
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")

Names = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """The settings of one process; each field has a description. Use ``load_settings`` to read them.

    A keyword argument takes precedence over the environment variable.
    """

    model_config = SettingsConfigDict(env_prefix="PARKQA_", env_ignore_empty=True, frozen=True, extra="ignore")

    corpus: Path = Field(Path("corpus"), description="folder of the documents / 资料文件夹")
    index: Path = Field(Path("index"), description="folder of the built index / 索引文件夹")
    store: SecretStr | None = Field(
        None, description="database that holds the index instead: postgresql://user:password@host/name / 数据库"
    )
    faiss: FaissKind = Field("auto", description="kind of FAISS index: auto, flat, hnsw, ivf / FAISS 索引的种类")
    embedder: str = Field(
        DEFAULT_EMBEDDER,
        description="embedding model: default, a hub name or a local path / 向量模型",
    )
    reranker: str = Field(
        DEFAULT_RERANKER, description="reranker: default, none, a hub name or a local path / 重排模型"
    )
    models: Path = Field(
        Path(platformdirs.user_cache_dir("parkqa", appauthor=False)) / "models",
        description="where converted models are kept / 模型缓存",
    )
    office: str = Field(
        "auto", description="LibreOffice, for old formats: auto, off, or the program soffice / 读旧格式用的 LibreOffice"
    )
    cache: Path = Field(
        Path(platformdirs.user_cache_dir("parkqa", appauthor=False)),
        description="where converted and recognised text and pictures of pages are kept / 转换、识别结果和页面图的缓存",
    )
    host: str = Field(THIS_MACHINE, description="address to listen on / 监听地址")
    port: int = Field(7860, ge=0, le=65535, description="port to listen on, 0 picks a free one / 端口")
    public_url: str = Field("", description="address that visitors use, for permalinks / 对外网址")
    root_path: str = Field("", description="path prefix a reverse proxy puts in front / 反向代理的路径前缀")
    hosts: Names = Field((), description="further names of this server, comma-separated, or * / 本服务的其他主机名")
    embed_origins: Names = Field((), description="sites that may embed the widget, comma-separated / 可嵌入的网站")
    trusted_proxies: Names = Field((), description="proxies whose headers are believed / 可信代理")
    rate: str = Field(
        "600/minute", description="what one address may ask, as 600/minute;6000/hour, or none / 每个地址的问答次数上限"
    )
    concurrency: int = Field(4, ge=1, le=256, description="questions answered side by side / 同时回答几个问题")
    queue: int = Field(60, ge=0, le=10_000, description="questions that may wait their turn / 最多几个问题排队")
    lan: bool = Field(False, description="let phones in the local network open the pages / 局域网里的手机可以打开")
    event_reset_seconds: int = Field(
        60, ge=10, le=3600, description="quiet seconds after which the stand begins anew / 展位多少秒无人操作就重来"
    )
    event_pin: str = Field(
        "",
        pattern="^([0-9]{4})?$",
        description="PIN of the staff at a stand, four digits; if empty, a new one at each start / 展位 PIN",
    )
    read_seconds: int = Field(
        60, ge=1, le=86_400, description="seconds that reading one file may take / 读一份资料最多几秒"
    )
    passages_per_file: int = Field(
        20_000, ge=1, le=10_000_000, description="passages of one file that are used / 一份资料最多收几段"
    )
    ocr: Literal["auto", "off"] = Field(
        "auto", description="recognise the text of scans where the extra ocr is installed: auto, off / 识别扫描件的文字"
    )
    threads: int = Field(0, ge=0, le=256, description="threads of the models, 0: all cores / 线程数")

    watch: bool = Field(False, description="rebuild while serving when the documents change / 资料一变就重建")

    journal: Path | None = Field(
        _DATA / "journal.db",
        description="file of the journal, none: nothing is recorded / 问答记录",
    )
    journal_days: int = Field(90, ge=1, le=36500, description="days that the journal keeps / 记录保留天数")

    messages: Path | None = Field(
        None, description="file of visitors' messages; if unset, messages.db beside the journal / 访客留言"
    )
    messages_days: int = Field(180, ge=1, le=36500, description="days that messages are kept / 留言保留天数")

    desk: Path = Field(
        Path("desk"), description="folder of the desk: draft, earlier versions, passwords / 工作台的文件夹"
    )
    desk_public: bool = Field(
        False, description="let staff use the desk from other machines, by HTTPS / 别的电脑可用工作台"
    )
    desk_password_file: Path | None = Field(
        None, description="file with one more password for the desk, for the name desk / 工作台密码文件"
    )
    desk_idle_minutes: int = Field(
        30, ge=1, le=1440, description="idle minutes after which the desk logs out / 工作台多少分钟不动就退出"
    )

    indexable: bool = Field(
        False, description="search engines may index source pages; needs public_url / 搜索引擎可收录原文页"
    )
    metrics: bool = Field(False, description="numbers for Prometheus at /metrics / 给 Prometheus 的指标")
    metrics_token_file: Path | None = Field(
        None, description="file with the token that lets other machines read /metrics / 指标令牌文件"
    )

    @property
    def messages_file(self) -> Path:
        """Where messages are kept, if the park takes any."""
        return self.messages or (self.journal or _DATA / "journal.db").with_name("messages.db")

    @field_validator("*", mode="before")
    @classmethod
    def _one_line(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in value.strip()):
            raise ValueError("it holds a line break or a control character")
        return value.strip()

    @field_validator("journal", mode="before")
    @classmethod
    def _off(cls, value: Any) -> Any:
        return None if isinstance(value, str) and value.strip().lower() == NO_JOURNAL else value

    @field_validator("store")
    @classmethod
    def _postgres(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("it must begin with postgresql://")
        return value

    @field_validator("hosts", "embed_origins", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if name != "*":
                ipaddress.ip_network(name)
        return value

    @field_validator("hosts")
    @classmethod
    def _host_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name if name == "*" else host_name(name) for name in value)

    @field_validator("embed_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if urlsplit(origin).path:
                raise ValueError("write it as scheme://host or scheme://host:port, with nothing behind")
        return tuple(web_address(origin) for origin in value)

    @field_validator("host")
    @classmethod
    def _listens_on(cls, value: str) -> str:
        return host_name(value)

    @field_validator("rate")
    @classmethod
    def _rates(cls, value: str) -> str:
        if value.strip().lower() == NO_RATE:
            return ""
        from limits import parse_many

        if any(rate.amount < 1 for rate in parse_many(value)):
            raise ValueError("no request at all would be taken")
        return value

    @field_validator("root_path")
    @classmethod
    def _prefix(cls, value: str) -> str:
        parts = value.strip("/").split("/") if value.strip("/") else []
        if not all(re.fullmatch(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*", part) for part in parts):
            raise ValueError("a path prefix such as /ask is expected, of letters, digits and - _ . ~")
        if parts and parts[0] in OWN_PATHS:
            raise ValueError(f"/{parts[0]} is an address of parkqa's own")
        return "".join(f"/{part}" for part in parts)

    @field_validator("public_url")
    @classmethod
    def _no_slash(cls, value: str) -> str:
        return web_address(value) if value else ""

    @field_validator("indexable")
    @classmethod
    def _has_address(cls, value: bool, others: ValidationInfo) -> bool:
        if value and not others.data.get("public_url"):
            raise ValueError("set PARKQA_PUBLIC_URL too, since a sitemap holds whole addresses")
        return value


def web_address(url: str) -> str:
    """Return ``http(s)://host[:port][/path]`` as browsers send it: in lower case, in ASCII, without a final slash.

    Raises:
        ValueError: it is anything else.

    >>> web_address("https://www.园区.cn/问答/")
    'https://www.xn--dkrx9f.cn/%E9%97%AE%E7%AD%94'
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ValueError("write it as https://host, http://host or with a port, https://host:port")
    if "?" in url or "#" in url or re.search(r"[\s\"'<>\\,;]", url):
        raise ValueError("an address holds no spaces, quotation marks, commas, semicolons, ? or #")
    host = host_name(parts.hostname)
    port = "" if parts.port is None else f":{parts.port}"
    path = quote(parts.path.rstrip("/"), safe="/%~")
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}{path}"


def host_name(name: str) -> str:
    """Return the name or address of a host in lower case and in ASCII: 园区.cn is xn--dkrx9f.cn.

    Raises:
        ValueError: it is neither a name nor an address; a port does not belong to it.

    >>> host_name("园区.cn"), host_name("[::1]")
    ('xn--dkrx9f.cn', '::1')
    """
    bare = name.strip("[]").lower()
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        pass
    try:
        ascii_ = bare.encode("idna").decode().lower().removesuffix(".")
    except UnicodeError:
        ascii_ = ""
    if len(ascii_) > 253 or not all(map(_LABEL.fullmatch, ascii_.split("."))):
        raise ValueError(f"{name!r} is no name or address of a host")
    return ascii_


def load_settings(**overrides: Any) -> Settings:
    """Read the settings from the environment.

    Args:
        **overrides: values that replace those of the environment, by name of the setting; None is ignored.

    Raises:
        SettingsError: a value is invalid; the message names its environment variable.

    >>> load_settings(port=8000, root_path="park/").root_path
    '/park'
    """
    try:
        settings = Settings(**{key: value for key, value in overrides.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = f"PARKQA_{first['loc'][0]}".upper()
        given = "***" if first["loc"][0] == "store" else repr(first["input"])
        # No exception chaining for the secret: pydantic's message contains the value.
        raise SettingsError(
            f"设置 {name} 的值不能用：{given}，请改正后重试。",
            f"The setting {name} has a value that cannot be used: {given} ({first['msg']}).",
        ) from (None if given == "***" else error)
    # Phones in the local network cannot reach a server that listens on the loopback address only.
    unreachable = settings.lan and settings.host == THIS_MACHINE
    return settings.model_copy(update={"host": ANY_ADDRESS}) if unreachable else settings
