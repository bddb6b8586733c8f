"""Tokens and secrets: which of them a way of running needs, and whether they can be what they should be."""

from __future__ import annotations

from collections.abc import Iterator

from bot.platforms.credentials import Credential, fault, held, usable
from bot.sealing import KEY, KeyUnusable, keyring
from bot.settings import Settings, variable


def _under(page: str) -> str:
    return f"it is on the app's page, under {page}"


BOT = Credential(
    "slack_bot_token", r"xoxb-[\w-]+", "a bot token, which begins with xoxb-", _under("Install App"), begins="xoxb-"
)
APP = Credential(
    "slack_app_token",
    r"xapp-[\w-]+",
    "an app-level token, which begins with xapp-",
    _under("Basic Information"),
    begins="xapp-",
)
SIGNING = Credential(
    "slack_signing_secret", "[0-9a-f]+", "the signing secret, which has hexadecimal digits only", _under("Basic Information")
)
CLIENT = Credential(
    "slack_client_id", r"\d+\.\d+", "the client id, two numbers with a dot between", _under("Basic Information")
)
CLIENT_SECRET = Credential(
    "slack_client_secret", "[0-9a-f]+", "the client secret, which has hexadecimal digits only", _under("Basic Information")
)

KINDS = {
    "xoxb-": "a bot token",
    "xapp-": "an app-level token",
    "xoxp-": "a user's token",
    "xoxe": "a token that expires (token rotation is on)",
    "xox": "a token of another kind",
}
"""What a value is that should be something else, by how it begins."""

SEVERAL = f", or {variable(CLIENT.field)} and {variable(CLIENT_SECRET.field)} for several workspaces"


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
            instead = SEVERAL if http and credential is BOT else ""
            yield fault(credential, held(settings, credential.field), KINDS, instead=instead)
    if installs(settings, http=http):
        yield from _key_faults(held(settings, "secret_key"))


def _key_faults(keys: str) -> Iterator[str]:
    if not keys:
        yield f"Set {KEY} to what `parley slack key` prints; the tokens of the workspaces are stored encrypted with it."
        return
    try:
        keyring(keys)
    except KeyUnusable as reason:
        yield str(reason)
