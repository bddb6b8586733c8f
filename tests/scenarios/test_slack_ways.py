"""Every way in besides a mention: commands, menus, modals, reactions, the Home tab, the agent's view."""

from __future__ import annotations

import pytest

from ..slack.talk import answers, mention, shown

pytestmark = [pytest.mark.timeout(30), pytest.mark.usefixtures("desk")]


async def event(slack, event):
    await slack.deliver("events_api", slack.callback(event))


async def react(slack, channel, ts, user, emoji):
    await event(slack, slack.react(channel, ts, user, emoji))


async def command(slack, user, channel, text, name="/parley"):
    await slack.deliver("slash_commands", slack.command(user, channel, text, command=name))


# Commands and menus


@pytest.mark.parametrize("name", ["/summarize", "/tldr"])
async def test_a_command_may_have_a_name_of_its_own(slack, incident, ana, name):
    channel, _ = incident
    await command(slack, ana, channel, "", name)
    await slack.until(lambda: slack.responses)
    assert "Payments are failing" in shown(slack.responses[0])


async def test_a_command_with_a_text_works_where_the_bot_was_not_invited(slack, ana):
    channel = slack.channel("elsewhere", ana, bot=False)
    await command(slack, ana, channel, "translate pt Good morning.")
    await slack.until(lambda: slack.responses)
    assert "GOOD MORNING." in shown(slack.responses[0])


async def test_a_command_can_name_another_channel(slack, incident, ana, ben):
    channel, _ = incident
    here = slack.channel("here", ana)
    await command(slack, ana, here, f"summarize <#{channel}|incident>")
    await slack.until(lambda: slack.responses)
    assert "Payments are failing" in shown(slack.responses[0])


@pytest.mark.parametrize("name", ["translate", "sentiment"])
async def test_a_shortcut_is_about_its_message(slack, engine, incident, ana, ben, name):
    channel, root = incident
    slack.say(channel, ben, "Something else.", root)
    first = "Payments are failing since the deploy."
    slack.users[ana].locale = "pt-BR"
    await slack.deliver("interactive", slack.message_shortcut(name, ana, channel, root))
    await slack.until(lambda: slack.responses)
    method = {"translate": "translate", "sentiment": "sentiment"}[name]
    (given,) = (given for called, given in engine.calls if called == method)
    assert first in given


@pytest.mark.parametrize("closed", [False, True])
async def test_a_question_is_asked_and_answered_in_a_modal(slack, engine, incident, ana, closed):
    channel, root = incident
    engine.answers["Who rolls back?"] = "I roll back"
    await slack.deliver("interactive", slack.message_shortcut("ask", ana, channel, root))
    await slack.until(lambda: slack.modals)
    (view,) = slack.modals.values()
    question = {"question": {"question": {"type": "plain_text_input", "value": "Who rolls back?"}}}
    if closed:  # before the answer comes: then it is shown in the thread
        slack.modals.clear()
    ack = await slack.deliver("interactive", slack.view_submission(ana, view, question))
    assert ack.body["response_action"] == "update"
    if closed:
        await slack.until(lambda: slack.ephemeral)
        assert "I roll back" in shown(slack.ephemeral[0])
        assert slack.ephemeral[0]["thread_ts"] == root
    else:
        await slack.until(lambda: slack.called("views.update"))
        assert "I roll back" in shown(slack.modals[view["id"]])
    assert slack.called("chat.postMessage") == []


# Reactions


async def test_a_flag_translates_for_whoever_sets_it_once_for_each_language(slack, engine, incident, ana, ben):
    channel, root = incident
    engine.translations["Payments are failing since the deploy.", "en", "pt"] = "Os pagamentos falham."
    await react(slack, channel, root, ana, "flag-br")
    await slack.until(lambda: slack.ephemeral)
    await react(slack, channel, root, ben, "flag-br")
    await slack.until(lambda: len(slack.ephemeral) == 2)
    await event(slack, slack.react(channel, root, ana, "flag-br", removed=True))
    await react(slack, channel, root, ana, "flag-br")
    await react(slack, channel, root, ana, "flag-fr")
    await slack.until(lambda: len(slack.ephemeral) == 3)
    assert [told["user"] for told in slack.ephemeral] == [ana, ben, ana]
    assert "Os pagamentos falham." in shown(slack.ephemeral[1])
    assert "French" in slack.ephemeral[2]["text"]  # there is no model for it, which is said


async def test_a_memo_sums_up_the_thread_of_a_message_wherever_it_stands(slack, incident, ana):
    channel, root = incident
    reply = slack.messages(channel, root)[1]["ts"]
    await react(slack, channel, reply, ana, "memo")
    await slack.until(lambda: slack.ephemeral)
    assert "Payments are failing" in shown(slack.ephemeral[0])
    assert slack.ephemeral[0]["thread_ts"] == root


