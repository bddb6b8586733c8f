import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import Settings, SettingsError, load, locale_language, variable

EXAMPLE = Path(__file__).parents[2] / "deploy" / "parley.env.example"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch):
    for field in Settings.model_fields:
        monkeypatch.delenv(variable(field), raising=False)


def test_defaults_need_no_environment():
    settings = load()
    assert (settings.profile, settings.device, settings.dtype, settings.debug) == ("offline", "auto", "auto", False)


def test_variables_are_read(monkeypatch, tmp_path):
    own = tmp_path / "models.toml"
    own.write_text("")
    wanted = {
        "PROFILE": "hub",
        "MODELS": str(own),
        "MODELS_DIR": "~/models",
        "HUB_URL": "http://127.0.0.1:1",
        "HUB_TOKEN": "hf_1",
        "DEVICE": "cuda:1",
        "DTYPE": "bfloat16",
        "THREADS": "2",
        "TOKENS": "128",
        "WAITING": "7",
        "DEADLINE": "2.5",
        "CACHE": "0",
        "LANGUAGE": "pt-BR",
        "DATABASE": "sqlite+aiosqlite:///own.db",
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_APP_TOKEN": "xapp-1",
        "SLACK_API_URL": "http://127.0.0.1:1/api/",
        "SLACK_SIGNING_SECRET": "ab12",
        "SLACK_CLIENT_ID": "1.2",
        "SLACK_CLIENT_SECRET": "cd34",
        "SECRET_KEY": "key",
        "DISCORD_TOKEN": "MTIz.a.b",
        "DISCORD_API_URL": "http://127.0.0.1:1/api/v10",
        "DISCORD_GATEWAY_URL": "ws://127.0.0.1:2",
        "DISCORD_BOTS": "12, 34,",
        "HEALTH": "127.0.0.1:8080",
        "DEBUG": "1",
    }
    for name, value in wanted.items():
        monkeypatch.setenv(f"PARLEY_{name}", value)
    assert load() == Settings(
        profile="hub",
        models=own,
        models_dir=Path.home() / "models",
        hub_url="http://127.0.0.1:1",
        hub_token="hf_1",
        device="cuda:1",
        dtype="bfloat16",
        threads=2,
        tokens=128,
        waiting=7,
        deadline=2.5,
        cache=0,
        language="pt",
        database="sqlite+aiosqlite:///own.db",
        slack_bot_token="xoxb-1",
        slack_app_token="xapp-1",
        slack_api_url="http://127.0.0.1:1/api/",
        slack_signing_secret="ab12",
        slack_client_id="1.2",
        slack_client_secret="cd34",
        secret_key="key",
        discord_token="MTIz.a.b",
        discord_api_url="http://127.0.0.1:1/api/v10",
        discord_gateway_url="ws://127.0.0.1:2",
        discord_bots=frozenset({"12", "34"}),
        health="127.0.0.1:8080",
        debug=True,
    )


def test_an_empty_variable_is_an_unset_one(monkeypatch):
    monkeypatch.setenv("PARLEY_DEVICE", "")
    assert load().device == "auto"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PROFILE", "../x"),
        ("MODELS", "/no/such/file.toml"),
        ("HUB_URL", "huggingface.co"),
        ("DEVICE", "gpu"),
        ("DTYPE", "int4"),
        ("THREADS", "0"),
        ("TOKENS", "many"),
        ("WAITING", "-1"),
        ("DEADLINE", "inf"),
        ("LANGUAGE", "portuguese"),
        ("SLACK_API_URL", "slack.com"),
        ("DISCORD_API_URL", "discord.com"),
        ("DISCORD_API_URL", "https://discord.com/api/v10/"),
        ("DISCORD_GATEWAY_URL", "https://gateway.discord.gg"),
        ("DISCORD_BOTS", "Carl"),
        ("DISCORD_BOTS", "12 34"),
        ("HEALTH", "8080"),
        ("DEBUG", "perhaps"),
    ],
)
def test_a_bad_value_is_one_sentence_with_the_variable_and_the_value(monkeypatch, name, value):
    monkeypatch.setenv(f"PARLEY_{name}", value)
    with pytest.raises(SettingsError) as caught:
        load()
    assert re.fullmatch(rf"PARLEY_{name} must be [^\n]+, not {re.escape(repr(value))}\.", str(caught.value))


@pytest.mark.parametrize(
    "name",
    [
        "HUB_TOKEN",
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "SLACK_SIGNING_SECRET",
        "SLACK_CLIENT_SECRET",
        "SECRET_KEY",
        "DISCORD_TOKEN",
    ],
)
def test_a_secret_is_never_shown(monkeypatch, name):
    monkeypatch.setenv(f"PARLEY_{name}", "hush-hush")
    assert "hush" not in repr(load())


def test_settings_cannot_be_changed():
    with pytest.raises(ValidationError):
        load().device = "cpu"


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "pt_BR.UTF-8"}, "pt"),
        ({"LANG": "de"}, "de"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LC_ALL": "POSIX", "LANG": "fr_FR"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "es_MX", "LANG": "fr_FR"}, "es"),
    ],
)
def test_the_language_comes_from_the_locale(environment, language):
    assert locale_language(environment) == language


def test_the_example_environment_lists_every_setting_with_its_default():
    listed = dict(re.findall(r"^#?(PARLEY_[A-Z_]+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE))
    assert set(listed) == {variable(field) for field in Settings.model_fields}
    fixed = {name: field for name, field in Settings.model_fields.items() if field.default_factory is None}
    defaults = {variable(name): field.default for name, field in fixed.items()}
    for name, default in defaults.items():
        assert listed[name] == {None: "", False: "0", frozenset(): ""}.get(default, str(default)), name
