"""What is read of threads and channels, and what is told of the rest."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from slack_sdk.errors import SlackApiError

from bot.platforms.latest import CAP, THREADS
from bot.platforms.slack.history import REACH
from bot.windows import Window

from ....slack.methods import METHODS

HOUR = 3600
NOON = 1_800_000_000.0


@pytest.fixture
def channel(slack, ana, ben):
    return slack.channel("busy", ana, ben)


@pytest.fixture
def read(history, ana):
    """Reads a channel, or a thread in it, for Ana."""

    async def read(channel, root=None, window=None, until=None):
        window = window or Window()
        if root:
            return await history.thread(channel, root, window, until=until, asker=ana)
        return await history.channel(channel, window, until=until, asker=ana)

    return read


def texts(thread):
    return [turn.text for turn in thread.turns]


def at(hours):
    return datetime.fromtimestamp(NOON + hours * HOUR, UTC)


def say_hourly(slack, channel, user, count, root=None, **more):
    return [slack.say(channel, user, f"At {hour}.", root, at=NOON + hour * HOUR, **more) for hour in range(count)]


def say_many(slack, channel, user, count, root=None):
    return [slack.say(channel, user, f"Step {number}.", root, at=NOON + number) for number in range(count)]


# Threads


async def test_of_a_thread_beyond_the_cap_the_latest_are_read_and_the_others_counted(slack, read, channel, ana):
    root = slack.say(channel, ana, "Root.", at=NOON - 1)
    say_many(slack, channel, ana, CAP + 200, root)
    thread = await read(channel, root)
    assert (len(thread), texts(thread)[0], texts(thread)[-1]) == (CAP, "Step 200.", f"Step {CAP + 199}.")
    assert (thread.coverage().total, thread.more) == (CAP + 201, False)


@pytest.mark.parametrize(
    "window", [Window(last=2), Window(since=datetime.fromtimestamp(NOON + CAP + 97, UTC))], ids=["last", "since"]
)
async def test_the_end_of_a_thread_beyond_the_cap_is_found_where_it_is_asked_for(slack, read, channel, ana, window):
    root = slack.say(channel, ana, "Root.", at=NOON - 1)
    say_many(slack, channel, ana, CAP + 100, root)
    thread = await read(channel, root, window)
    assert texts(thread) == [f"Step {CAP + 98}.", f"Step {CAP + 99}."]
    assert thread.missing == 0


async def test_a_window_of_time_costs_no_pages_outside_it(slack, read, channel, ana):
    root = slack.say(channel, ana, "Root.", at=NOON - 1)
    say_many(slack, channel, ana, 500, root)
    await read(channel, root, Window(since=datetime.fromtimestamp(NOON + 480, UTC)))
    assert len(slack.called("conversations.replies")) == 1


async def test_a_thread_without_end_is_given_up_at_a_stated_reach(slack, read, channel, ana, monkeypatch):
    monkeypatch.setattr("bot.platforms.slack.history.CAP", 4)
    monkeypatch.setattr("bot.platforms.slack.history.REACH", 10)
    slack.page_cap = 5
    root = slack.say(channel, ana, "Root.", at=NOON - 1)
    say_many(slack, channel, ana, 30, root)
    thread = await read(channel, root)
    assert (len(thread), thread.coverage().total) == (4, 31)
    assert len(slack.called("conversations.replies")) == 3
    assert REACH > CAP


async def test_windows_of_a_thread_hold_together(slack, read, channel, ana, ben):
    root = slack.say(channel, ana, "Root.", at=NOON - 1)
    say_hourly(slack, channel, ben, 10, root)
    assert texts(await read(channel, root, Window(since=at(6.5), until=at(9)))) == ["At 7.", "At 8."]
    assert texts(await read(channel, root, Window(last=2, until=at(5)))) == ["At 3.", "At 4."]
    assert texts(await read(channel, root, Window(last=9, since=at(7.5)))) == ["At 8.", "At 9."]


async def test_an_absence_ends_with_what_the_asker_wrote_last(slack, read, channel, ana, ben):
    root = slack.say(channel, ben, "Root.", at=NOON - 1)
    for number, user in enumerate([ben, ana, ben, ana, ben, ben]):
        slack.say(channel, user, f"Step {number}.", root, at=NOON + number)
    assert texts(await read(channel, root, Window(absence=True))) == ["Step 4.", "Step 5."]
    assert texts(await read(channel, root, Window(absence=True, last=1))) == ["Step 5."]
    fresh = slack.say(channel, ben, "Never answered.")
    assert texts(await read(channel, fresh, Window(absence=True))) == ["Never answered."]


@pytest.mark.parametrize("inside", [True, False])
async def test_what_was_written_from_a_moment_on_is_left_out(slack, read, channel, ana, inside):
    root = slack.say(channel, ana, "Root.", at=NOON - 1)
    stamps = [slack.say(channel, ana, f"Step {n}.", root if inside else None, at=NOON + n) for n in range(4)]
    thread = await read(channel, root if inside else None, until=stamps[2])
    assert texts(thread) == ["Root.", "Step 0.", "Step 1."]


async def test_pages_that_repeat_the_root_repeat_no_message(slack, read, channel, ana, monkeypatch):
    root = slack.say(channel, ana, "Root.", at=NOON - 1)
    say_many(slack, channel, ana, 40, root)
    slack.page_cap = 15
    monkeypatch.setitem(METHODS, "conversations.replies", (_root_first(METHODS["conversations.replies"][0]), None))
    thread = await read(channel, root)
    assert texts(thread) == ["Root.", *(f"Step {number}." for number in range(40))]


def _root_first(replies):
    """As Slack does: every page begins with the first message of the thread."""

    def answered(slack, args):
        body = replies(slack, args)
        root = slack.message_at(args["channel"], args["ts"])
        return body | {"messages": [root, *(each for each in body["messages"] if each["ts"] != root["ts"])]}

    return answered


# Channels


async def test_of_a_channel_the_latest_up_to_the_cap_are_read_and_that_there_are_more_is_told(slack, read, channel, ana):
    say_many(slack, channel, ana, CAP + 200)
    thread = await read(channel, window=Window(since=at(-1)))
    assert (len(thread), texts(thread)[-1], thread.more, thread.missing) == (CAP, f"Step {CAP + 199}.", True, 0)


async def test_that_there_are_more_is_told_where_many_are_no_messages(slack, read, channel, ana):
    for number in range(CAP + 400):
        slack.say(channel, ana, f"Step {number}.", at=NOON + number, **({"subtype": "channel_join"} if number % 2 else {}))
    thread = await read(channel, window=Window(since=at(-1)))
    assert thread.more
    assert len(thread) < CAP


async def test_windows_of_a_channel_hold_together(slack, read, channel, ana, ben):
    say_hourly(slack, channel, ben, 10)
    slack.say(channel, ana, "I was here.", at=NOON + 6.5 * HOUR)
    assert texts(await read(channel, window=Window(since=at(3.5), until=at(6)))) == ["At 4.", "At 5."]
    assert texts(await read(channel, window=Window(absence=True))) == ["At 7.", "At 8.", "At 9."]
    assert texts(await read(channel, window=Window(absence=True, last=2))) == ["At 8.", "At 9."]
    assert texts(await read(channel, window=Window(absence=True, since=at(7.5)))) == ["At 8.", "At 9."]
    early = f"{NOON + 2 * HOUR:.6f}"
    assert texts(await read(channel, window=Window(since=at(-1), until=at(5)), until=early)) == ["At 0.", "At 1."]


async def test_replies_follow_their_root_and_only_those_of_the_window(slack, read, channel, ana, ben):
    first = slack.say(channel, ana, "First.", at=NOON)
    slack.say(channel, ana, "Second.", at=NOON + HOUR)
    slack.say(channel, ben, "Early reply.", first, at=NOON + 0.5 * HOUR)
    slack.say(channel, ben, "Late reply.", first, at=NOON + 5 * HOUR)
    window = Window(since=at(-1), until=at(2))
    assert texts(await read(channel, window=window)) == ["First.", "Early reply.", "Second."]


async def test_a_reply_shown_in_the_channel_too_is_read_once(slack, read, channel, ana, ben):
    root = slack.say(channel, ana, "Root.")
    slack.say(channel, ben, "For all.", root, subtype="thread_broadcast", reply_broadcast=True)
    slack.say(channel, ben, "Next.")
    thread = await read(channel)
    assert texts(thread) == ["Root.", "For all.", "Next."]
    assert thread.turns[1].link
    assert "thread_ts=" in thread.turns[1].link


async def test_the_latest_threads_are_opened_and_replies_in_others_counted(slack, read, channel, ana, ben):
    for number in range(THREADS + 2):
        root = slack.say(channel, ana, f"Root {number}.")
        slack.say(channel, ben, f"Reply {number}.", root)
        slack.say(channel, ben, f"And {number}.", root)
    thread = await read(channel)
    assert texts(thread)[:4] == ["Root 0.", "Root 1.", "Root 2.", "Reply 2."]
    assert (thread.missing, thread.coverage().total) == (4, 3 * (THREADS + 2))
    assert len(slack.called("conversations.replies")) == THREADS


async def test_where_slack_gives_tiny_pages_threads_stay_closed_and_are_counted(slack, read, channel, ana, ben):
    for number in range(20):
        root = slack.say(channel, ana, f"Root {number}.")
        slack.say(channel, ben, "Reply.", root)
    slack.page_cap = 15
    thread = await read(channel)
    assert (len(thread), thread.missing) == (20, 20)
    assert slack.called("conversations.replies") == []


async def test_what_was_said_under_a_deleted_message_is_still_read(slack, read, channel, ana, ben):
    root = slack.say(channel, ana, "Oops.")
    slack.say(channel, ben, "That was the plan.", root)
    slack.delete(channel, root)
    assert texts(await read(channel)) == ["That was the plan."]
    assert texts(await read(channel, root)) == ["That was the plan."]


async def test_threads_where_the_bot_alone_replied_cost_no_calls(slack, read, channel, ana):
    root = slack.say(channel, ana, f"<@{slack.bot_user}> summarize")
    slack.say(channel, slack.bot_user, "• Points", root)
    thread = await read(channel)
    assert (len(thread), thread.missing) == (0, 0)
    assert slack.called("conversations.replies") == []


async def test_an_error_in_one_thread_ends_the_reading_of_the_others(slack, history, read, channel, ana, ben):
    for number in range(THREADS):
        slack.say(channel, ben, "Reply.", slack.say(channel, ana, f"Root {number}."))
    slack.fail("conversations.replies", "fatal_error", times=THREADS)
    with pytest.raises(SlackApiError):
        await read(channel)
    assert len([call for call in slack.calls if call.method == "conversations.replies"]) <= 8


# Messages


@pytest.mark.parametrize("inside", [True, False])
async def test_only_what_was_said_to_others_counts(slack, read, channel, ana, ben, inside):
    root = slack.say(channel, ana, "Root.") if inside else None
    robot = slack.user("robot", is_bot=True, display_name="Deploys")
    slack.say(channel, robot, "Deployed 4.12.", root)
    slack.say(channel, "", "By hook.", root, subtype="bot_message", username="Hooks")
    edited = slack.say(channel, ben, "Tpyo.", root)
    slack.edit(channel, edited, "Typo.")
    gone = slack.say(channel, ben, "Never mind.", root)
    slack.delete(channel, gone)
    slack.say(channel, ben, "<@U1> has joined", root, subtype="channel_join")
    slack.say(channel, ben, f"<@{slack.bot_user}> summarize", root)
    slack.say(channel, ben, "!ask who owns the fix?", root)
    slack.say(channel, ben, "!important", root)
    slack.say(channel, slack.bot_user, "An answer.", root)
    slack.say(channel, ben, "", root)
    slack.say(channel, ben, "waves", root, subtype="me_message")
    thread = await read(channel, root)
    told = [(turn.speaker, turn.text) for turn in thread.turns if turn.text != "Root."]
    expected = [("Deploys", "Deployed 4.12."), ("Hooks", "By hook."), ("Ben", "Typo.")]
    assert told == [*expected, ("Ben", "!important"), ("Ben", "waves")]


async def test_files_are_named_and_counted(slack, read, channel, ana):
    slack.say(channel, ana, "", files=[{"id": "F1", "name": "error.log"}, {"id": "F2"}], subtype="file_share")
    thread = await read(channel)
    assert texts(thread) == ["[file: error.log]\n[file: unnamed]"]
    assert thread.files == 2


async def test_people_have_the_names_that_others_see(slack, read, channel, ana):
    carla = slack.user("carla", display_name="", real_name="Carla Reis")
    slack.say(channel, carla, f"Ask <@{ana}>, <@U0NOBODY> or <@U0NOBODY|dora>.")
    slack.say(channel, "U0GONE", "I left.")
    thread = await read(channel)
    assert [turn.speaker for turn in thread.turns] == ["Carla Reis", "Someone"]
    assert thread.turns[0].text == "Ask @Ana, @U0NOBODY or @dora."
    assert thread.turns[0].at
    assert thread.turns[0].at.endswith("+00:00")


async def test_links_are_those_that_slack_gives(slack, read, channel, ana):
    root = slack.say(channel, ana, "Root.")
    reply = slack.say(channel, ana, "Reply.", root)
    thread = await read(channel, root)
    assert [turn.link for turn in thread.turns] == [slack.permalink(channel, ts) for ts in (root, reply)]


async def test_one_message_is_found_wherever_it_stands(slack, history, channel, ana, ben):
    root = slack.say(channel, ana, "Root.")
    reply = slack.say(channel, ben, "Reply.", root)
    say_many(slack, channel, ana, 3, root)
    assert [(await history.one(channel, ts)).text for ts in (root, reply)] == ["Root.", "Reply."]
    assert [await history.root(channel, ts) for ts in (root, reply)] == [root, root]
    assert {call["limit"] for call in slack.called("conversations.replies")} == {"1"}