async def test_other_reactions_are_not_for_the_bot(slack, incident, ana):
    channel, root = incident
    await react(slack, channel, root, ana, "thumbsup")
    await react(slack, channel, root, ana, "memo")
    await slack.until(lambda: slack.ephemeral)
    assert len(slack.ephemeral) == 1


# Settings


async def test_the_home_tab_holds_settings_that_count(slack, engine, incident, ana):
    channel, root = incident
    await event(slack, slack.app_home_opened(ana))
    await slack.until(lambda: slack.homes)
    portuguese = next(o for o in _element(slack.homes[ana], "language")["options"] if o["value"] == "pt")
    await slack.deliver("interactive", slack.home_actions(ana, "language", selected_option=portuguese))
    private = next(o for o in _element(slack.homes[ana], "switches")["options"] if o["value"] == "private")
    await slack.deliver("interactive", slack.home_actions(ana, "switches", selected_options=[private]))
    await event(slack, slack.app_home_opened(ana))
    await slack.until(lambda: len(slack.called("views.publish")) == 2)
    assert _element(slack.homes[ana], "language")["initial_option"]["value"] == "pt"
    assert [o["value"] for o in _element(slack.homes[ana], "switches")["initial_options"]] == ["private"]
    await mention(slack, channel, ana, "summarize", root)
    await slack.until(lambda: slack.ephemeral)
    assert "PAYMENTS ARE FAILING" in shown(slack.ephemeral[0])  # as the stand-in for a model translates
    assert answers(slack, channel, root) == []


@pytest.mark.parametrize("way", ["command", "mention"])
async def test_settings_come_when_they_are_asked_for(slack, incident, ana, way):
    channel, root = incident
    if way == "command":
        await command(slack, ana, channel, "settings")
    else:
        await mention(slack, channel, ana, "settings", root)
    await slack.until(lambda: slack.responses or slack.ephemeral)
    assert "My language" in shown((slack.responses or slack.ephemeral)[0])


async def test_short_commands_need_no_mention_where_they_are_wanted(slack, state, incident, ana, ben):
    channel, root = incident
    await state.prefer(f"slack:{slack.team_id}:{ben}", "short", "on")
    for user, text in [(ana, "!tldr"), (ben, "!ask who rolls back?")]:
        await event(slack, slack.message(channel, slack.say(channel, user, text, root)))
    await slack.until(lambda: answers(slack, channel, root))
    (answer,) = answers(slack, channel, root)
    assert "does not answer" in shown(answer)


# What is read


async def test_a_channel_is_read_with_its_threads(slack, engine, incident, ana, ben):
    channel, _ = incident
    slack.say(channel, ben, "And now for something else.")
    await command(slack, ana, channel, "summarize")
    await slack.until(lambda: slack.responses)
    (turns,) = (given for name, given in engine.calls if name == "salience")
    assert [turn[:8] for turn in turns] == ["Payments", "@Ana I r", "And now "]
    assert "3 of 3 messages read" in shown(slack.responses[0])


async def test_the_latest_messages_are_read_and_that_there_are_more_is_said(slack, engine, ana):
    channel = slack.channel("busy", ana)
    for number in range(70):
        slack.say(channel, ana, f"Step {number} is done.")
    await command(slack, ana, channel, "summarize")
    await slack.until(lambda: slack.responses)
    assert "the latest 50 messages read" in shown(slack.responses[0])
    await command(slack, ana, channel, "summarize the last 20 messages")
    await slack.until(lambda: len(slack.responses) == 2)
    assert "20 of 20 messages read" in shown(slack.responses[1])
    (*_, turns) = (given for name, given in engine.calls if name == "salience")
    assert turns[0] == "Step 50 is done."


async def test_what_was_missed_is_what_came_after_the_asker_last_wrote(slack, engine, ana, ben):
    channel = slack.channel("busy", ana, ben)
    for user, text in [(ben, "Old news."), (ana, "I am off."), (ben, "New news."), (ben, "More news.")]:
        slack.say(channel, user, text)
    await command(slack, ana, channel, "summarize since I was last here")
    await slack.until(lambda: slack.responses)
    (turns,) = (given for name, given in engine.calls if name == "salience")
    assert turns == ("New news.", "More news.")


async def test_a_time_is_the_askers_own(slack, engine, ana, ben):
    slack.users[ana].tz = "Asia/Tokyo"
    channel = slack.channel("busy", ana, ben)
    now = slack.now()
    for hours in (30, 5, 1):
        slack.say(channel, ben, f"{hours} hours ago.", at=now - hours * 3600)
    await command(slack, ana, channel, "summarize the last 6 hours")
    await slack.until(lambda: slack.responses)
    (turns,) = (given for name, given in engine.calls if name == "salience")
    assert turns == ("5 hours ago.", "1 hours ago.")


