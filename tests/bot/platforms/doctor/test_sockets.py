import pytest

from bot.platforms.doctor.sockets import parsed


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ('{"ok": true}', {"ok": True}),
        (b'{"op": 10}', {"op": 10}),
        ("[1]", {}),
        ("<h1>", {}),
        ("", {}),
        (None, {}),
        (1000, {}),
    ],
)
def test_anything_but_an_object_is_an_empty_one(body, read):
    assert parsed(body) == read
