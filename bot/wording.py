"""What people read when something goes wrong: one sentence for each error, never the error's own text."""

from __future__ import annotations

from handlers import languages
from handlers.base import HandlerError, LanguageUnclear, NothingToRead, NotOffered, QuestionMissing, TargetUnknown
from handlers.conversation import Coverage, Reply
from models.types import (
    DeadlinePassed,
    EngineError,
    ModelFailed,
    ModelUnavailable,
    Overloaded,
    PairUnsupported,
    Stopped,
    TextRefused,
)

UNSURE = "I am not sure what you would like me to do. You could write, for example:"
BROKEN = "Something went wrong on my side with this request; it has been logged, and everything else goes on."
SENTENCES: dict[type[HandlerError | EngineError], str] = {
    NothingToRead: "There is nothing to read here: quote a message, add a text, or ask in a thread.",
    TargetUnknown: "Tell me which language to translate to, for example: in Portuguese, please.",
    LanguageUnclear: "I cannot tell which language this is; name it, or give me a longer text.",
    QuestionMissing: "Tell me what you would like to know, for example: /ask Who owns the fix?",
    NotOffered: "I do not chat here: no model is set up for that; write help to see what else I can do.",
    Overloaded: "I have too much to do right now; please try again in a minute.",
    DeadlinePassed: "This took longer than I may spend on one request; please try again, or with a shorter text.",
    Stopped: "I am being restarted; please try again in a minute.",
    ModelFailed: "The model could not process this text; the others are not affected.",
}


def sentence(error: Exception) -> str:
    """The sentence for an error. An error that is nobody's fault but ours gets `BROKEN`."""
    match error:
        case TextRefused(reason="empty"):
            return "There are no words to read in this text."
        case TextRefused(limit=limit):
            return f"This text is too long: I read up to {limit:,} characters; send a shorter part."
        case PairUnsupported(source=source, target=target):
            return f"I cannot translate {_pair(source, target)}; try another language."
        case ModelUnavailable(cause=cause):
            return cause
    return next((text for kind, text in SENTENCES.items() if isinstance(error, kind)), BROKEN)


def elapsed(seconds: float) -> str:
    """A short time, e.g. "38 ms" or "1.4 s"."""
    return f"{seconds * 1000:.0f} ms" if seconds < 0.9995 else f"{seconds:.1f} s"


def origin(reply: Reply, seconds: float | None) -> list[str]:
    """How an answer came about: how long it took, if known, how much was read, which translations were needed.

    What a model made up its words for is marked last, so that its name follows.
    """
    coverage = [words for part in reply.parts if isinstance(part, Coverage) for words in _covered(part)]
    took = [] if seconds is None else [elapsed(seconds)]
    written = ["generated, may be wrong"] if reply.provenance.generated else []
    return [*took, *coverage, *(path.replace(">", " → ") for path in reply.provenance.languages), *written]


def _covered(part: Coverage) -> list[str]:
    """What was read, and what was not."""
    among = "the latest " if part.more else ""
    read = f"{part.read} of {among}{part.total} messages read"
    if part.more and part.read == part.total:
        read = f"the latest {part.read} messages read"
    return [read, *([f"{part.files} file{'s' * (part.files != 1)} not opened"] if part.files else [])]


def _pair(source: str, target: str) -> str:
    into = f"to {languages.display(target)}"
    return into if source == "?" else f"from {languages.display(source)} {into}"
