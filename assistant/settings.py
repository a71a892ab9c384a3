"""Every setting, declared once; read by app.py and handed on. `.env.example` lists them, a test keeps it true."""

from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints
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
    openai_api_key: SecretStr | None = Field(None, description="Key of a chat model; none means the embedded brain")
    openai_base_url: str | None = Field(None, description="Address of an OpenAI-compatible server")
    assistant_model: str | None = Field(None, description="Name of the chat model")
    live_feed: bool = Field(True, description="Simulate live readings of the demo fleet while serving")

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
        kept = (self.auth_secret, self.openai_api_key)
        return [secret.get_secret_value() for secret in kept if secret is not None and secret.get_secret_value()]

    @property
    def checkpoint_path(self) -> Path:
        """Where conversations are kept."""
        return self.data_dir.absolute() / "checkpoints.db"
