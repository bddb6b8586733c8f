import pytest

from bot import wording
from handlers import base
from handlers.base import HandlerError
from handlers.conversation import Coverage, Provenance, Reply, Text
from models import types
from models.types import EngineError, ModelUnavailable, PairUnsupported, TextRefused

SAMPLES = {
    TextRefused: [TextRefused("empty"), TextRefused("long", limit=20_000)],
    PairUnsupported: [PairUnsupported("ja", "pt"), PairUnsupported("?", "ja")],
    ModelUnavailable: [ModelUnavailable("The model file x is missing; install it again.")],
}


def errors():
    for module, root in ((base, HandlerError), (types, EngineError)):
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, root) and kind is not root:
                yield from SAMPLES.get(kind) or [kind()]


@pytest.mark.parametrize("error", list(errors()), ids=repr)
def test_every_error_has_one_sentence_of_its_own(error):
    sentence = wording.sentence(error)
    assert sentence != wording.BROKEN
    assert sentence[0].isupper()
    assert sentence[-1] in ".?"
    assert "\n" not in sentence


def test_languages_and_limits_are_named():
    assert "Japanese" in wording.sentence(PairUnsupported("ja", "pt"))
    assert "20,000" in wording.sentence(TextRefused("long", limit=20_000))


def test_an_unforeseen_error_never_shows_its_text():
    assert wording.sentence(ValueError("secret")) == wording.BROKEN


@pytest.mark.parametrize(
    ("coverage", "words"),
    [
        (Coverage(3, 3), "3 of 3 messages read"),
        (Coverage(3, 7), "3 of 7 messages read"),
        (Coverage(50, 50, more=True), "the latest 50 messages read"),
        (Coverage(48, 50, more=True), "48 of the latest 50 messages read"),
        (Coverage(3, 3, files=1), "3 of 3 messages read · 1 file not opened"),
        (Coverage(50, 50, more=True, files=2), "the latest 50 messages read · 2 files not opened"),
    ],
)
def test_how_much_was_read_is_told_with_what_was_not(coverage, words):
    assert " · ".join(wording.origin(Reply((Text("Yes."), coverage)), None)) == words


def test_where_an_answer_comes_from_is_told_in_order():
    reply = Reply((Coverage(1, 1),), Provenance(("model",), ("pt>en", "en>fr")))
    assert wording.origin(reply, 0.0381) == ["38 ms", "1 of 1 messages read", "pt → en", "en → fr"]
    assert wording.origin(Reply((Text("Yes."),)), 1.42) == ["1.4 s"]


def test_generated_words_are_marked_as_such():
    reply = Reply((Text("Yes."),), Provenance(("model",), ("en>pt",), generated=True))
    assert wording.origin(reply, 1.42) == ["1.4 s", "en → pt", "generated, may be wrong"]
