"""What an operator may set. Nothing else in Parley reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_cache_path, user_data_path
from pydantic import AfterValidator, BeforeValidator, Field, FilePath, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.address import Address

PREFIX = "PARLEY_"


class SettingsError(Exception):
    """Raised for a value that cannot be; its text is one sentence that names the variable."""


def locale_language(environment: Mapping[str, str]) -> str:
    """The language of the locale as ISO 639-1, e.g. "pt" for LANG=pt_BR.UTF-8; English where there is none."""
    locale = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    language = locale.partition(".")[0].partition("_")[0].lower()
    return language if len(language) == 2 and language.isalpha() else "en"


def _primary(tag: str) -> str:
    """The language of a tag such as pt-BR, in lower case."""
    return tag[:2].lower()


def _address(text: str) -> str:
    """A host and a port, as they were given."""
    Address.parse(text)
    return text


def _ids(given: object) -> object:
    """Discord's ids, which are numbers, from a text with commas between them."""
    if not isinstance(given, str):
        return given
    ids = [each.strip() for each in given.split(",") if each.strip()]
    if not all(each.isascii() and each.isdecimal() for each in ids):
        raise ValueError("an id is a number")
    return frozenset(ids)


def _models_dir() -> Path:
    """A folder in the user's own cache."""
    return user_cache_path("parley", appauthor=False) / "models"


def _database() -> str:
    """A file in the user's own data folder."""
    return f"sqlite+aiosqlite:///{user_data_path('parley', appauthor=False) / 'parley.db'}"


class Settings(BaseSettings):
    """One frozen object. Each field is the variable PARLEY_<FIELD>; its description says which values it takes."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore")

    profile: str = Field(default="offline", description="the name of a profile", pattern=r"^[a-z][a-z0-9_-]*$")
    models: FilePath | None = Field(default=None, description="the path of an existing TOML file")
    models_dir: Annotated[Path, AfterValidator(Path.expanduser)] = Field(
        default_factory=_models_dir, description="the path of a folder"
    )
    hub_url: str = Field(
        default="https://huggingface.co", description="an http or https address", pattern=r"^https?://[^\s/]+.*$"
    )
    hub_token: SecretStr | None = Field(default=None, description="a token of an account at the model hub")
    device: str = Field(
        default="auto", description="auto, cpu, mps, cuda or cuda:N", pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$"
    )
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        default="auto", description="auto, float32, bfloat16 or float16"
    )
    threads: int | None = Field(default=None, description="a whole number of CPU threads from 1 up", ge=1)
    tokens: int = Field(default=1280, description="a whole number of tokens from 64 up", ge=64)
    waiting: int = Field(default=1024, description="a whole number of requests from 1 up", ge=1)
    deadline: float = Field(default=60.0, description="a number of seconds above 0", gt=0, allow_inf_nan=False)
    cache: int = Field(default=2_000_000, description="a whole number of characters, or 0", ge=0)
    language: Annotated[str, AfterValidator(_primary)] = Field(
        default_factory=lambda: locale_language(os.environ),
        description="a language code such as en or pt-BR",
        pattern=r"^[A-Za-z]{2}([-_][A-Za-z0-9]+)*$",
    )
    database: str = Field(default_factory=_database, description="a database address such as sqlite+aiosqlite:///parley.db")
    slack_bot_token: SecretStr | None = Field(default=None, description="a token that begins with xoxb-")
    slack_app_token: SecretStr | None = Field(default=None, description="a token that begins with xapp-")
    slack_api_url: str = Field(
        default="https://slack.com/api/",
        description="an http or https address that ends in a slash",
        pattern=r"^https?://.+/$",
    )
    slack_signing_secret: SecretStr | None = Field(default=None, description="the signing secret of a Slack app")
    slack_client_id: str | None = Field(default=None, description="the client ID of a Slack app")
    slack_client_secret: SecretStr | None = Field(default=None, description="the client secret of a Slack app")
    secret_key: SecretStr | None = Field(default=None, description="what `parley slack key` prints")
    discord_token: SecretStr | None = Field(default=None, description="the token of a Discord bot")
    discord_api_url: str = Field(
        default="https://discord.com/api/v10",
        description="an http or https address that does not end in a slash",
        pattern=r"^https?://.*[^/]$",
    )
    discord_gateway_url: str | None = Field(default=None, description="a ws or wss address", pattern=r"^wss?://.+$")
    discord_bots: Annotated[frozenset[str], NoDecode, BeforeValidator(_ids)] = Field(
        default=frozenset(), description="ids of bots or webhooks with commas between"
    )
    converse: bool = Field(default=False, description="1 or 0")
    health: Annotated[str, AfterValidator(_address)] | None = Field(
        default=None, description="a host and a port such as 127.0.0.1:8080"
    )
    debug: bool = Field(default=False, description="1 or 0")


def variable(field: str) -> str:
    """The environment variable of a field, e.g. PARLEY_DEVICE."""
    return PREFIX + field.upper()


def load() -> Settings:
    """Read the environment. Raises `SettingsError` for the first value that cannot be."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(_sentence(error.errors()[0])) from None


def _sentence(problem: Mapping[str, Any]) -> str:
    field = str(problem["loc"][0]).lower()
    takes = Settings.model_fields[field].description
    return f"{variable(field)} must be {takes}, not {problem['input']!r}."
