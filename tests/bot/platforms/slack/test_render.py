import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from bot.platforms.slack.markup import read
from bot.platforms.slack.render import Message, render
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
)

from ..replies import REPLY, thread

LINK = "https://x.slack.com/archives/C1/p1700000000000000?thread_ts=1700000000.000000&cid=C1"
TURNS = thread(LINK)
HOSTILE = "<!channel> @here <@U1> \u202e*x* ~y~\n> `z` <https://a.example|b> \u200b@\u200beveryone \ud800 "


def said(message):
    """The mrkdwn of every block of a message."""
    return [(block.get("text") or block["elements"][0])["text"] for block in message.blocks]


def check(messages):
    """Hold messages against Slack's limits, with slack_sdk's own models and what is known beside them."""
    for message in messages:
        assert 0 < len(message.blocks) <= 50
        assert len(json.dumps(message.blocks, ensure_ascii=False)) <= 13_100
        assert 0 < len(message.text.strip()) <= len(message.text) <= 3_000
        assert [Block.parse(block).to_dict() for block in message.blocks] == message.blocks
        for words in [*said(message), message.text]:
            assert words.strip()
            assert len(words) <= 3_000
            assert words.count("```") % 2 == 0
            words.encode()


def test_every_part():
    [message] = render(REPLY, turns=TURNS, seconds=0.0384)
    where = f"<{LINK.replace('&', '&amp;')}|message 1>"
    assert said(message) == [
        "Leah &amp; `you`",
        "> Rolling back at *14:30*, see <https://status.example.com/incidents/831>\n" + f"> — *Maya*, {where}",
        f"• *Maya* &amp; *Rafael Nunes*: Rolled back. {where}\n• *Rafael Nunes*: Tudo bem.",
        "`██████████████████░░` *90% negative*\n`██░░░░░░░░░░░░░░░░░░` 10% neutral\n`░░░░░░░░░░░░░░░░░░░░` 0% positive",
        "• who owns the fix?\n• ask \u2060*\u2060why\u2060*\u2060?",
        "38 ms · 2 of 3 messages read · pt → en · encoder+answering@1a2b3c",
    ]
    assert [block["type"] for block in message.blocks] == ["section"] * 5 + ["context"]
    check([message])


def test_slack_adds_nothing_of_its_own():
    [message] = render(REPLY)
    texts = [block.get("text") or block["elements"][0] for block in message.blocks]
    assert all(text["type"] == "mrkdwn" and text["verbatim"] for text in texts)


def test_the_fallback_says_the_answer_without_bars_and_small_print():
    [message] = render(REPLY, turns=TURNS)
    assert message.text.startswith("Leah &amp; `you`\n> Rolling back")
    assert "\n*90% negative*\n10% neutral\n" in message.text
    assert "█" not in message.text
    assert "messages read" not in message.text


def test_a_long_fallback_is_cut_and_says_so():
    [message] = render(Reply((Text("word " * 1_000),)))
    assert len(message.text) <= 3_000
    assert message.text.endswith("word …")


def test_the_telling_words_are_bold_on_each_line():
    [words] = said(render(Reply((Quote(0, "M", "so: first\n\n third, no", 4, 17),)))[0])
    assert words.split("\n")[:3] == ["> so: *first*", "> ", ">  *third*, no"]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(()),
        Reply((Text(""), Text(" \n\u200b\u202e"), Points(()), Score("x", {}), Suggestions(()), Chart((), (), (), "x"))),
    ],
)
def test_nothing_to_see_no_messages(reply):
    assert render(reply) == []


def test_small_print_alone_has_a_fallback():
    [message] = render(Reply((Coverage(1, 2),)))
    assert said(message) == ["1 of 2 messages read"]
    assert message.text == "…"


@pytest.mark.parametrize(
    "unit", ["word ", "One sentence. ", "x", "&", "<@U1>", "@here ", "*b* ", "👨‍👩‍👧", "a\n\n", "```\n", "これは文です。"]
)
def test_an_answer_of_100_000_characters_loses_nothing(unit):
    text = unit * (100_000 // len(unit))
    messages = render(Reply((Text(text), Coverage(1, 1))))
    check(messages)
    shown = "".join(read(words, {}) for message in messages for words in said(message))
    assert bare(shown) == bare(text + "1 of 1 messages read")


def bare(text):
    return re.sub(r"[\s\u2060`]", "", text)


def test_a_long_program_stays_in_fences():
    code = "\n".join(f"    line_{number} = '<{number}>'" for number in range(2_000))
    messages = render(Reply((Text(f"Here:\n```python\n{code}\n```\nDone."),)))
    check(messages)
    sections = [words for message in messages for words in said(message)]
    assert all(words.startswith("```\n    line_") for words in sections[1:])
    assert sum(words.count("line_") for words in sections) == 2_000


def test_many_points_become_several_messages():
    points = tuple(Point(f"point {number} " + "x" * 200, (0,)) for number in range(500))
    messages = render(Reply((Points(points),)), turns=TURNS)
    check(messages)
    drawn = "".join("".join(said(message)) for message in messages)
    assert drawn.count("|message 1>") == drawn.count("• *Maya*") == 500


def test_many_short_parts_are_no_more_than_fifty_blocks_each():
    messages = render(Reply(tuple(Text(f"part {number}") for number in range(101))))
    check(messages)
    assert [len(message.blocks) for message in messages] == [50, 50, 1]


def test_a_long_telling_is_bold_in_every_piece():
    text = "before " + "telling words, " * 1_000 + "after"
    messages = render(Reply((Quote(0, "M", text, 7, len(text) - 5),)))
    check(messages)
    sections = [words for message in messages for words in said(message)]
    assert len(sections) > 4
    assert all(line.startswith("> ") for words in sections for line in words.split("\n"))
    assert sum(words.count("telling") for words in sections) == 1_000
    assert all(line.startswith("> *telling") for words in sections[1:-1] for line in words.split("\n"))


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=30), st.integers(1, 300), st.integers(0, 50), st.integers(0, 50))
def test_hostile_words_everywhere(noise, times, start, length):
    words = (HOSTILE + noise) * times
    reply = Reply(
        (
            Text(words),
            Quote(0, words, words, start, start + length, LINK),
            Points((Point(words, (0,)),)),
            Score(words, {words: 0.7, "b": 0.3}),
            Suggestions((words,)),
        ),
        Provenance((words,), (words,)),
    )
    messages = render(reply, turns=(Turn(words, words, None, LINK + "|x><!here>"),))
    check(messages)
    for message in messages:
        for text in [*said(message), message.text]:
            assert not re.search("@(?:channel|here|everyone)|<[@!#]|[\u202a-\u202e\u2066-\u2069\x00]", text)
            assert not re.search(r"<(?!https?://)", text)
            assert all(target.endswith("|message 1") or "|" not in target for target in re.findall("<([^>]*)>", text))


def test_messages_are_values():
    assert render(REPLY) == render(REPLY)
    assert isinstance(render(REPLY)[0], Message)
