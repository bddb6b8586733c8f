import pytest

from handlers.base import LanguageUnclear, NothingToRead, TargetUnknown
from handlers.conversation import Request, Slots, Text, Thread, Turn
from handlers.translation import Translating
from models.types import PairUnsupported, TextRefused

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
