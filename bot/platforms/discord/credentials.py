"""The bot's token: whether it can be one, and which application it is of."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from bot.platforms.credentials import Credential, fault, held
from bot.settings import Settings, variable

PAGE = "discord.com/developers/applications"
TOKEN = Credential(
    "discord_token",
    r"[\w-]+\.[\w-]+\.[\w-]+",
    "the bot's token, which has three parts with dots between",
    f"Reset Token shows it under Bot, on the application's page at {PAGE}",
)
KINDS = {
    r"(xox|xapp-)": "a token of Slack's",
    r"https?://": "an address",
    r"mfa\.": "a person's token",
    r"\d{17,20}$": "the application's id",
    r"[0-9a-f]{64}$": "the application's public key",
    r"[\w-]{32}$": "the client secret",
}
"""What a value is that should be the token."""


def application_id(token: str) -> str | None:
    """The id that a token begins with; None where it is no token."""
    if not re.fullmatch(TOKEN.form, token, re.ASCII):
        return None
    first = token.partition(".")[0]
    try:
        told = base64.urlsafe_b64decode(first + "=" * (-len(first) % 4))
    except binascii.Error:
        return None
    return told.decode() if re.fullmatch(rb"\d+", told) else None


def faults(settings: Settings) -> Iterator[str]:
    """What is wrong with the token, in a sentence with what to do about it."""
    token = held(settings, TOKEN.field)
    if token.startswith("Bot "):
        yield f"{variable(TOKEN.field)} begins with the word Bot; leave it out, and the space behind it."
    elif application_id(token) is None:
        yield fault(TOKEN, token, KINDS)
