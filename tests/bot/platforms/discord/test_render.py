import re

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.charts import png
from bot.platforms.discord.markup import read
from bot.platforms.discord.render import ABOVE, DESCRIPTION, Button, Message, plain, render, texts
from handlers.conversation import (
    Chart,
    Coverage,
    Point,
    Points,
    Provenance,
    Quote,
    Reply,
    Score,
    Suggestions,
    Text,
    Turn,
    Turning,
)

from ..replies import REPLY, thread
from .drawn import drawn, kinds

LINK = "https://discord.com/channels/11/22/33"
TURNS = thread(LINK)
SMALL = "38 ms · 2 of 3 messages read · pt → en · encoder+answering@1a2b3c"
BUTTONS = (Button("share", "Share", "share:22:::"), Button("more", "More detail", "more:22:::20"))
LONG = "One sentence and another word. " * 400
HOSTILE = (
    "@everyone <@1> <@&3> \u202e*x* ~~y~~\n> `z` ||s|| [a](https://b.example) @\u200bhere \ud800 \\\n# h\n-# i\n- j\n1. k "
)


def said(message):
    """The description of a message's only embed."""
    [embed] = message.embeds
    return embed.description or ""


def check(messages):
    """Hold messages against Discord's limits."""
    for message in messages:
        [embed] = message.embeds
        assert 0 < len(embed) <= 6_000
        assert len(said(message)) <= 4_096
        assert len(embed.footer.text or "") <= 2_048
        assert len(embed.author.name or "") <= 256
        assert embed.to_dict()["type"] == "rich"
        assert texts(message)
        for words in [said(message), *texts(message)]:
            assert words.count("```") % 2 == 0
            words.encode()
        assert all(text.strip() and len(text) <= 2_000 for text in texts(message))


def test_every_part():
    [message] = render(REPLY, turns=TURNS, seconds=0.0384)
    assert said(message).split("\n\n") == [
        "Leah & `you`",
        f"> Rolling back at **14:30**, see <https://status.example.com/incidents/831>\n> — **Maya**, [message 1]({LINK})",
        f"• **Maya** & **Rafael Nunes**: Rolled back. [message 1]({LINK})\n• **Rafael Nunes**: Tudo bem.",
        "`██████████████████░░` **90% negative**\n`██░░░░░░░░░░░░░░░░░░` 10% neutral\n`░░░░░░░░░░░░░░░░░░░░` 0% positive",
        r"• who owns the fix?" + "\n" + r"• ask \*why\*?",
    ]
    [embed] = message.embeds
    assert embed.footer.text == SMALL
    assert (embed.author.name, embed.title, message.files, message.buttons) == (None, None, (), ())
    check([message])


def test_without_embeds_the_same_in_words():
    [message] = render(REPLY, turns=TURNS, seconds=0.0384, above="What *happened*?")
    [words] = texts(message)
    assert words == r"**What \*happened\*?**" + f"\n{said(message)}\n-# {SMALL}"


@pytest.mark.parametrize(
    ("label", "colour"),
    [
        ("positive", discord.Colour.green()),
        ("neutral", discord.Colour.light_grey()),
        ("negative", discord.Colour.red()),
        ("5 stars", None),
    ],
)
def test_a_mood_has_a_colour(label, colour):
    assert render(Reply((Score(label, {label: 1.0}),)))[0].embeds[0].colour == colour
    assert render(Reply((Text(label),)))[0].embeds[0].colour is None


def test_a_sentence_of_our_own():
    message = plain("Which language, `x` or *y*?", above="/translate", buttons=BUTTONS)
    assert said(message) == r"Which language, `x` or \*y\*?"
    assert (message.embeds[0].author.name, message.buttons) == ("/translate", BUTTONS)
    assert plain("One moment.") == Message((discord.Embed(description="One moment."),))


def test_what_was_asked_stands_above_the_answer_as_it_was_written():
    [message] = render(REPLY, above="  who's *Maya*\n\u202eand <@1>? ")
    assert message.embeds[0].author.name == "who's *Maya* and <@1>?"


def test_what_was_asked_is_whole_up_to_the_limit_and_else_says_that_it_is_not():
    assert render(REPLY, above="x" * 256)[0].embeds[0].author.name == "x" * 256
    assert render(REPLY, above="x" * 257)[0].embeds[0].author.name == "x" * 254 + " …"
    assert render(REPLY, above="some words " * 30)[0].embeds[0].author.name.endswith(" words …")