async def test_files_are_named_and_counted_not_read(slack, engine, incident, ana, ben):
    channel, root = incident
    slack.say(channel, ben, "The log is here.", root, files=[{"id": "F1", "name": "error.log"}])
    await mention(slack, channel, ana, "summarize", root)
    await slack.until(lambda: answers(slack, channel, root))
    (turns,) = (given for name, given in engine.calls if name == "salience")
    assert turns[-1] == "The log is here.\n[file: error.log]"
    assert "1 file not opened" in shown(answers(slack, channel, root)[0])


async def test_threads_stay_closed_where_slack_gives_fifteen_messages_a_page(slack, incident, ana, ben):
    channel, _ = incident
    for number in range(20):
        slack.say(channel, ben, f"Step {number} is done.")
    slack.page_cap = 15
    await command(slack, ana, channel, "summarize")
    await slack.until(lambda: slack.responses)
    assert slack.called("conversations.replies") == []
    assert "21 of 22 messages read" in shown(slack.responses[0])


# The agent's view


async def test_the_agents_view_is_about_the_channel_beside_it(slack, engine, incident, ana):
    channel, _ = incident
    direct = slack.im(ana)
    root = slack.say(direct, ana, "Hello")
    context = {"channel_id": channel, "team_id": slack.team_id}
    thread = {"user_id": ana, "context": context, "channel_id": direct, "thread_ts": root}
    await event(slack, {"type": "assistant_thread_started", "assistant_thread": thread, "event_ts": root})
    await slack.until(lambda: slack.called("assistant.threads.setSuggestedPrompts"))
    ts = slack.say(direct, ana, "summarize", root)
    await event(slack, slack.message(direct, ts))
    await slack.until(lambda: answers(slack, direct, root))
    assert "Payments are failing" in shown(answers(slack, direct, root)[0])


async def test_the_agents_view_shows_that_it_reads(slack, ana, monkeypatch):
    monkeypatch.setattr("bot.platforms.outlets.SLOW_S", 0.01)
    slack.delays["conversations.replies"] = 0.3
    direct = slack.im(ana)
    root = slack.say(direct, ana, "Payments are failing.")
    ts = slack.say(direct, ana, "summarize", root)
    await event(slack, slack.message(direct, ts))
    await slack.until(lambda: answers(slack, direct, root))
    assert slack.statuses == [(direct, root, "is reading…")]
    assert len(answers(slack, direct, root)) == 1


@pytest.mark.parametrize("kind", ["channel", "message"])
async def test_what_somebody_looks_at_follows_them(slack, incident, ana, kind):
    channel, root = incident
    value = channel if kind == "channel" else {"channel_id": channel, "message_ts": root}
    name = "slack#/types/channel_id" if kind == "channel" else "slack#/types/message_context"
    direct = slack.im(ana)
    await event(
        slack, {"type": "app_context_changed", "user": ana, "context": {"entities": [{"type": name, "value": value}]}}
    )
    ts = slack.say(direct, ana, "summarize")
    await event(slack, slack.message(direct, ts))
    await slack.until(lambda: answers(slack, direct, ts))
    assert "Payments are failing" in shown(answers(slack, direct, ts)[0])
    await event(slack, {"type": "app_context_changed", "user": ana, "context": {}})
    ts = slack.say(direct, ana, "summarize")
    await event(slack, slack.message(direct, ts))
    await slack.until(lambda: answers(slack, direct, ts))
    assert "Payments" not in shown(answers(slack, direct, ts)[0])


async def test_what_somebody_looks_at_is_theirs_to_read_or_not_told(slack, engine, ana, ben):
    hidden = slack.channel("hidden", ben, kind="private")
    slack.say(hidden, ben, "The secret is out.")
    direct = slack.im(ana)
    entity = {"type": "slack#/types/channel_id", "value": hidden}
    await event(slack, {"type": "app_context_changed", "user": ana, "context": {"entities": [entity]}})
    ts = slack.say(direct, ana, "summarize")
    await event(slack, slack.message(direct, ts))
    await slack.until(lambda: answers(slack, direct, ts))
    assert "I cannot read that for you" in shown(answers(slack, direct, ts)[0])
    assert not [given for _, given in engine.calls if "secret" in str(given)]


def _element(view, action_id):
    blocks = view["blocks"]
    elements = [e for block in blocks for e in (*block.get("elements", []), block.get("accessory")) if isinstance(e, dict)]
    return next(element for element in elements if element.get("action_id") == action_id)
