"""Every setting with its help. Read once, by entry points; nothing here looks at the environment on import.

`LEADHOUSE_<SECTION>__<NAME>` sets one; `.env.example` and docs/reference/settings.md are generated from this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from domain.errors import InvalidInput

PREFIX = "LEADHOUSE_"


class Section(BaseModel):
    """A group of settings; an unknown name is an error, so that a typo cannot hide."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DataSettings(Section):
    dir: Path = Field(Path("data/run"), description="Folder of all run-time state: store, lake, models, keys, Dagster.")
    vectors_path: str | None = Field(
        None, description="Where vectors of companies go: a folder or s3://bucket/prefix; default: <dir>/vectors."
    )
    geoip_asn: Path | None = Field(
        None, description="MaxMind-format ASN or ISP database (.mmdb) for network owners; default: the open demo set."
    )
    geoip_city: Path | None = Field(None, description="MaxMind-format city or country database (.mmdb); optional.")
    geoip_domain: Path | None = Field(None, description="MaxMind-format domain or company database (.mmdb); optional.")


class StoreSettings(Section):
    url: str | None = Field(
        None,
        description="SQLAlchemy URL of the operational store; default: SQLite at <dir>/store.sqlite. "
        "PostgreSQL: postgresql+psycopg://user@host/db (the app's own role, not a superuser).",
    )
    owner_url: str | None = Field(
        None, description="URL of the role that owns the tables and runs migrations (PostgreSQL); default: store.url."
    )


class LakeSettings(Section):
    catalog: str | None = Field(
        None,
        description="DuckLake catalog: empty for SQLite at <dir>/lake/catalog.sqlite, or a libpq connection string.",
    )
    data_path: str | None = Field(None, description="Where Parquet files go: a folder or s3://bucket/prefix.")
    s3_endpoint: str | None = Field(
        None, description="host:port of an S3-compatible store (addressed by path); default: Amazon's own."
    )
    s3_region: str = Field("us-east-1", description="Region of the bucket.")
    s3_key_id: str = Field("", description="Access key id for an s3:// data path.")
    s3_secret: SecretStr = Field(SecretStr(""), description="Its secret access key.")
    s3_use_ssl: bool = Field(True, description="Whether the store is spoken to over TLS.")
    threads: int = Field(2, gt=0, description="DuckDB threads in each process.")
    memory_limit: str = Field(
        "3GB", description="DuckDB memory limit in each process, which needs about half a gigabyte besides."
    )


class EngineSettings(Section):
    """The second engine, for what one machine cannot build (docs/how-to/outgrow-one-machine.md)."""

    host: str = Field(
        "", description="Host of a Sail server that builds marts; empty: `leadhouse engine build` starts one itself."
    )
    port: int = Field(50051, gt=0, description="Its Spark Connect port.")


class SqlSettings(Section):
    """What a question of an analyst's own may cost (`POST /v1/sql`)."""

    rows: int = Field(10_000, gt=0, description="Most rows that one question in SQL is answered with.")
    seconds: float = Field(30.0, gt=0, description="How long one question in SQL may take.")
    memory_limit: str = Field("1GB", description="Memory that one question in SQL may use, its rows included.")
    at_once: int = Field(
        2, gt=0, description="Questions in SQL that a process answers at a time; further ones get 429."
    )


class WebSettings(Section):
    host: str = Field("127.0.0.1", description="Address the web process listens on.")
    port: int = Field(8600, ge=0, le=65535, description="Port of the web process; a busy one moves to the next free.")
    role: Literal["all", "capture", "api", "ui"] = Field(
        "all", description="Which part of the web this process serves."
    )
    api_url: str | None = Field(
        None, description="Where the operator UI finds the API; default: this process, which must then serve it."
    )
    public_url: str | None = Field(None, description="Address that browsers use; default: http://host:port.")
    requests_per_minute: int = Field(
        3000,
        gt=0,
        description="Requests a person or secret key may make to /v1 in a minute; above it 429. Counted by each process.",
    )
    session_days: int = Field(14, gt=0, description="Days until a login expires.")
    secure_cookies: bool = Field(False, description="Send cookies over https only; set it whenever there is TLS.")
    trusted_proxies: frozenset[str] = Field(
        frozenset({"127.0.0.1", "::1"}),
        description="Addresses of reverse proxies whose X-Forwarded-For is believed, separated by commas.",
    )

    local_providers: frozenset[str] = Field(
        frozenset(),
        description="OpenID providers on your own network, which may be private and without TLS: their origins with "
        "port (http://sso.intern:8080), separated by commas. All others must be public and speak https.",
    )

    @field_validator("trusted_proxies", "local_providers", mode="before")
    @classmethod
    def _separated_by_commas(cls, value: object) -> object:
        return _parts(value)