def test_a_long_answer_has_what_was_asked_above_and_everything_else_below():
    messages = render(Reply((Text(LONG), Coverage(1, 1))), above="tell me", buttons=BUTTONS, seconds=1)
    assert len(messages) == 4
    check(messages)
    authors = [message.embeds[0].author.name for message in messages]
    assert authors == ["tell me", None, None, "tell me"]  # clicks take it from above the buttons
    assert [message.buttons for message in messages] == [(), (), (), BUTTONS]
    footers = [message.embeds[0].footer.text for message in messages]
    assert footers == [None, None, None, "1.0 s · 1 of 1 messages read"]
    assert [len(message.files) for message in messages] == [0, 0, 0, 1]


def test_a_long_answer_comes_as_a_file_too():
    parts = (Text(LONG), *REPLY.parts)
    *_, last = render(Reply(parts), turns=TURNS, above="What *happened*?")
    [file] = last.files
    assert (file.name, file.description) == ("answer.md", None)
    words = file.content.decode()
    assert words.startswith("# What \\*happened\\*?\n\nOne sentence and")
    assert words.count("One sentence and another word.") == 400
    assert f"\n\n- **Maya** & **Rafael Nunes**: Rolled back. [message 1]({LINK})\n- **Rafael Nunes**: Tudo bem.\n\n" in words
    assert "\n\n- `██████████████████░░` **90% negative**\n- `" in words
    assert words.endswith("- ask \\*why\\*?\n\n2 of 3 messages read\n")


def test_a_mood_has_a_picture_with_words_for_it_and_links_to_where_it_turns():
    turning = (Turning(0, "positive"), Turning(1, "negative"), Turning(7, "positive"))
    chart = Chart((0.9, -0.9) * 5, (0.1, -0.1) * 5, turning, "It goes up and down.")
    [message] = render(Reply((Text("Mixed."), chart)), turns=TURNS)
    assert said(message) == (
        f"Mixed.\n\nThe mood turns positive at [message 1]({LINK}), negative at message 2, positive at message 8."
    )
    [file] = message.files
    assert (file.name, file.description) == ("mood.png", "It goes up and down.")
    assert file.content == png(chart)
    assert texts(message) == [said(message)]


def test_a_picture_comes_with_the_last_message_of_an_answer_and_is_told_in_what_a_file_may_say():
    chart = Chart((0.0,) * 9, (0.0,) * 9, (), LONG)
    *_, last = render(Reply((Text(LONG), chart)), buttons=BUTTONS)
    assert [file.name for file in last.files] == ["answer.md", "mood.png"]
    assert last.buttons == BUTTONS
    assert 900 < len(last.files[1].description) <= 1_024
    assert b"mood" not in last.files[0].content  # as it does not turn


def test_code_in_the_file_keeps_its_bullets():
    *_, last = render(Reply((Text(LONG + "\n```\n• x\n```"),)))
    assert b"\n```\n\xe2\x80\xa2 x\n```\n" in last.files[0].content


def test_the_last_that_one_message_holds_and_the_first_that_it_does_not():
    assert len(render(Reply((Text("x" * DESCRIPTION),)))) == 1
    assert len(render(Reply((Text("x" * (DESCRIPTION + 1)),)))) == 2
    fullest = render(Reply((Text("x" * DESCRIPTION),), Provenance(("model " * 1_000,))), above="x" * ABOVE)
    check(fullest)
    assert len(fullest) == 1
    assert fullest[0].embeds[0].footer.text.endswith("model …")


def test_points_whose_turns_are_unknown_have_no_speaker():
    assert said(render(Reply((Points((Point("x", (5,)), Point("y", ()))),)), turns=TURNS)[0]) == "• x\n• y"


def test_a_quote_brings_its_own_link_and_a_missing_one_is_not_made_up():
    assert f"[message 6]({LINK})" in said(render(Reply((Quote(5, "Maya", "x y", 0, 1, LINK),)))[0])
    assert said(render(Reply((Quote(5, "Maya", "x y", 0, 1),)))[0]) == "> **x** y\n> — **Maya**, message 6"


@pytest.mark.parametrize(
    "reply",
    [Reply(()), Reply((Text(""), Text(" \n\u200b\u202e"), Points(()), Score("x", {}), Suggestions(())))],
)
def test_nothing_to_see_no_messages(reply):
    assert render(reply, above="what?", buttons=BUTTONS) == []


