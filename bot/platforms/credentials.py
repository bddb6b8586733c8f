"""Tokens and secrets that a platform gives out: what they should look like, and words for what does not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydantic import SecretStr

from bot.settings import Settings, variable

QUOTED = {"[\"']": "a value in quotation marks"}


@dataclass(frozen=True)
class Credential:
    """A setting that a platform's pages fill.

    Attributes:
        field: its name in `Settings`.
        form: a pattern that its values match as a whole.
        is_a: what it is, and how one knows it.
        found: where it is found: a clause such as "it is on the app's page".
        begins: how its values begin, where they all begin alike.
    """

    field: str
    form: str
    is_a: str
    found: str
    begins: str = ""


def held(settings: Settings, field: str) -> str:
    """What a setting holds, as text; "" where it is not set."""
    value = getattr(settings, field, None)
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")


def usable(settings: Settings, credential: Credential) -> bool:
    """Whether a credential is set, and can be what it should be."""
    return bool(re.fullmatch(credential.form, held(settings, credential.field), re.ASCII))


def fault(credential: Credential, value: str, kinds: dict[str, str], *, instead: str = "") -> str:
    """What is wrong with a value, in a sentence that does not show it.

    Args:
        kinds: what a value is that should be something else, by a pattern that its beginning matches; the first one counts.
        instead: what else may be set, where nothing is.
    """
    name = variable(credential.field)
    if not value:
        return f"Set {name} to {credential.is_a}{instead}; {credential.found}."
    kind = next((kind for form, kind in (QUOTED | kinds).items() if re.match(form, value, re.ASCII)), "")
    if kind and not (credential.begins and value.startswith(credential.begins)):
        return f"{name} holds {kind} instead of {credential.is_a}; {credential.found}."
    return f"{name} is not {credential.is_a}, as a whole; copy it again: {credential.found}."


def hidden(text: str, settings: Settings) -> str:
    """A text without the secrets of the settings, should any have got into it."""
    secrets = (
        held(settings, name) for name in type(settings).model_fields if isinstance(getattr(settings, name), SecretStr)
    )
    for secret in sorted((each for each in secrets if each.strip()), key=len, reverse=True):
        text = text.replace(secret, "…")
    return text