class CaptureSettings(Section):
    max_body_bytes: int = Field(
        512 * 1024, gt=0, description="Largest body of a collect request, in bytes (413 above)."
    )
    max_batch: int = Field(500, gt=0, description="Most events in one request (413 above).")
    queue_events: int = Field(20_000, gt=0, description="Events that may wait for their commit; above it 503.")
    rate_per_minute: int = Field(
        600_000, gt=0, description="Events a write key may send in a minute; above it 429. Counted by each web process."
    )
    form_rate_per_minute: int = Field(
        10, gt=0, description="Submissions one network may make in a minute; above it 429."
    )
    form_min_seconds: float = Field(3.0, ge=0, description="A form filled faster than this is held as spam.")
    event_keep_days: int = Field(
        30, gt=0, description="Days an event id is remembered, and how late an event may come."
    )


class ImportSettings(Section):
    max_bytes: int = Field(
        200 * 1024 * 1024, gt=0, description="Largest file that can be imported, in bytes, unpacked (413 above)."
    )


class SchedulerSettings(Section):
    host: str = Field(
        "127.0.0.1", description="Address of the Dagster web server; it has no login: keep it on loopback."
    )
    port: int = Field(3333, ge=0, le=65535, description="Port of the Dagster web server.")
    land_every_seconds: int = Field(60, ge=5, description="Least time between two landings.")


class WorkerSettings(Section):
    poll_seconds: float = Field(0.2, gt=0, description="How often an idle worker looks for jobs.")
    lease_seconds: int = Field(60, gt=0, description="A job not finished by then is given to another worker.")
    batch: int = Field(50, gt=0, description="Jobs claimed at once.")
    max_attempts: int = Field(8, gt=0, description="Tries before a job becomes a dead letter.")
    niceness: int = Field(
        10,
        ge=0,
        le=19,
        description="How far the worker, imports and Dagster's runs stand back from capture for the processor (nice(1)).",
    )


class OutreachSettings(Section):
    enabled: bool = Field(True, description="The switch of the whole installation: off, nothing is sent anywhere.")
    local_servers: frozenset[str] = Field(
        frozenset(),
        description="Mail servers on your own network, host:port, separated by commas. All others must be public.",
    )
    batch: int = Field(500, gt=0, le=500, description="People decided on, and messages handed over, at once.")
    connections: int = Field(2, gt=0, le=50, description="Connections kept to the server of each mailbox.")
    lease_seconds: int = Field(120, gt=0, description="A message whose worker is silent for so long is looked into.")
    timeout_seconds: float = Field(60.0, gt=0, description="How long a mail server may take for one answer.")

    @field_validator("local_servers", mode="before")
    @classmethod
    def _separated_by_commas(cls, value: object) -> object:
        return _parts(value)


class SecuritySettings(Section):
    keys: SecretStr | None = Field(
        None,
        description="Encryption keys, newest first: name:base64 of 32 bytes, separated by commas; "
        "default: the file <dir>/keys, written by `make setup` with mode 0600.",
    )


class WebhookSettings(Section):
    local_origins: frozenset[str] = Field(
        frozenset(),
        description="Receivers of webhooks on your own network, which may be private and without TLS: their origins "
        "with port (http://alerts.intern:8080), separated by commas. All others must be public and speak https.",
    )

    @field_validator("local_origins", mode="before")
    @classmethod
    def _separated_by_commas(cls, value: object) -> object:
        return _parts(value)