def test_small_print_alone():
    [message] = render(Reply((Coverage(1, 2),)))
    assert (said(message), message.embeds[0].footer.text) == ("", "1 of 2 messages read")
    assert texts(message) == ["-# 1 of 2 messages read"]
    check([message])


@pytest.mark.parametrize(
    "unit",
    [
        "word ",
        "One sentence. ",
        "x",
        "*",
        "<@1>",
        "@here ",
        "**b** ",
        "👨‍👩‍👧",
        "a\n\n",
        "```\n",
        "- ",
        "これは文です。",
        "\\ ",
    ],
)
def test_an_answer_of_10_000_characters_loses_nothing(unit):
    text = unit * (10_000 // len(unit))
    messages = render(Reply((Text(text),)))
    check(messages)
    for pieces in ([said(message) for message in messages], [text for message in messages for text in texts(message)]):
        assert all(kinds(piece) <= {"block"} for piece in pieces)
        assert bare("".join(read(piece, {}) for piece in pieces)) == bare(text)


def bare(text):
    return re.sub(r"[\s\u2060`]", "", text)


def test_a_long_program_stays_in_fences_of_its_language():
    code = "\n".join(f"    line_{number} = '<{number}>'" for number in range(1_000))
    messages = render(Reply((Text(f"Here:\n```python\n{code}\n```\nDone."),)))
    check(messages)
    assert all(said(message).startswith("```python\n    line_") for message in messages[1:])
    for pieces in (map(said, messages), (text for message in messages for text in texts(message))):
        assert sum(piece.count("line_") for piece in pieces) == 1_000
    assert f"Here:\n```python\n{code}\n```\nDone.\n" == messages[-1].files[0].content.decode()


def test_many_points_become_several_messages_with_whole_names_and_links():
    points = tuple(Point(f"point {number} " + "x" * 200, (0, 1)) for number in range(300))
    messages = render(Reply((Points(points),)), turns=TURNS)
    check(messages)
    for pieces in (map(said, messages), (text for message in messages for text in texts(message))):
        things = [thing for piece in pieces for thing in drawn(piece)]
        assert things == [("bold", "Maya"), ("bold", "Rafael Nunes"), ("masked", "message 1")] * 300


def test_a_long_telling_is_bold_in_every_piece():
    text = "before " + "telling words, " * 1_000 + "after"
    messages = render(Reply((Quote(0, "M", text, 7, len(text) - 5),)))
    check(messages)
    lines = [line for message in messages for line in said(message).split("\n")]
    assert all(line.startswith("> ") for line in lines)
    assert all(re.fullmatch(r"> \*\*telling .* words,\*\*", line) for line in lines[1:-2])
    assert sum(line.count("telling") for line in lines) == 1_000


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=30), st.integers(1, 40), st.integers(0, 50), st.integers(0, 50))
def test_hostile_words_everywhere(noise, times, start, length):
    words = (HOSTILE + noise) * times
    reply = Reply(
        (
            Quote(0, words[:300], words, start, start + length, LINK),
            Points((Point(words, (0,)),)),
            Score(words[:300], {words[:300]: 0.7, "b": 0.3}),
            Suggestions((words,)),
            Text(words),
        ),
        Provenance((words,), (words,)),
    )
    messages = render(reply, turns=(Turn(words[:300], words, None, LINK + ")<@1> **"),), above=words)
    check(messages)
    for message in messages:
        for text in [said(message), *texts(message)]:
            assert not re.search("@(?:everyone|here)|<@[!&]?[0-9]|[\u202a-\u202e\u2066-\u2069\x00]", text)
            things = drawn(text)
            assert {kind for kind, _ in things} <= {"address", "bold", "masked", "quote", "code", "subtext"}
            assert all(inner == "message 1" for kind, inner in things if kind == "masked")
            assert all(inner == "https://b.example" for kind, inner in things if kind == "address")


def test_links_that_we_quote_lead_where_they_did():
    [message] = render(Reply((Points((Point("x", (0,)),)),)), turns=(Turn("M", "x", None, LINK + ")<@1> **"),))
    assert f"[message 1]({LINK}%29%3C@1%3E%20%2A%2A)" in said(message)


def test_messages_are_values():
    assert render(REPLY) == render(REPLY)
    assert render(REPLY) != render(Reply((Text("x"),)))
