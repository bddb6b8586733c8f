import pytest

from bot.address import Address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:3000", ("127.0.0.1", 3000)),
        ("localhost:0", ("localhost", 0)),
        ("[::1]:8080", ("::1", 8080)),
    ],
)
def test_an_address_is_read_and_written(text, address):
    read = Address.parse(text)
    assert read == address
    assert str(read) == text


@pytest.mark.parametrize(
    "text", ["", "3000", ":3000", "host", "host:", "host:x", "host:65536", "host:-1", "::1:80", "me@host:80", "host:80/path"]
)
def test_what_is_no_host_and_port_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  # whoever asks has words of its own
        Address.parse(text)