class EnrichmentSettings(Section):
    local_origins: frozenset[str] = Field(
        frozenset(),
        description="Providers of data on your own network, which may be private and without TLS: their origins with port "
        "(http://facts.intern:8080), separated by commas. All others must be public and speak https.",
    )
    concurrent: int = Field(
        32, gt=0, le=200, description="Calls to providers of data that one worker has out at a time."
    )
    timeout_seconds: float = Field(10.0, gt=0, description="How long a provider of data may take for one answer.")
    smtp_probes: bool = Field(
        False,
        description="Whether mail servers are asked if a mailbox is there (port 25, which many networks block). Without it, "
        "addresses are verified by syntax and DNS, and mailboxes stay unknown.",
    )

    @field_validator("local_origins", mode="before")
    @classmethod
    def _separated_by_commas(cls, value: object) -> object:
        return _parts(value)


class PriorSettings(Section):
    """What clients of an agency may be told of one another, where they agreed to it (docs/how-to/score-leads.md)."""

    least_clients: int = Field(
        3, ge=3, description="Clients of an agency, the reader left out, that must stand behind a shared count."
    )
    least_people: int = Field(50, ge=20, description="People of those clients that must stand behind it.")
    most_share: float = Field(
        0.6, gt=0.3, le=0.8, description="Largest share of those people that may be one client's."
    )


class AiSettings(Section):
    base_url: str | None = Field(None, description="OpenAI-compatible endpoint; without it templates fill in.")
    api_key: SecretStr | None = Field(None, description="Key of that endpoint.")
    model: str = Field("gpt-5-mini", description="Model name at that endpoint.")


class Settings(Section):
    """All of it."""

    data: DataSettings = Field(default_factory=DataSettings)
    store: StoreSettings = Field(default_factory=StoreSettings)
    lake: LakeSettings = Field(default_factory=LakeSettings)
    engine: EngineSettings = Field(default_factory=EngineSettings)
    sql: SqlSettings = Field(default_factory=SqlSettings)
    web: WebSettings = Field(default_factory=WebSettings)
    capture: CaptureSettings = Field(default_factory=CaptureSettings)
    imports: ImportSettings = Field(default_factory=ImportSettings)
    scheduler: SchedulerSettings = Field(default_factory=SchedulerSettings)
    worker: WorkerSettings = Field(default_factory=WorkerSettings)
    outreach: OutreachSettings = Field(default_factory=OutreachSettings)
    security: SecuritySettings = Field(default_factory=SecuritySettings)
    webhooks: WebhookSettings = Field(default_factory=WebhookSettings)
    enrichment: EnrichmentSettings = Field(default_factory=EnrichmentSettings)
    priors: PriorSettings = Field(default_factory=PriorSettings)
    ai: AiSettings = Field(default_factory=AiSettings)

    @classmethod
    def load(cls, environ: Mapping[str, str], dotenv: Path | None = None) -> Self:
        """Settings from an environment, over the lines of a `.env` file where there is one.

        Raises InvalidInput naming every setting that cannot be read.
        """
        found = {**_read_dotenv(dotenv), **environ}
        tree: dict[str, dict[str, str]] = {}
        for name, value in found.items():
            section, dot, key = name.removeprefix(PREFIX).partition("__")
            if name.startswith(PREFIX) and dot and value != "":
                tree.setdefault(section.lower(), {})[key.lower()] = value
        try:
            return cls.model_validate(tree)
        except ValidationError as error:
            problems = "; ".join(
                f"{PREFIX}{'__'.join(str(part).upper() for part in problem['loc'])}: {problem['msg']}"
                for problem in error.errors()
            )
            raise InvalidInput(problems, hint="See docs/reference/settings.md for every setting.") from error

    @property
    def store_url(self) -> str:
        """The store's SQLAlchemy URL, with the default filled in."""
        return self.store.url or f"sqlite:///{self.data.dir.absolute() / 'store.sqlite'}"

    @property
    def lake_dir(self) -> Path:
        return self.data.dir.absolute() / "lake"

    @property
    def vectors_path(self) -> str:
        """Folder or address of the vectors, with the default filled in."""
        return self.data.vectors_path or str(self.data.dir.absolute() / "vectors")

    @property
    def public_url(self) -> str:
        return (self.web.public_url or f"http://{self.web.host}:{self.web.port}").rstrip("/")


def _parts(value: object) -> object:
    """Text separated by commas as a list."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _read_dotenv(path: Path | None) -> dict[str, str]:
    if path is None or not path.is_file():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, _, value in pairs}
