"""Slack from end to end: payloads in over a real websocket, the real slack-bolt app, what stands in the channel then."""

from __future__ import annotations

import json
import logging
import time

import pytest

from bot import logs
from bot.assistant import Assistant
from bot.platforms.refused import Refused
from bot.platforms.slack.desks import Desks
from bot.platforms.slack.sockets import connected
from bot.router import Router
from handlers import build

from ..slack.talk import answers, mention

pytestmark = pytest.mark.timeout(30)


@pytest.mark.usefixtures("desk")
async def test_a_question_in_a_thread_is_answered_there_with_its_evidence(slack, engine, incident, ana):
    channel, root = incident
    engine.answers["who rolls back?"] = "I roll back to 4.11"
    _, ack = await mention(slack, channel, ana, "ask who rolls back?", root)
    await slack.until(lambda: answers(slack, channel, root))
    assert ack.seconds < 1
    (answer,) = answers(slack, channel, root)
    shown = json.dumps(answer["blocks"], ensure_ascii=False)
    assert "I roll back to 4.11" in shown
    assert "Ben" in shown
    assert slack.permalink(channel, slack.messages(channel, root)[1]["ts"]).split("?")[0] in shown
    (posted,) = slack.called("chat.postMessage")
    assert (str(posted["unfurl_links"]).lower(), str(posted["unfurl_media"]).lower()) in {("false", "false"), ("0", "0")}
    (_, context) = next(given for name, given in engine.calls if name == "extract")
    assert context == "Ana: Payments are failing since the deploy.\nBen: @Ana I roll back to 4.11 & watch it.\n"


@pytest.mark.usefixtures("desk")
async def test_slow_work_holds_no_acknowledgement_up(slack, incident, ana):
    channel, root = incident
    slack.delays["conversations.replies"] = 3.2
    _, ack = await mention(slack, channel, ana, "summarize", root)
    assert ack.seconds < 1
    await slack.until(lambda: slack.called("chat.update"))


@pytest.mark.usefixtures("desk")
async def test_what_others_automate_is_not_answered(slack, incident, ana):
    channel, root = incident
    robot = slack.user("robot", is_bot=True)
    ts = slack.say(channel, robot, f"<@{slack.bot_user}> help", root, bot_id="BROBOT")
    await slack.deliver("events_api", slack.callback(slack.message(channel, ts)))
    await mention(slack, channel, ana, "help", root)
    await slack.until(lambda: answers(slack, channel, root))
    assert len(answers(slack, channel, root)) == 1


@pytest.mark.usefixtures("desk")
async def test_a_follow_up_needs_no_mention_in_a_thread_the_bot_is_in(slack, engine, incident, ana):
    channel, root = incident
    engine.answers["who rolls back?"] = "I roll back"
    engine.intents["who rolls back?"] = "ask"
    before = slack.say(channel, ana, "who rolls back?", root)
    await slack.deliver("events_api", slack.callback(slack.message(channel, before)))
    await mention(slack, channel, ana, "help", root)
    await slack.until(lambda: answers(slack, channel, root))
    for text in ("nice weather", "who rolls back?"):
        ts = slack.say(channel, ana, text, root)
        await slack.deliver("events_api", slack.callback(slack.message(channel, ts)))
    await slack.until(lambda: len(answers(slack, channel, root)) == 2)
    assert [name for name, given in engine.calls if name == "extract"] == ["extract"]


@pytest.mark.usefixtures("desk")
async def test_what_was_asked_of_the_bot_is_no_part_of_the_conversation(slack, engine, incident, ana):
    channel, root = incident
    await mention(slack, channel, ana, "help", root)
    await slack.until(lambda: answers(slack, channel, root))
    await mention(slack, channel, ana, "summarize", root)
    await slack.until(lambda: len(answers(slack, channel, root)) == 2)
    (turns,) = (given for name, given in engine.calls if name == "salience")
    assert len(turns) == 2


@pytest.mark.usefixtures("desk")
async def test_a_direct_message_needs_no_mention(slack, ana):
    channel = slack.im(ana)
    ts = slack.say(channel, ana, "help")
    await slack.deliver("events_api", slack.callback(slack.message(channel, ts)))
    await slack.until(lambda: answers(slack, channel, ts))


@pytest.mark.usefixtures("desk")
async def test_a_command_is_answered_to_the_asker_alone(slack, engine, incident, ana):
    channel, _ = incident
    ack = await slack.deliver("slash_commands", slack.command(ana, channel, "summarize"))
    await slack.until(lambda: slack.responses)
    assert ack.seconds < 1
    assert slack.called("chat.postMessage") == []
    assert slack.responses[0]["response_type"] == "ephemeral"
    assert "Payments are failing" in json.dumps(slack.responses[0]["blocks"])
    read = ("Payments are failing since the deploy.", "@Ana I roll back to 4.11 & watch it.")
    assert ("salience", read) in engine.calls


