import pytest
from aiohttp import web

from bot.platforms.slack.scopes import SCOPES


async def test_the_bot_and_its_workspace_are_named(setup, found):
    assert (await found(setup()))["bot token"] == [("ok", "Slack knows the bot as parley in the workspace acme.")]


async def test_a_token_that_slack_refuses_is_one_problem(slack, setup, found):
    findings = await found(setup(slack_bot_token="xoxb-other"))
    assert "does not accept the token" in findings["bot token"][0][1]
    verdicts = [findings[check][0][0] for check in ("bot token", "permissions", "channels", "history", "websocket")]
    assert verdicts == ["problem", "skipped", "skipped", "skipped", "ok"]


async def test_each_workspace_may_bring_its_own_token(slack, setup, found):
    settings = setup(slack_bot_token=None, slack_signing_secret="ab", slack_client_id="1.2", slack_client_secret="cd")
    [(verdict, words)] = (await found(settings, http=True))["bot token"]
    assert verdict == "skipped"
    assert words.startswith("Every workspace brings a token of its own")


# Permissions


async def test_a_permission_that_is_needed_is_named_with_what_it_is_for(slack, setup, found):
    slack.scopes -= {"channels:history", "im:read"}
    [(verdict, words)] = (await found(setup()))["permissions"]
    assert verdict == "problem"
    for name in ("channels:history", "im:read"):
        assert f"{name} ({SCOPES[name].without})" in words
    assert "reinstall the app" in words


async def test_permissions_beyond_need_are_notes(slack, setup, found):
    slack.scopes = (slack.scopes - {"groups:read"}) | {"files:write", "team:read"}
    said = (await found(setup()))["permissions"]
    assert [verdict for verdict, _ in said] == ["ok", "note", "note"]
    assert "groups:read (it refuses to read private channels)" in said[1][1]
    assert said[2][1].startswith("The app has files:write, which ")


# Both tokens together


async def test_tokens_of_two_apps_are_told(slack, setup, found, served):
    async def greet(request):
        opened = web.WebSocketResponse()
        await opened.prepare(request)
        await opened.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A0OTHER"}})
        await opened.close()
        return opened

    async with served(greet) as port:
        slack.socket_url = lambda: f"ws://127.0.0.1:{port}/"
        findings = await found(setup())
    assert findings["websocket"][0][0] == "ok"
    [(verdict, words)] = findings["same app"]
    assert verdict == "problem"
    assert words.startswith("The tokens are of two apps")


async def test_one_token_alone_is_not_compared(setup, found):
    findings = await found(setup(slack_bot_token="xoxb-other"))
    assert findings["same app"] == [("skipped", "This needs the bot token and a websocket.")]


# Channels and what they hold


async def test_channels_are_counted_by_kind(slack, setup, found):
    slack.channel("random")
    slack.channel("elsewhere", bot=False)
    slack.channel("old", is_archived=True)
    assert (await found(setup()))["channels"] == [("ok", "The bot is in 2 public channels and 1 private channel.")]


async def test_more_channels_than_one_page(slack, setup, found):
    slack.list_cap = 2
    for number in range(3):
        slack.channel(f"more-{number}")
    assert "at least 2 public channels" in (await found(setup()))["channels"][0][1]


async def test_private_channels_are_not_asked_for_without_the_permission(slack, setup, found):
    slack.scopes -= {"groups:read"}
    assert (await found(setup()))["channels"] == [("ok", "The bot is in 1 public channel.")]


async def test_no_channel(slack, setup, found):
    slack.channels.clear()
    findings = await found(setup())
    assert findings["channels"] == [("note", "The bot is in no channel yet; write /invite @Parley in a channel.")]
    assert findings["history"] == [("skipped", "No channel to read is known.")]


async def test_a_private_channel_does_for_reading(slack, setup, found):
    slack.channels.pop(next(iter(slack.channels)))
    assert (await found(setup()))["history"][0][0] == "ok"
    [asked] = slack.called("conversations.history")
    assert slack.channels[asked["channel"]].name == "board"


@pytest.mark.parametrize(
    ("error", "told"), [("not_in_channel", "/invite @Parley"), ("internal_error", "something broke on its side")]
)
async def test_a_channel_that_cannot_be_read(slack, setup, found, error, told):
    slack.fail("conversations.history", error)
    [(verdict, words)] = (await found(setup()))["history"]
    assert verdict == "problem"
    assert told in words


async def test_a_channel_that_may_not_be_read(slack, setup, found):
    slack.scopes -= {"channels:history"}
    [(verdict, words)] = (await found(setup()))["history"]
    assert verdict == "problem"
    assert "lacks the permission channels:history" in words


async def test_who_is_told_to_wait_does_not(slack, setup, found):
    slack.fail("conversations.history", status=429, retry_after=60)
    [(verdict, words)] = (await found(setup()))["history"]
    assert verdict == "skipped"
    assert "try again in a minute" in words


@pytest.mark.parametrize(("cap", "verdicts"), [(15, ["ok", "note"]), (999, ["ok"])])
async def test_the_restricted_tier_is_told(slack, setup, found, cap, verdicts):
    slack.page_cap = cap
    general, ana = next(iter(slack.channels)), next(user for user, about in slack.users.items() if about.name == "ana")
    for number in range(210):
        slack.say(general, ana, f"message {number}")
    said = (await found(setup()))["history"]
    assert [verdict for verdict, _ in said] == verdicts
    assert len(slack.called("conversations.history")) == 1


@pytest.mark.parametrize(
    ("http", "mended"), [(False, "give the app deploy/slack-manifest.yaml again"), (True, "check the addresses")]
)
async def test_what_only_slack_can_try_is_told(setup, found, http, mended):
    [(verdict, words)] = (await found(setup(), http=http))["commands"]
    assert verdict == "skipped"
    assert "/parley help" in words
    assert mended in words
