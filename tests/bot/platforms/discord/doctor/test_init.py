import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.platforms.discord.doctor import CHECKS

SECRETS = {"MTIz.fake.token", "geheim"}


async def test_nothing_is_wrong_with_a_set_up_that_is_right(setup, found):
    findings = await found(setup())
    assert list(findings) == list(CHECKS)
    assert {verdict for said in findings.values() for verdict, _ in said} == {"ok"}


async def test_it_writes_nothing_and_takes_no_session(discord, setup, found):
    await found(setup())
    assert {call.method for call in discord.calls} == {"GET"}
    assert discord.identified == []
    await discord.until(lambda: not discord.connections)


async def test_discord_pys_addresses_are_what_they_were(setup, found):
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    await found(setup(discord_gateway_url="ws://127.0.0.1:1"))
    assert before == (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)


async def test_what_cannot_be_reached_is_told_once_and_the_rest_is_checked(setup, found, closed_port):
    findings = await found(setup(discord_api_url=f"http://127.0.0.1:{closed_port}/api/v10"))
    problems = [check for check, said in findings.items() for verdict, _ in said if verdict == "problem"]
    assert problems == ["network"]
    assert findings["token"] == [("skipped", "Discord cannot be reached.")]
    assert findings["servers"] == [("skipped", "Discord must know the token for this.")]
    assert findings["settings"][0][0] == findings["database"][0][0] == "ok"


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"discord_token": "MTIz.geheim.geheim"},
        {"discord_token": "Bot geheim"},
        {"discord_token": "'geheim'"},
        {"database": "postgresql+nosuch://ana:geheim@127.0.0.1:1/parley"},
        {"discord_api_url": "http://ana:geheim@127.0.0.1:1/api/v10"},
        {"discord_gateway_url": "ws://ana:geheim@127.0.0.1:1/geheim"},
    ],
)
async def test_no_finding_holds_a_secret(discord, guild, setup, found, wrong):
    guild.name = f"server of {discord.token}"
    findings = await found(setup(**wrong))
    told = " ".join(words for said in findings.values() for _, words in said)
    assert list(findings) == list(CHECKS)
    assert not [secret for secret in SECRETS if secret in told]


async def test_an_unexpected_refusal_is_a_sentence(discord, setup, said):
    discord.fail("GET", "/users/@me/guilds", status=403, code=40333)
    assert await said("servers", setup()) == ("problem", "Discord refuses (HTTP 403, code 40333).")


async def test_who_is_told_to_wait_for_long_does_not(discord, setup, said):
    discord.fail("GET", "/users/@me/guilds", status=429, retry_after=60)
    verdict, words = await said("servers", setup(), limit_s=0.5)
    assert verdict == "problem"
    assert words == "Discord gave no answer to this within 0.5 seconds; try again."
