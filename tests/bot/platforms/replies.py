"""A reply with a part of each kind, for whoever draws it."""

from __future__ import annotations

from handlers.conversation import Coverage, Point, Points, Provenance, Quote, Reply, Score, Suggestions, Text, Turn


def thread(link: str) -> tuple[Turn, ...]:
    """Two turns, of which the first has a link."""
    return (
        Turn("Maya", "Rolling back at 14:30, see https://status.example.com/incidents/831", "14:22", link),
        Turn("Rafael Nunes", "Confirmado, está tudo bem de novo 🎉", "14:38"),
    )


REPLY = Reply(
    (
        Text("Leah & `you`"),
        Quote(0, "Maya", thread("")[0].text, 16, 21),
        Points((Point("Rolled back.", (0, 1)), Point("Tudo bem.", (1,)))),
        Score("negative", {"negative": 0.9, "neutral": 0.1, "positive": 0.0}),
        Suggestions(("who owns the fix?", "/ask *why*?")),
        Coverage(2, 3),
    ),
    Provenance(("encoder+answering@1a2b3c",), ("pt>en",)),
)
