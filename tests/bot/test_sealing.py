"""What a database gets of a secret, and what happens with the wrong key."""

import pytest
from sqlalchemy.dialects import sqlite

from bot.sealing import KeyUnusable, Sealed, keyring, new_key

DIALECT = sqlite.dialect()


def sealed(keys):
    return Sealed(keyring(keys))


def test_a_secret_comes_back_and_does_not_show():
    column = sealed(new_key())
    stored = column.process_bind_param("xoxb-secret", DIALECT)
    assert "secret" not in stored
    assert column.process_result_value(stored, DIALECT) == "xoxb-secret"


def test_nothing_stays_nothing():
    column = sealed(new_key())
    assert column.process_bind_param(None, DIALECT) is None
    assert column.process_result_value(None, DIALECT) is None


def test_the_first_key_seals_and_each_opens():
    old, new = new_key(), new_key()
    stored = sealed(old).process_bind_param("x", DIALECT)
    both = sealed(f"{new}, {old}")
    assert both.process_result_value(stored, DIALECT) == "x"
    assert sealed(new).process_result_value(both.process_bind_param("x", DIALECT), DIALECT) == "x"


def test_another_key_is_one_sentence():
    stored = sealed(new_key()).process_bind_param("x", DIALECT)
    with pytest.raises(KeyUnusable, match=r"^PARLEY_SECRET_KEY does not open [^\n]+\.$"):
        sealed(new_key()).process_result_value(stored, DIALECT)


@pytest.mark.parametrize("keys", ["", "password", "ü" * 44, f"{new_key()},", "A" * 43])
def test_what_is_no_key_is_one_sentence_that_does_not_show_it(keys):
    with pytest.raises(KeyUnusable, match=r"^PARLEY_SECRET_KEY is not a key [^\n]+`parley slack key`[^\n]+\.$") as caught:
        keyring(keys)
    assert not keys or keys not in str(caught.value)