@pytest.mark.usefixtures("desk")
async def test_a_shortcut_reads_the_thread_of_its_message(slack, incident, ana):
    channel, root = incident
    shortcut = slack.message_shortcut("summarize", ana, channel, slack.messages(channel, root)[1]["ts"])
    await slack.deliver("interactive", shortcut)
    await slack.until(lambda: slack.responses)
    assert "Payments are failing" in json.dumps(slack.responses[0]["blocks"])


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("kind", ["guest", "outsider of a private channel", "no such channel"])
async def test_a_link_to_what_the_asker_may_not_read_gives_nothing_away(slack, engine, ana, kind):
    owner = slack.user("owner")
    hidden = slack.channel("hidden", owner, kind="public" if kind == "guest" else "private")
    root = slack.say(hidden, owner, "The secret is out.")
    asker = slack.user("guest", is_restricted=True) if kind == "guest" else ana
    here = slack.channel("here", asker, ana)
    link = slack.permalink(hidden, root)
    if kind == "no such channel":
        link = link.replace(hidden, "C0NOWHERE")
    await mention(slack, here, asker, f"summarize <{link}>")
    await slack.until(lambda: slack.ephemeral)
    (told,) = slack.ephemeral
    assert told["text"] == "I cannot read that for you: either it is not there, or you or I are not in that channel."
    assert told["user"] == asker
    assert slack.called("chat.postMessage") == []
    assert not [given for name, given in engine.calls if "secret" in str(given)]
    assert slack.called("conversations.replies") == []


@pytest.mark.usefixtures("desk")
async def test_a_link_to_a_public_channel_is_read_for_a_member_of_the_workspace_alone(slack, ana, ben):
    other = slack.channel("other", ben)
    root = slack.say(other, ben, "We ship on Monday.")
    here = slack.channel("here", ana)
    await mention(slack, here, ana, f"summarize <{slack.permalink(other, root)}>")
    await slack.until(lambda: slack.ephemeral)
    assert "We ship on Monday." in json.dumps(slack.ephemeral[0]["blocks"])


@pytest.mark.usefixtures("desk")
async def test_what_is_private_is_not_told_in_public(slack, ana, ben):
    hidden = slack.channel("hidden", ana, kind="private")
    root = slack.say(hidden, ana, "We will buy Globex.")
    here = slack.channel("here", ana, ben)
    await mention(slack, here, ana, f"summarize <{slack.permalink(hidden, root)}>")
    await slack.until(lambda: slack.ephemeral)
    (whispered,) = slack.ephemeral
    assert whispered["user"] == ana
    assert "We will buy Globex." in json.dumps(whispered["blocks"])
    assert slack.called("chat.postMessage") == []


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("page", [15, 999])
async def test_a_long_thread_is_read_to_its_end(slack, engine, incident, ana, page):
    channel, root = incident
    slack.page_cap = page
    for number in range(60):
        slack.say(channel, ana, f"Step {number} is done.", root)
    await mention(slack, channel, ana, "summarize", root)
    await slack.until(lambda: answers(slack, channel, root))
    (turns,) = (given for name, given in engine.calls if name == "salience")
    assert len(turns) == 62
    assert "62 of 62" in json.dumps(answers(slack, channel, root)[0]["blocks"])


@pytest.mark.usefixtures("desk")
async def test_a_limit_in_the_middle_of_a_thread_is_waited_for(slack, engine, incident, ana):
    channel, root = incident
    slack.page_cap = 15
    for number in range(40):
        slack.say(channel, ana, f"Step {number} is done.", root)
    slack.fail("conversations.replies", "ratelimited", status=429, retry_after=1, after=1)
    begun = time.monotonic()
    await mention(slack, channel, ana, "summarize", root)
    await slack.until(lambda: answers(slack, channel, root), within=10)
    assert time.monotonic() - begun >= 1
    (turns,) = (given for name, given in engine.calls if name == "salience")
    assert len(turns) == 42


@pytest.mark.usefixtures("desk")
async def test_trouble_on_slacks_side_is_told(slack, incident, ana):
    channel, root = incident
    slack.fail("conversations.replies", "internal_error")
    await mention(slack, channel, ana, "summarize", root)
    await slack.until(lambda: answers(slack, channel, root))
    assert (
        answers(slack, channel, root)[0]["text"] == "Slack did not let me read this just now; please ask again in a minute."
    )


@pytest.mark.usefixtures("desk")
async def test_whoever_waits_long_is_told_and_then_gets_the_answer_in_its_place(slack, incident, ana):
    channel, root = incident
    slack.delays["conversations.replies"] = 2.5
    await mention(slack, channel, ana, "summarize", root)
    await slack.until(lambda: answers(slack, channel, root))
    assert answers(slack, channel, root)[0]["text"] == "One moment, I am reading."
    await slack.until(lambda: slack.called("chat.update"))
    (answer,) = answers(slack, channel, root)
    assert "Payments are failing" in json.dumps(answer["blocks"])


@pytest.mark.usefixtures("desk")
async def test_talk_in_threads_without_the_bot_costs_slack_no_calls(slack, incident, ana):
    channel, root = incident
    for text in ("what now?", "any news?"):
        ts = slack.say(channel, ana, text, root)
        await slack.deliver("events_api", slack.callback(slack.message(channel, ts)))
    calls = len(slack.calls)
    await mention(slack, channel, ana, "help", root)
    await slack.until(lambda: answers(slack, channel, root))
    assert [call.method for call in slack.calls[calls:]] == ["users.info", "chat.postMessage"]


