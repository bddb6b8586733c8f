"""What is offered under an answer, and what each offer asks for."""

from __future__ import annotations

import re
from typing import NamedTuple

from bot.platforms.asked import Asked
from bot.router import COMMANDS
from handlers.conversation import Points, Reply

SHARE, RETELL, MORE, FEEDBACK = "share", "retell", "more", "feedback"
MOST_POINTS = 20
VERDICTS = {"good": "Helpful", "bad": "Not helpful"}
_COMMAND = re.compile(rf"^[/!]?(?:{'|'.join(map(re.escape, COMMANDS))})\b\s*:?\s*(?:\d+\s+)?(?:points?\b\s*)?", re.I)


class Offer(NamedTuple):
    """A button: its name, its label, the text that is asked when it is clicked, and the points that it asks for."""

    name: str
    label: str
    text: str
    points: int | None = None


def offers(request: Asked, reply: Reply, *, private: bool) -> list[Offer]:
    """The buttons under an answer that stands or falls with a request; none under what is no answer."""
    if reply.intent in (None, "help"):
        return []
    offered = [Offer(RETELL, "Translate this answer", request.text)]
    if private and not request.direct:
        offered.insert(0, Offer(SHARE, "Share", request.text))
    points = sum(len(part.points) for part in reply.parts if isinstance(part, Points))
    if reply.intent == "summarize" and reply.cited and not reply.provenance.generated and points < MOST_POINTS:
        wanted = min(2 * points, MOST_POINTS)
        offered.append(Offer(MORE, "More detail", more(request.text, wanted), wanted))
    return offered


def more(text: str, points: int) -> str:
    """The request for a summary with so many points, of what `text` asks for."""
    # The number comes first, where it counts; what was asked stays, as it may name what to read: "since Monday".
    return f"/summarize {points} points {_COMMAND.sub('', text, count=1)}".strip()
