"""What the bot can do, and how to say it."""

from __future__ import annotations

from handlers.conversation import Intent, Reply, Request, Suggestions, Text

EXAMPLES = (
    "/summarize 5",
    "/ask Who owns the fix?",
    "/translate pt Thanks for the quick fix!",
    "/sentiment I love the new dashboard",
    "what did we decide about the rollback?",
    "in Portuguese, please",
    "how do people feel about the release?",
)


WORDS = (
    "I summarize this thread, answer questions from it and quote where the answer stands, translate a message, and tell the "
    "sentiment of a message or of the whole thread."
)


class Help:
    """Answers `help`."""

    intent: Intent = "help"

    async def handle(self, request: Request, /) -> Reply:
        """A few sentences and examples."""
        return Reply((Text(f"{WORDS} Use a command or your own words, for example:"), Suggestions(EXAMPLES)))
