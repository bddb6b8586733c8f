from __future__ import annotations

import pytest

from bot.router import EXAMPLES, Route, Router
from handlers.conversation import Intent, Request, Slots
from models.types import Overloaded
from tests.fakes import FakeEngine


@pytest.fixture
def router(engine: FakeEngine) -> Router:
    return Router(engine)


@pytest.mark.parametrize(
    ("text", "intent", "slots"),
    [
        ("/summarize", "summarize", Slots()),
        ("/summarize 5", "summarize", Slots(sentences=5)),
        ("/summarise in two sentences", "summarize", Slots(sentences=2)),
        ("!summarize 3 points please", "summarize", Slots(sentences=3)),
        ("TL;DR", "summarize", Slots()),
        ("tldr?", "summarize", Slots()),
        ("Recap!", "summarize", Slots()),
        ("/ask who owns it?", "ask", Slots(text="who owns it?")),
        ("ask: when is the deadline", "ask", Slots(text="when is the deadline")),
        ("/sentiment I love this", "sentiment", Slots(text="I love this")),
        ('/sentiment "I love this"', "sentiment", Slots(text="I love this")),
        ("/sentiment", "sentiment", Slots()),
        ("/translate pt good morning\nall", "translate", Slots(target="pt", text="good morning\nall")),
        ("/translate to Portuguese: good morning", "translate", Slots(target="pt", text="good morning")),
        ("/translate brazilian portuguese good morning", "translate", Slots(target="pt", text="good morning")),
        ("/translate good morning to French", "translate", Slots(target="fr", text="good morning")),
        ("/translate it works", "translate", Slots(text="it works")),
        ("/translate to it: works", "translate", Slots(target="it", text="works")),
        ("/translate es", "translate", Slots(target="es")),
        ("/translate", "translate", Slots()),
        ("translate to pt: good night", "translate", Slots(target="pt", text="good night")),
        ("/chat", "chat", Slots()),
        ("@parley /chat who are you?", "chat", Slots(text="who are you?")),
        ("!chat: tell me more", "chat", Slots(text="tell me more")),
        ("/help", "help", Slots()),
        ("help!", "help", Slots()),
        ("@parley /summarize 4", "summarize", Slots(sentences=4)),
        ("<@U024BE7LH> tldr", "summarize", Slots()),
    ],
)
async def test_commands_need_no_model(router: Router, engine: FakeEngine, text: str, intent: Intent, slots: Slots) -> None:
    assert await router.route(Request(text)) == Route(intent, slots, 1.0)
    assert engine.calls == []


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("in Spanish please", "es"),
        ("em português, por favor", "pt"),
        ("en français s'il te plaît", "fr"),
        ("auf Deutsch bitte", "de"),
        ("and now in Japanese?", "ja"),
        ("@parley to pt", "pt"),
        ("French", "fr"),
        ("deutsch bitte", "de"),
        ("PT-BR please", "pt"),
        ("in het Nederlands graag", "nl"),
    ],
)
async def test_a_bare_language_asks_for_a_translation(router: Router, engine: FakeEngine, text: str, target: str) -> None:
    assert await router.route(Request(text)) == Route("translate", Slots(target=target), 1.0)
    assert engine.calls == []


async def test_a_block_quote_is_the_text_to_translate(router: Router) -> None:
    route = await router.route(Request("> bom dia\n> até amanhã\nin English please"))
    assert route.slots == Slots(target="en", text="bom dia\naté amanhã")


@pytest.mark.parametrize(
    "text",
    ["who speaks Spanish?", "no", "it is", "why is the French build red?", "please", "thanks", "polish the docs please"],
)
async def test_mentioning_a_language_is_not_enough(router: Router, engine: FakeEngine, text: str) -> None:
    assert (await router.route(Request(text))).intent == "unsure"
    assert ("intent", text) in engine.calls


@pytest.mark.parametrize(
    ("text", "seen", "intent", "slots"),
    [
        ("who owns the fix?", None, "ask", Slots(text="who owns the fix?")),
        ("@parley who owns the fix?", "who owns the fix?", "ask", Slots(text="who owns the fix?")),
        ("hey parley, who did it", "who did it", "ask", Slots(text="who did it")),
        ("who did it @parley", "who did it", "ask", Slots(text="who did it")),
        ("what did <@U1> say", None, "ask", Slots(text="what did <@U1> say")),
        ("who installed parley?", None, "ask", Slots(text="who installed parley?")),
        ("give me the gist in 3 points", None, "summarize", Slots(sentences=3)),
        ("a couple of bullets please", None, "summarize", Slots(sentences=2)),
        ("sum up the last 50 messages", None, "summarize", Slots()),
        ("sum it up in one short sentence", None, "summarize", Slots(sentences=1)),
        ("sum it up in a sentence", None, "summarize", Slots(sentences=1)),
        ("give me a list of bullets", None, "summarize", Slots()),
        ("one of the points above, shorter", None, "summarize", Slots()),
        ('how does "fine, do it" sound', None, "sentiment", Slots(text="fine, do it")),
        ('translate "bom dia" to English', None, "translate", Slots(target="en", text="bom dia")),
        ("translate «bom dia» to English", None, "translate", Slots(target="en", text="bom dia")),
        ("can you say that in English", None, "translate", Slots(target="en")),
        ("what's the German word for bread", None, "translate", Slots(target="de")),
        ("from French to English please", None, "translate", Slots(target="en")),
        ("I don't speak Portuguese, what's that", None, "translate", Slots()),
        ("how do you say good night in Japanese?", None, "translate", Slots(target="ja", text="good night")),
        ("translate Ana's message to French", None, "translate", Slots(target="fr")),
        ("what can you do?", None, "help", Slots()),
    ],
)
async def test_free_words_are_classified(
    router: Router, engine: FakeEngine, text: str, seen: str | None, intent: Intent, slots: Slots
) -> None:
    engine.intents[seen or text] = intent
    assert await router.route(Request(text)) == Route(intent, slots, 0.9)