@pytest.mark.usefixtures("desk")
async def test_a_thread_of_a_hundred_thousand_characters_is_read_to_its_end(slack, engine, incident, ana):
    channel, root = incident
    for number in range(50):
        slack.say(channel, ana, f"Step {number}: " + "all of it went well. " * 100, root)
    engine.answers["what happened last?"] = "Step 49"
    await mention(slack, channel, ana, "ask what happened last?", root)
    await slack.until(lambda: answers(slack, channel, root))
    ((_, context),) = (given for name, given in engine.calls if name == "extract")
    assert len(context) > 100_000
    assert "52 of 52 messages read" in json.dumps(answers(slack, channel, root)[0]["blocks"])


@pytest.mark.usefixtures("desk")
async def test_a_long_answer_keeps_its_fences(slack, incident, ana):
    channel, root = incident
    code = "\n".join(f"print({number})" for number in range(400))
    text = f"translate to pt: Look at this:\n```\n{code}\n```\nThat was all."
    await mention(slack, channel, ana, text, root)
    await slack.until(lambda: slack.ephemeral)
    sections = [b["text"]["text"] for m in slack.ephemeral for b in m["blocks"] if b["type"] == "section"]
    assert len(sections) > 1
    assert all(section.count("```") % 2 == 0 for section in sections)
    assert sum(section.upper().count("PRINT(") for section in sections) == 400


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("text", ["👍👍👍", "https://example.com/a", "???"])
async def test_what_holds_no_words_is_told_so(slack, engine, incident, ana, text):
    channel, root = incident
    engine.spoken = None
    await mention(slack, channel, ana, f"translate to pt: {text}", root)
    await slack.until(lambda: slack.ephemeral or answers(slack, channel, root))
    assert len(slack.ephemeral) + len(answers(slack, channel, root)) == 1


@pytest.mark.usefixtures("desk")
async def test_a_channel_that_the_bot_is_not_in_is_named_as_the_reason(slack, ana):
    channel = slack.channel("elsewhere", ana, bot=False)
    await slack.deliver("slash_commands", slack.command(ana, channel, "summarize"))
    await slack.until(lambda: slack.responses)
    assert "/invite @Parley" in slack.responses[0]["text"]


@pytest.mark.usefixtures("desk")
async def test_hostile_words_notify_nobody(slack, engine, incident, ana):
    channel, root = incident
    hostile = "&lt;!channel&gt; <!here> @everyone <!subteam^S1|@ops> *bold* `code \u202etxet\u202c zero\u200bwidth"
    slack.say(channel, ana, hostile, root)
    await mention(slack, channel, ana, "summarize", root)
    await slack.until(lambda: answers(slack, channel, root))
    (answer,) = answers(slack, channel, root)
    shown = json.dumps(answer["blocks"], ensure_ascii=False) + answer["text"]
    for ping in ("<!channel>", "<!here>", "@everyone", "@here", "@channel", "<!subteam", "\u202e", "\u200b"):
        assert ping not in shown


async def test_answers_under_way_are_finished_when_parley_stops(slack, engine, state, incident, ana):
    channel, root = incident
    assistant = Assistant(Router(engine), build(engine))
    slack.delays["chat.postMessage"] = 0.3
    async with (
        Desks(assistant, state, url=slack.api_url, pace_s=0.0) as desks,
        connected(desks, slack.bot_token, slack.app_token, url=slack.api_url),
    ):
        await slack.connected()
        await mention(slack, channel, ana, "help", root)
    assert len(answers(slack, channel, root)) == 1


@pytest.mark.parametrize(("error", "words"), [("invalid_auth", "does not accept the token"), ("teapot", "'teapot'")])
@pytest.mark.parametrize("method", ["auth.test", "apps.connections.open"])
async def test_a_refused_connection_is_one_sentence(slack, state, engine, method, error, words):
    slack.fail(method, error)
    assistant = Assistant(Router(engine), build(engine))
    async with Desks(assistant, state, url=slack.api_url) as desks:
        with pytest.raises(Refused, match=words):
            async with connected(desks, slack.bot_token, slack.app_token, url=slack.api_url):
                pass


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("debug", [True, False])
async def test_no_log_holds_what_people_write(slack, engine, incident, ana, capfd, debug):
    channel, root = incident
    before, handlers = logging.getLogger().level, logging.getLogger().handlers[:]
    logs.begin(debug=debug)
    slack.fail("chat.postMessage", "fatal_error")
    for text in ("ask where is the Lisbon plan?", "summarize", "translate to pt: Lisbon, here we come."):
        await mention(slack, channel, ana, text, root)
    await slack.until(lambda: answers(slack, channel, root) and slack.ephemeral)
    logging.getLogger("bot").error("the end")
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(before)
    written = "".join(capfd.readouterr())
    assert "the end" in written
    assert "Lisbon" not in written
    assert "Payments" not in written
