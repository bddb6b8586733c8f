import pytest

from handlers.base import LanguageUnclear, NothingToRead, TargetUnknown
from handlers.conversation import (
    Chart,
    Coverage,
    Point,
    Points,
    Provenance,
    Quote,
    Reply,
    Request,
    Score,
    Slots,
    Suggestions,
    Text,
    Thread,
    Turn,
)
from handlers.translation import Translating
from models.types import Overloaded, PairUnsupported, TextRefused, Translation

HELLO = Turn("Ana", "good morning")


async def test_the_text_said_comes_before_the_quoted_and_the_last_turn(engine):
    handler, thread = Translating(engine), Thread((Turn("Ben", "last"),))
    said = await handler.handle(Request("x", thread, HELLO, slots=Slots("pt", text="said")))
    quoted = await handler.handle(Request("x", thread, HELLO, slots=Slots("pt")))
    last = await handler.handle(Request("x", thread, slots=Slots("pt")))
    assert [reply.parts for reply in (said, quoted, last)] == [(Text("SAID"),), (Text("GOOD MORNING"),), (Text("LAST"),)]
    assert quoted.provenance.languages == ("en>pt",)


async def test_without_a_target_it_is_the_readers_language(engine):
    reply = await Translating(engine).handle(Request("x", quoted=HELLO, languages=("pt",)))
    assert reply.provenance.languages == ("en>pt",)


async def test_a_text_already_in_the_target_comes_back_as_it_is(engine):
    reply = await Translating(engine).handle(Request("x", quoted=HELLO, slots=Slots("en")))
    assert reply.parts[-1] == Text(HELLO.text)
    assert not reply.provenance.models


async def test_too_short_to_tell_means_the_only_possible_source(engine):
    engine.languages["ok"] = None
    assert (await Translating(engine).translate("ok", target="pt")).source == "en"


async def test_several_possible_sources_are_not_guessed(engine):
    engine.pairs |= {("es", "pt")}
    engine.languages["ok"] = None
    with pytest.raises(LanguageUnclear):
        await Translating(engine).translate("ok", target="pt")


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (Request("x", slots=Slots("pt")), NothingToRead),
        (Request("x", quoted=HELLO), TargetUnknown),
        (Request("x", quoted=HELLO, languages=("en",)), TargetUnknown),
        (Request("x", quoted=HELLO, slots=Slots("ja")), PairUnsupported),
        (Request("x", quoted=Turn("Ana", "  "), slots=Slots("pt")), TextRefused),
    ],
)
async def test_what_is_missing_is_named(engine, request_, error):
    with pytest.raises(error):
        await Translating(engine).handle(request_)


async def test_an_unknown_target_is_refused_even_when_the_source_is_unclear(engine):
    engine.languages["ok"] = None
    with pytest.raises(PairUnsupported):
        await Translating(engine).translate("ok", target="ja")


# Answers in another language


async def test_an_answer_is_retold_part_by_part_with_its_evidence(engine):
    chart = Chart((0.5, None), (0.5, None), (), "It stays positive.")
    kept = (Score("positive", {"positive": 1.0}), chart, Coverage(2, 2), Suggestions(("/help",)))
    points, quote = Points((Point("it works", (0,)),)), Quote(1, "Ben", "so it does", 3, 5, "https://a")
    reply = Reply((Text("yes"), points, quote, *kept), Provenance(("m",), ("es>en",)), "ask")
    told = await Translating(engine).retold(reply, target="pt")
    assert told == Reply(
        (Text("YES"), Points((Point("IT WORKS", (0,)),)), Quote(1, "Ben", "SO IT DOES", 0, 10, "https://a"), *kept),
        Provenance(("m", "fake-translation"), ("es>en", "en>pt")),
        "ask",
    )
    assert told.cited == reply.cited


@pytest.mark.parametrize("why", ["in that language", "no words", "no such pair", "unclear"])
async def test_what_cannot_be_retold_stays_as_it_is(engine, why):
    target = {"in that language": "en", "no such pair": "ja"}.get(why, "pt")
    text = "\u200b" if why == "no words" else "fine"
    if why == "unclear":
        engine.languages[text] = None
        engine.pairs |= {("es", "pt")}
    reply = Reply((Text(text), Quote(0, "Ana", text, 1, 2)), Provenance(("m",)), "ask")
    assert await Translating(engine).retold(reply, target=target) == reply


async def test_a_part_that_cannot_be_retold_keeps_no_other(engine):
    reply = Reply((Text("👍"), Text("good morning")))
    told = await Translating(engine).retold(reply, target="pt")
    assert told.parts == (Text("👍"), Text("GOOD MORNING"))


async def test_trouble_with_the_models_ends_it(engine):
    engine.failure = Overloaded()
    with pytest.raises(Overloaded):
        await Translating(engine).retold(Reply((Text("fine"),)), target="pt")


def test_the_languages_are_those_that_can_be_translated_to(engine):
    engine.pairs = frozenset({("en", "pt"), ("pt", "en"), ("en", "es"), ("fr", "en")})
    assert Translating(engine).languages == ["en", "es", "pt"]


async def test_what_a_model_wrote_stays_marked_in_another_language(engine):
    reply = Reply((Points((Point("it works", (0,)),), written=True),), Provenance(("m",), generated=True))
    told = await Translating(engine).retold(reply, target="pt")
    assert told.parts == (Points((Point("IT WORKS", (0,)),), written=True),)
    assert told.provenance.generated


async def test_a_translation_through_a_third_language_says_so(engine):
    async def through_english(text, *, source, target):
        return Translation("hallo", source, target, "one@1, two@1", "en")

    engine.spoken, engine.pairs, engine.translate = "pt", frozenset({("pt", "de")}), through_english
    reply = await Translating(engine).handle(Request("x", quoted=Turn("Ana", "olá"), slots=Slots("de")))
    assert reply.provenance == Provenance(("one@1, two@1",), ("pt>en>de",))
    told = await Translating(engine).retold(Reply((Text("olá"),)), target="de")
    assert told.provenance == reply.provenance
