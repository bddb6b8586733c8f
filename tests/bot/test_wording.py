import pytest

from bot import wording
from handlers import base
from handlers.base import HandlerError
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
