"""Stand-ins at the boundary of the models, written by hand against `models.types`."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping, Sequence

from models.types import (
    Classification,
    Detection,
    EngineError,
    Excerpt,
    Extraction,
    Generation,
    Message,
    PairUnsupported,
    Salience,
    Summary,
    TextRefused,
    Translation,
)

INTENTS = ("sentiment", "translate", "ask", "summarize", "help", "unsure")


class FakeEngine:
    """An `Engine` with scripted answers, set by a test; it keeps every call in `calls` as (method, what it was given).

    Attributes:
        intents, sentiments: label by text; a text without one is "unsure" or "neutral".
        certainty: the probability of the label; the others share the rest.
        languages: language by text; a text without one is `spoken`.
        translations: translation by (text, source, target); a text without one comes back in capitals.
        answers: the words that answer a question, which must stand in the context; a question without them has no answer.
        margin: by how much an answer is likelier than none (log-odds).
        writes: which of "summarize" and "generate" it has a model for; by default neither.
        summary: what `summarize` makes of every thread.
        spoken_pieces: what `generate` answers, piece by piece; it reads no more than the latest `window` messages.
        cut: whether that answer counts as cut.
        failure: raised by every method while it is set.
    """

    def __init__(self) -> None:
        self.intents: dict[str, str] = {}
        self.sentiments: dict[str, str] = {}
        self.certainty = 0.9
        self.spoken: str | None = "en"
        self.languages: dict[str, str | None] = {}
        self.translations: dict[tuple[str, str, str], str] = {}
        self.answers: dict[str, str] = {}
        self.margin = 2.0
        self.writes: frozenset[str] = frozenset()
        self.summary = ""
        self.spoken_pieces: tuple[str, ...] = ("Hello", " there.")
        self.window, self.cut = 1000, False
        self.failure: EngineError | None = None
        self.pairs = frozenset({("en", "pt"), ("pt", "en")})
        self.calls: list[tuple[str, object]] = []

    async def sentiment(self, text: str) -> Classification:
        self._called("sentiment", text)
        labels = ("negative", "neutral", "positive")
        return self._classification(self.sentiments.get(text, "neutral"), labels, "fake-sentiment")

    async def intent(self, text: str) -> Classification:
        self._called("intent", text)
        return self._classification(self.intents.get(text, "unsure"), INTENTS, "fake-intent")

    async def extract(self, question: str, context: str) -> Extraction:
        self._called("extract", (question, context))
        start = context.find(words) if (words := self.answers.get(question)) else -1
        if words is None or start < 0:
            return Extraction(None, self.certainty, (0, min(1, len(context))), -2.0, "fake-answering")
        span = (start, start + len(words))
        return Extraction(span, self.certainty, span, self.margin, "fake-answering")

    async def salience(self, turns: Sequence[str]) -> Salience:
        """Each turn with words is one excerpt; longer ones tell more. Equal turns point the same way, others do not."""
        self._called("salience", tuple(turns))
        distinct = list(dict.fromkeys(turns))
        excerpts = tuple(
            Excerpt(i, 0, len(turn), float(len(turn)), tuple(float(j == distinct.index(turn)) for j in range(len(distinct))))
            for i, turn in enumerate(turns)
            if re.search(r"\w", turn)
        )
        return Salience(excerpts, "fake-salience")

    async def translate(self, text: str, *, source: str, target: str) -> Translation:
        self._called("translate", (text, source, target))
        if (source, target) not in self.pairs:
            raise PairUnsupported(source, target)
        return Translation(self.translations.get((text, source, target), text.upper()), source, target, "fake-translation")

    async def summarize(self, turns: Sequence[str]) -> Summary:
        self._called("summarize", tuple(turns))
        return Summary(self.summary, (self.summary,), len(turns), 1, "fake-summarizer")

    async def generate(self, messages: Sequence[Message]) -> Generation:
        self._called("generate", tuple(messages))

        async def pieces() -> AsyncGenerator[str, None]:
            for piece in self.spoken_pieces:
                yield piece
            generation.cut = self.cut

        generation = Generation(pieces(), "fake-talker", min(len(messages), self.window))
        return generation

    async def language(self, text: str, *, hints: Sequence[str] = ()) -> Detection:
        self.calls.append(("language", (text, tuple(hints))))
        language = self.languages.get(text, self.spoken)
        return Detection(language, self.certainty if language else 0.0)

    def _called(self, method: str, given: object) -> None:
        self.calls.append((method, given))
        if self.failure:
            raise self.failure
        if isinstance(given, str) and not re.search(r"\w", given):
            raise TextRefused("empty")

    def _classification(self, label: str, labels: Sequence[str], model: str) -> Classification:
        rest = (1 - self.certainty) / (len(labels) - 1)
        scores: Mapping[str, float] = {name: self.certainty if name == label else rest for name in labels}
        return Classification(max(labels, key=lambda name: scores[name]), scores, model)
