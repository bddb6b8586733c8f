import pytest
from aiohttp import InvalidURL

from bot.platforms.doctor.way import place


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("https://slack.com/api/", "slack.com"),
        ("http://127.0.0.1:8080/api/", "127.0.0.1:8080"),
        ("http://ana:geheim@proxy.acme:3128", "proxy.acme:3128"),
        ("wss://wss-primary.slack.com/link/?ticket=geheim", "wss-primary.slack.com"),
        ("http://[geheim", "an address that cannot be read"),
    ],
)
def test_a_place_is_a_host_and_nothing_more(address, told):
    assert place(address) == told


def test_an_answer_is_told_with_the_way_it_took(way):
    assert way().answered(0.0384) == "Chat answers at 127.0.0.1:1 in 38 ms."
    proxied = way(proxy="http://ana:geheim@proxy.acme:3128").answered(1)
    assert proxied == "Chat answers at 127.0.0.1:1 through the proxy at proxy.acme:3128 in 1000 ms."


def test_what_to_check_is_the_platforms_own_setting(way):
    assert "check PARLEY_CHAT and HTTPS_PROXY" in way().failure(InvalidURL("geheim"))
    assert way().stranger(302).startswith("What answers at 127.0.0.1:1 is not Chat's API (HTTP 302); check PARLEY_CHAT")


def test_a_failure_can_be_of_another_address(way):
    assert way().failure(TimeoutError(), "wss://gate.chat.test/?ticket=1").startswith("gate.chat.test does not answer")
