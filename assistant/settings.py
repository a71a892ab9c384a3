"""Every setting, declared once; read by app.py and handed on. `.env.example` lists them, a test keeps it true."""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, StringConstraints, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

Rate = Annotated[str, StringConstraints(pattern=r"^[1-9]\d{0,5}/(second|minute|hour|day)$")]


class Settings(BaseSettings):
    """Settings from the environment and from a file `.env` in the working folder."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Field(Path("data"), description="Folder for everything that is kept; mode 0700")
    database_url: str | None = Field(
        None, description="Address of a PostgreSQL database, for example postgresql://user@host/name"
    )
    database_path: Path | None = Field(
        None, description="SQLite file, where it is not DATA_DIR/battery_monitoring.db"
    )
    cache_dir: Path = Field(Path(".cache"), description="Folder for what can be made again: the trained router")
    chroma_url: str | None = Field(
        None,
        description="Address of a Chroma server, for example http://localhost:8001; none keeps the index in DATA_DIR",
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    host: str = Field("127.0.0.1", description="Address to serve at; others than loopback need AUTH_SECRET")
    port: int = Field(8000, description="Port to serve at")
    allowed_hosts: str = Field(
        "localhost,127.0.0.1", description="Host names requests may carry, with commas between them"
    )
    auth_secret: SecretStr | None = Field(
        None, description="Secret that signs tokens, at least 32 bytes; with it everybody has to sign in"
    )
    question_limit: Rate = Field("30/minute", description="Questions a person may ask")
    request_limit: Rate = Field("600/minute", description="Requests to the API a person may make")
    sign_in_limit: Rate = Field("20/minute", description="Tries to sign in an address may make")
    second_person: bool = Field(
        False, description="Whether a dangerous action needs the approval of somebody other than its asker"
    )
    openai_api_key: SecretStr | None = Field(None, description="Key of the chat model, where its server wants one")
    openai_base_url: str | None = Field(
        None, description="Address of an OpenAI-compatible server, for example http://localhost:11434/v1"
    )
    assistant_model: str | None = Field(
        None,
        description="Name of the chat model, or several with commas, each the next one's fallback; none: embedded",
    )
    assistant_timeout: float = Field(60, gt=0, description="Seconds a chat model may take for one reply")
    assistant_prices: str | None = Field(
        None, description='Prices in USD per million tokens, for example {"model-a": {"input": 0.15, "output": 0.6}}'
    )
    daily_tokens: int | None = Field(
        None, ge=0, description="Tokens of a chat model one person may use a day (UTC); no limit where empty"
    )
    live_feed: bool = Field(True, description="Simulate live readings of the demo fleet while serving")
    alert_webhook_url: SecretStr | None = Field(
        None, description="Where alerts are posted as JSON, for example https://host/path"
    )
    alert_smtp_url: SecretStr | None = Field(
        None,
        description="Mail server for alerts, for example smtp://user:password@host:587; smtps:// for TLS at once",
    )
    alert_mail_to: str | None = Field(None, description="Who gets mails about alerts, with commas between them")
    alert_mail_from: str | None = Field(None, description="Whom mails about alerts come from")
    alert_delivery_severity: Literal["info", "minor", "major", "critical"] = Field(
        "major", description="Alerts of this severity and worse are delivered"
    )

    @model_validator(mode="after")
    def _mail_is_complete(self) -> Self:
        if self.alert_smtp_url and not (self.alert_mail_to and self.alert_mail_from):
            raise ValueError("ALERT_SMTP_URL also needs ALERT_MAIL_TO and ALERT_MAIL_FROM")
        return self

    @cached_property
    def database_address(self) -> str:
        """The SQLAlchemy address of the battery database."""
        from tools.database import sqlite_url  # noqa: PLC0415  SQLAlchemy is not needed to answer /health

        if self.database_url:
            return self.database_url
        return sqlite_url((self.database_path or self.data_dir / "battery_monitoring.db").absolute())

    @property
    def secrets(self) -> list[str]:
        """What must stand in no log."""
        kept = (self.auth_secret, self.openai_api_key, self.alert_webhook_url, self.alert_smtp_url)
        return [secret.get_secret_value() for secret in kept if secret is not None and secret.get_secret_value()]

    @property
    def checkpoint_path(self) -> Path:
        """Where conversations are kept."""
        return self.data_dir.absolute() / "checkpoints.db"