async def test_a_question_keeps_what_it_quotes(router: Router, engine: FakeEngine) -> None:
    text = 'what did Ana mean by "ship it"?'
    engine.intents[text] = "ask"
    assert (await router.route(Request(text))).slots.text == text


async def test_a_long_quotation_is_not_classified(router: Router, engine: FakeEngine) -> None:
    quoted = "we will be late " * 30
    engine.intents["how does sound"] = "sentiment"
    route = await router.route(Request(f'how does "{quoted}" sound'))
    assert (route.intent, route.slots.text) == ("sentiment", quoted.strip())


async def test_the_language_is_not_that_of_the_quotation(router: Router, engine: FakeEngine) -> None:
    await router.route(Request('what does "até amanhã" mean?'))
    assert ("language", ("what does mean?", ("en", "pt"))) in engine.calls


async def test_a_text_may_follow_a_colon(router: Router, engine: FakeEngine) -> None:
    engine.intents["how does this sound"] = "sentiment"
    route = await router.route(Request("how does this sound: we will be late: sorry"))
    assert (route.intent, route.slots.text) == ("sentiment", "we will be late: sorry")


async def test_a_language_may_introduce_a_text(router: Router, engine: FakeEngine) -> None:
    assert await router.route(Request("to French: see you")) == Route("translate", Slots(target="fr", text="see you"), 1.0)
    assert engine.calls == []


async def test_a_colon_may_mean_nothing(router: Router, engine: FakeEngine) -> None:
    text = "quick question: who owns the fix?"
    engine.intents[text] = "ask"
    assert await router.route(Request(text)) == Route("ask", Slots(text=text), 0.9)


async def test_another_language_is_read_in_english(router: Router, engine: FakeEngine) -> None:
    text, english = "o que decidimos sobre o rollback?", "what did we decide about the rollback?"
    engine.languages[text], engine.translations[text, "pt", "en"] = "pt", english
    engine.intents[english] = "ask"
    assert await router.route(Request(text)) == Route("ask", Slots(text=text), 0.9, pivot="pt>en")


async def test_numbers_and_targets_are_found_in_the_english_too(router: Router, engine: FakeEngine) -> None:
    text, english = "podes pôr isso em alemão", "can you put that in German"
    engine.languages[text], engine.translations[text, "pt", "en"] = "pt", english
    engine.intents[english] = "translate"
    assert (await router.route(Request(text))).slots.target == "de"


async def test_a_language_that_cannot_be_translated_is_classified_as_it_is(router: Router, engine: FakeEngine) -> None:
    engine.spoken = "fi"
    engine.intents["mitä päätettiin"] = "ask"
    assert (await router.route(Request("mitä päätettiin"))).pivot is None


async def test_the_readers_languages_and_those_that_can_be_read_are_hints(router: Router, engine: FakeEngine) -> None:
    await router.route(Request("resume isso", languages=("es",)))
    assert ("language", ("resume isso", ("es", "en", "pt"))) in engine.calls


async def test_below_even_odds_it_is_not_sure(router: Router, engine: FakeEngine) -> None:
    engine.intents["what about the thing"] = "summarize"
    engine.certainty = 0.49
    route = await router.route(Request("what about the thing"))
    assert (route.intent, route.slots) == ("unsure", Slots())
    assert route.suggestions[0] == EXAMPLES["summarize"]
    assert len(route.suggestions) == len(EXAMPLES)


@pytest.mark.parametrize("text", ["", "   ", "👍", "@parley", "...", "<@U1>"])
async def test_nothing_said_is_not_sure(router: Router, engine: FakeEngine, text: str) -> None:
    route = await router.route(Request(text))
    assert route.intent == "unsure"
    assert route.suggestions
    assert engine.calls == []


async def test_a_long_message_is_read_at_both_ends(router: Router, engine: FakeEngine) -> None:
    await router.route(Request("please look. " + "word " * 40_000 + "what does this mean?"))
    [seen] = [given for method, given in engine.calls if method == "intent"]
    assert isinstance(seen, str)
    assert len(seen) < 1_000
    assert seen.startswith("please look")
    assert seen.endswith("what does this mean?")


async def test_errors_of_the_models_pass_through(router: Router, engine: FakeEngine) -> None:
    engine.failure = Overloaded()
    with pytest.raises(Overloaded):
        await router.route(Request("who owns the fix?"))


@pytest.mark.parametrize("text", ["chat", "chat: later?", "/chatter"])
async def test_chat_is_a_command_only_with_its_mark(router: Router, text: str) -> None:
    assert (await router.route(Request(text))).intent == "unsure"
