import pytest

# The token


async def test_the_bot_and_its_application_are_named(setup, found):
    findings = await found(setup())
    assert findings["settings"] == [("ok", "PARLEY_DISCORD_TOKEN is set.")]
    assert findings["token"] == [("ok", "Discord knows the bot as Parley, of the application Parley.")]


async def test_a_token_that_is_none_is_not_tried(discord, setup, found):
    findings = await found(setup(discord_token="xoxb-1"))
    assert findings["settings"][0][0] == "problem"
    assert findings["token"] == [("skipped", "PARLEY_DISCORD_TOKEN must be right for this.")]
    assert discord.called("GET", "/users/@me") == []


async def test_a_token_that_discord_refuses_is_one_problem(setup, found):
    findings = await found(setup(discord_token="MTIz.other.token"))
    [(verdict, words)] = findings["token"]
    assert verdict == "problem"
    assert words.startswith("Discord does not accept the token; ")
    checks = ("message content", "servers", "permissions", "commands")
    assert {findings[check][0][0] for check in checks} == {"skipped"}


async def test_commands_that_are_sent_elsewhere_are_a_problem(discord, setup, found):
    discord.install["interactions_endpoint_url"] = "https://ana.example.com/interactions"
    _, (verdict, words) = (await found(setup()))["token"]
    assert verdict == "problem"
    assert words.startswith("Discord sends commands and clicks to ana.example.com instead of to Parley; ")


async def test_a_bot_that_no_link_invites_is_a_problem(discord, setup, found):
    discord.install["bot_require_code_grant"] = True
    _, (verdict, words) = (await found(setup()))["token"]
    assert verdict == "problem"
    assert "switch Requires OAuth2 Code Grant off" in words


# What it may read


@pytest.mark.parametrize(("content", "verdict"), [("full", "ok"), ("limited", "ok"), ("none", "note")])
async def test_the_intent_is_told(discord, setup, said, content, verdict):
    discord.content = content
    told, words = await said("message content", setup())
    assert told == verdict
    assert ("switch Message Content Intent on" in words) == (verdict == "note")


# Commands


async def test_commands_are_named(setup, said, commands):
    verdict, words = await said("commands", setup())
    assert verdict == "ok"
    assert words.startswith("Discord shows /")
    assert all(each["name"] in words for each in commands)


async def test_commands_that_are_not_registered(discord, setup, said):
    discord.register([each for each in discord.commands if each["name"] not in {"ask", "Translate"}])
    verdict, words = await said("commands", setup())
    assert verdict == "note"
    assert words.startswith("Discord does not show /ask and Translate yet; ")


async def test_commands_that_nobody_answers(discord, setup, said, commands):
    discord.register([*commands, {"name": "dance", "description": "Dance"}])
    verdict, words = await said("commands", setup())
    assert verdict == "note"
    assert words == "Discord shows /dance, which Parley does not know; parley discord sync mends that."
