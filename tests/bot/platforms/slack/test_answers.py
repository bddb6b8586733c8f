"""Who is to see an answer, what it shows words of, and in which language it is."""

from __future__ import annotations

import logging

import pytest

from bot import wording
from bot.assistant import Assistant
from bot.platforms.answers import Answers
from bot.platforms.asked import Place
from bot.platforms.slack.asked import asked as asked_in
from bot.platforms.slack.platform import Slack
from bot.platforms.slack.reading import Reading
from bot.router import Router
from handlers import build


@pytest.fixture
def platform(slack, people, history):
    return Slack(people, Reading(history, people), team=slack.team_id)


@pytest.fixture
def answers(engine, state, platform):
    return Answers(platform, Assistant(Router(engine), build(engine)), state)


@pytest.fixture
def channel(slack, ana, ben):
    return slack.channel("general", ana, ben)


@pytest.fixture
def root(slack, channel, ana, ben):
    root = slack.say(channel, ana, "Payments are failing.")
    slack.say(channel, ben, "I roll back.", root)
    return root


@pytest.fixture
def asking(slack, channel, ana):
    """A request of Ana's in the channel."""

    def asking(text, **about):
        return asked_in(slack.team_id, **({"channel": channel, "user": ana, "text": text} | about))

    return asking


@pytest.mark.parametrize(
    ("text", "inside", "private"),
    [
        ("/summarize", True, False),
        ("/summarize", False, True),  # of the whole channel: nobody else asked for it
        ("/ask Who rolls back?", True, False),
        ("/translate pt: good morning", True, True),
        ("/sentiment", True, False),
        ("what?", True, False),
    ],
)
async def test_who_sees_an_answer(answers, asking, root, text, inside, private):
    request = asking(text, root=root if inside else None)
    assert (await answers.made(request)).private == private
    assert (await answers.made(request, private=True)).private


async def test_what_comes_from_elsewhere_is_the_askers_alone(slack, answers, asking, root, ana):
    elsewhere = slack.channel("elsewhere", ana)
    request = asking("/summarize", channel=elsewhere, about=Place(asking("").channel, root))
    assert (await answers.made(request)).private
    direct = asking("/summarize", channel=slack.im(ana), about=request.about)
    assert not (await answers.made(direct)).private  # where nobody else is


async def test_who_wants_answers_alone_gets_them_so(answers, state, asking, root, ana, ben):
    await state.prefer(answers.owner(ana), "private", "on")
    assert (await answers.made(asking("/summarize", root=root))).private
    assert not (await answers.made(asking("/summarize", root=root, user=ben))).private


async def test_only_an_answer_is_shared(slack, answers, asking, root, ana, ben):
    assert not (await answers.made(asking("/summarize"), private=False)).private
    secret = slack.channel("secret", ben, kind="private")
    refused = await answers.made(asking("/summarize", about=Place(secret)), private=False)
    assert refused.private
    assert len(refused.messages) == 1


@pytest.mark.parametrize(
    ("text", "which"),
    [
        ("/summarize", [0, 1]),
        ("/ask Who rolls back?", [1]),
        ("/translate pt", [1]),  # the last message is what it translates
        ("/translate pt: good morning", []),
        ("/help", []),
    ],
)
async def test_an_answer_names_the_messages_that_it_shows_words_of(slack, engine, answers, asking, root, text, which):
    engine.answers["Who rolls back?"] = "I roll back."
    request = asking(text, root=root)
    stamps = [message["ts"] for message in slack.messages(request.channel, root)]
    made = await answers.made(request)
    assert set(made.sources) == {f"slack:{slack.team_id}:{request.channel}:{stamps[turn]}" for turn in which}


async def test_a_translated_message_is_named_too(slack, answers, asking, root):
    place = Place(asking("").channel, root, root)
    made = await answers.made(asking("/translate pt", about=place))
    assert made.sources == (f"slack:{slack.team_id}:{place.channel}:{root}",)


async def test_the_language_is_the_one_set_else_that_of_slack(slack, answers, state):
    user = slack.user("user", locale="pt-BR")
    assert await answers.language(user) == "pt"
    await state.prefer(answers.owner(user), "language", "es")
    assert await answers.language(user) == "es"


async def test_what_nobody_asked_for_reads_nothing_and_says_nothing(slack, engine, answers, asking, root):
    made = await answers.made(asking("nice weather", root=root, outright=False))
    assert made.messages == []
    assert not {"conversations.history", "conversations.replies"} & {call.method for call in slack.calls}


@pytest.mark.parametrize(
    ("called", "told"), [({}, 1), ({"outright": False, "short": True}, 1), ({"outright": False}, 0)], ids=str
)
async def test_what_nobody_foresaw_is_told_whoever_called_and_logged_without_words(
    answers, asking, root, monkeypatch, caplog, called, told
):
    def broken(*_, **__):
        raise ValueError("secret")

    monkeypatch.setattr("bot.platforms.slack.views.below", broken)
    with caplog.at_level(logging.DEBUG):
        made = await answers.made(asking("!tldr", root=root, **called))
    assert [message.text for message in made.messages] == [wording.BROKEN] * told
    assert made.private
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text


async def test_what_is_looked_at_counts_in_direct_messages_alone(slack, platform, answers, asking, channel, root, ana):
    platform.looked(ana, Place(channel, None, root))
    direct = slack.im(ana)
    asked = asking("/summarize", channel=direct, message=slack.say(direct, ana, "summarize"))
    assert "Payments" in (await answers.made(asked)).messages[0].text
    other = slack.channel("other", ana)
    assert "Payments" not in (await answers.made(asking("/summarize", channel=other))).messages[0].text
    platform.looked(ana, None)
    assert "Payments" not in (await answers.made(asked)).messages[0].text
