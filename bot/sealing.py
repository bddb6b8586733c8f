"""Secrets at rest: columns that a database holds encrypted only."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Dialect, Text, TypeDecorator

from bot.settings import variable

KEY = variable("secret_key")


class KeyUnusable(Exception):
    """Raised for a key that is none, or that does not open what is stored; a sentence that says what to do."""


def new_key() -> str:
    """A key that nobody else has."""
    return Fernet.generate_key().decode()


def keyring(keys: str) -> MultiFernet:
    """Read keys with commas between: the first one seals, each of them opens. Raises `KeyUnusable`."""
    try:
        return MultiFernet([Fernet(key.strip()) for key in keys.split(",")])
    except ValueError:
        raise KeyUnusable(f"{KEY} is not a key that can be used; `parley slack key` prints a new one.") from None


class Sealed(TypeDecorator[str]):
    """A column of text that is encrypted before it reaches the database. Raises `KeyUnusable` when read with another key."""

    impl = Text
    cache_ok = True

    def __init__(self, keys: MultiFernet) -> None:
        super().__init__()
        self.keys = keys

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Text to what the database gets."""
        return None if value is None else self.keys.encrypt(value.encode()).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """What the database has to text."""
        if value is None:
            return None
        try:
            return self.keys.decrypt(value).decode()
        except InvalidToken:
            told = (
                f"{KEY} does not open what the database holds; put the key that it was stored with behind it, after a comma"
            )
            raise KeyUnusable(f"{told}.") from None
