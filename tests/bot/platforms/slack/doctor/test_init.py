import pytest

from bot.platforms.slack.doctor import CHECKS

SECRETS = {"xoxb-parley", "xapp-parley", "geheim", "ticket"}


async def test_nothing_is_wrong_with_a_set_up_that_is_right(setup, found):
    findings = await found(setup())
    assert list(findings) == list(CHECKS)
    verdicts = {check: {verdict for verdict, _ in said} for check, said in findings.items()}
    assert verdicts == {check: {"skipped"} if check == "commands" else {"ok"} for check in CHECKS}


async def test_it_writes_nothing_in_the_workspace(slack, setup, found):
    await found(setup())
    assert {call.method for call in slack.calls} == {
        "api.test",
        "auth.test",
        "apps.connections.open",
        "bots.info",
        "users.conversations",
        "conversations.history",
    }
    await slack.until(lambda: not slack.connections)


async def test_what_cannot_be_reached_is_told_once_and_the_rest_is_checked(setup, found, closed_port):
    findings = await found(setup(slack_api_url=f"http://127.0.0.1:{closed_port}/api/"))
    assert list(findings) == list(CHECKS)
    problems = [check for check, said in findings.items() for verdict, _ in said if verdict == "problem"]
    assert problems == ["network"]
    assert findings["bot token"] == [("skipped", "Slack cannot be reached.")]
    assert findings["settings"][0][0] == findings["database"][0][0] == "ok"


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"slack_bot_token": "xapp-parley", "slack_app_token": "xoxb-parley"},
        {"slack_bot_token": "xoxb-geheim", "slack_app_token": "xapp-geheim"},
        {"slack_bot_token": "geheim\r\n", "slack_app_token": "'geheim'"},
        {
            "slack_signing_secret": "geheim",
            "slack_client_id": "1.2",
            "slack_client_secret": "geheim",
            "secret_key": "geheim",
        },
        {"database": "postgresql+nosuch://ana:geheim@127.0.0.1:1/parley"},
        {"slack_api_url": "http://ana:geheim@127.0.0.1:1/api/"},
    ],
)
@pytest.mark.parametrize("http", [False, True])
async def test_no_finding_holds_a_secret(slack, setup, found, wrong, http):
    slack.team = f"team of {slack.bot_token}"
    slack.socket_url = lambda: "ws://127.0.0.1:1/link?ticket=geheim"
    findings = await found(setup(**wrong), http=http)
    told = " ".join(words for said in findings.values() for _, words in said)
    assert list(findings) == list(CHECKS)
    assert not [secret for secret in SECRETS if secret in told]


async def test_a_check_that_breaks_off_does_not_stop_the_others(slack, setup, found, monkeypatch):
    async def broken(visit):
        raise RuntimeError("xoxb-parley")
        yield

    monkeypatch.setitem(CHECKS, "clock", broken)
    findings = await found(setup())
    assert findings["clock"] == [("problem", "This check broke off (RuntimeError); please report it.")]
    assert findings["channels"][0][0] == "ok"
