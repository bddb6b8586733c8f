"""Which language a flag stands for."""

import pytest

from bot import flags


@pytest.mark.parametrize(
    ("country", "language"),
    [
        ("br", "pt"),
        ("PT", "pt"),
        ("us", "en"),
        ("gb", "en"),
        ("uk", "en"),
        ("jp", "ja"),
        ("mx", "es"),
        ("ua", "uk"),
        ("xk", "sq"),
        ("eu", None),
        ("xx", None),
        ("zz", None),
        ("aq", None),
        ("", None),
        ("checkered", None),
        ("b1", None),
    ],
)
def test_a_country_stands_for_its_language(country, language):
    assert flags.language(country) == language
