"""Tokens and secrets: which of them a way of running needs, and whether they can be what they should be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import SecretStr

from bot.sealing import KEY, KeyUnusable, keyring
from bot.settings import Settings, variable


@dataclass(frozen=True)
class Credential:
    """A setting that Slack's pages fill.

    Attributes:
        field: its name in `Settings`.
        begins: how its values begin, where they all begin alike.
        form: a pattern that they match as a whole.
        is_a: what it is, and how one knows it.
        page: where it is found on the app's page.
    """

    field: str
    begins: str
    form: str
    is_a: str
    page: str


BOT = Credential("slack_bot_token", "xoxb-", r"xoxb-[\w-]+", "a bot token, which begins with xoxb-", "Install App")
APP = Credential(
    "slack_app_token", "xapp-", r"xapp-[\w-]+", "an app-level token, which begins with xapp-", "Basic Information"
)
SIGNING = Credential(
    "slack_signing_secret", "", "[0-9a-f]+", "the signing secret, which has hexadecimal digits only", "Basic Information"
)
CLIENT = Credential("slack_client_id", "", r"\d+\.\d+", "the client id, two numbers with a dot between", "Basic Information")
CLIENT_SECRET = Credential(
    "slack_client_secret", "", "[0-9a-f]+", "the client secret, which has hexadecimal digits only", "Basic Information"
)

KINDS = {
    "xoxb-": "a bot token",
    "xapp-": "an app-level token",
    "xoxp-": "a user's token",
    "xoxe": "a token that expires (token rotation is on)",
    "xox": "a token of another kind",
    '"': "a value in quotation marks",
    "'": "a value in quotation marks",
}
"""What a value is that should be something else, by how it begins."""


def held(settings: Settings, field: str) -> str:
    """What a setting holds, as text; "" where it is not set."""
    value = getattr(settings, field, None)
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")


def usable(settings: Settings, credential: Credential) -> bool:
    """Whether a credential is set, and can be what it should be."""
    return bool(re.fullmatch(credential.form, held(settings, credential.field), re.ASCII))


def installs(settings: Settings, *, http: bool) -> bool:
    """Whether workspaces install the app on their own (OAuth), which works over HTTP only."""
    return http and any(held(settings, each.field) for each in (CLIENT, CLIENT_SECRET))


def needed(settings: Settings, *, http: bool) -> list[Credential]:
    """The credentials that this way of running cannot do without."""
    if not http:
        return [BOT, APP]
    return [SIGNING, CLIENT, CLIENT_SECRET] if installs(settings, http=http) else [SIGNING, BOT]


def faults(settings: Settings, *, http: bool) -> Iterator[str]:
    """What is wrong with the credentials, a sentence each, with what to do about it."""
    wanted = needed(settings, http=http)
    if held(settings, BOT.field).startswith("xapp-") and held(settings, APP.field).startswith("xoxb-"):
        yield f"{variable(BOT.field)} and {variable(APP.field)} are swapped; exchange their values."
        wanted = [each for each in wanted if each not in {BOT, APP}]
    for credential in wanted:
        if not usable(settings, credential):
            yield _fault(credential, held(settings, credential.field), http=http)
    if installs(settings, http=http):
        yield from _key_faults(held(settings, "secret_key"))


def hidden(text: str, settings: Settings) -> str:
    """A text without the secrets of the settings, should any have got into it."""
    secrets = (
        held(settings, name) for name in type(settings).model_fields if isinstance(getattr(settings, name), SecretStr)
    )
    for secret in sorted((each for each in secrets if each.strip()), key=len, reverse=True):
        text = text.replace(secret, "…")
    return text


def _key_faults(keys: str) -> Iterator[str]:
    if not keys:
        yield f"Set {KEY} to what `parley slack key` prints; the tokens of the workspaces are stored encrypted with it."
        return
    try:
        keyring(keys)
    except KeyUnusable as reason:
        yield str(reason)


def _fault(credential: Credential, value: str, *, http: bool) -> str:
    name, place = variable(credential.field), f"it is on the app's page, under {credential.page}"
    if not value:
        instead = f", or {variable(CLIENT.field)} and {variable(CLIENT_SECRET.field)} for several workspaces"
        return f"Set {name} to {credential.is_a}{instead if http and credential is BOT else ''}; {place}."
    kind = next((kind for begins, kind in KINDS.items() if value.startswith(begins)), "")
    if kind and not (credential.begins and value.startswith(credential.begins)):
        return f"{name} holds {kind} instead of {credential.is_a}; {place}."
    return f"{name} is not {credential.is_a}, as a whole; copy it again: {place}."
