"""A noticeboard, the simplest of platforms: what platforms share is tested on it. Written against its protocols by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.assistant import NotReadable
from bot.platforms.asked import Asked, Place
from bot.platforms.buttons import offers
from bot.platforms.drawing import written
from bot.platforms.posts import NotPosted
from handlers.conversation import Reply, Request, Thread, Turn

HOME, GENERAL = "board", "general"
ANA, BEN, ME = "u-ana", "u-ben", "u-parley"
NO_ACCESS = "That hangs where you do not go."
NO_PINS = "I have no pins for that board."

Meanwhile = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Notice:
    """One message: its text, and the names of what can be clicked below it."""

    text: str
    buttons: tuple[str, ...] = ()


@dataclass
class Pinned:
    """A notice, who pinned it where, and the one that it hangs below, if any."""

    channel: str
    root: str | None
    user: str
    notice: Notice


@dataclass
class Board:
    """The channels, by id, with those who go there, and what hangs there; as `bot.platforms.posts.Wire`, the way to pin.

    Attributes:
        pieces: in how many posts a message is pinned.
        closed: channels where the bot may not pin anything.
        stuck: posts that cannot be taken down.
        meanwhile: what happens while something is pinned or written over.
        sent: how often something was pinned.
    """

    rooms: dict[str, set[str]] = field(default_factory=lambda: {GENERAL: {ANA, BEN}})
    pinned: dict[str, Pinned] = field(default_factory=dict)
    pieces: int = 1
    closed: set[str] = field(default_factory=set)
    stuck: set[str] = field(default_factory=set)
    meanwhile: Meanwhile | None = None
    sent: int = 0
    last: int = 100

    def pin(self, user: str, text: str, *, channel: str = GENERAL, root: str | None = None, **more: Any) -> str:
        """Somebody pins a notice; returns its id."""
        self.last += 1
        self.pinned[str(self.last)] = Pinned(channel, root, user, Notice(text, **more))
        return str(self.last)

    def vanish(self, post: str) -> None:
        """Somebody takes a notice down, and tells nobody."""
        del self.pinned[post]

    def ours(self) -> list[str]:
        """The ids of what the bot pinned."""
        return [post for post, each in self.pinned.items() if each.user == ME]

    def answers(self, channel: str = GENERAL, root: str | None = None) -> list[str]:
        """What the bot has hanging there, in words."""
        here = [self.pinned[post] for post in self.ours()]
        return [each.notice.text for each in here if (each.channel, each.root) == (channel, root)]

    async def send(self, channel: str, root: str | None, message: Notice) -> list[str]:
        await self._happen()
        if channel in self.closed:
            raise NotPosted(NO_PINS)
        self.sent += 1
        texts = [message.text] if self.pieces == 1 else [f"{message.text} ({n + 1})" for n in range(self.pieces)]
        return [self.pin(ME, text, channel=channel, root=root, buttons=message.buttons) for text in texts]

    async def edit(self, channel: str, post: str, message: Notice) -> bool:
        await self._happen()
        if post not in self.pinned:
            return False
        self.pinned[post].notice = message
        return True

    async def delete(self, channel: str, post: str) -> None:
        if post in self.stuck:
            raise OSError("the pin is stuck")
        assert post not in self.pinned or self.pinned[post].channel == channel
        self.pinned.pop(post, None)

    def thread(self, channel: str, root: str | None) -> str | None:
        return root

    async def _happen(self) -> None:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            await meanwhile()


@dataclass
class Visitors:
    """Who comes by, as `bot.platforms.answers.People`."""

    known: dict[str, str] = field(default_factory=lambda: {ANA: "Ana", BEN: "Ben"})
    languages: dict[str, str] = field(default_factory=dict)

    async def names(self, users: Iterable[str]) -> dict[str, str]:
        return {user: self.known[user] for user in users if user in self.known}

    async def language(self, user: str) -> str | None:
        return self.languages.get(user)


@dataclass
class Glance:
    """Reads what hangs there, as `bot.platforms.answers.Reading`; keeps where it was asked to look in `looked`."""

    board: Board
    people: Visitors
    meanwhile: Meanwhile | None = None
    looked: list[Place] = field(default_factory=list)

    async def read(self, request: Request, asked: Asked, place: Place) -> Request:
        self.looked.append(place)
        if self.meanwhile:
            await self.meanwhile()
        if asked.user not in self.board.rooms.get(place.channel, ()):
            raise NotReadable(NO_ACCESS)
        if place.message and request.intent in ("translate", "sentiment"):
            return replace(request, quoted=self._turn(place.message))
        found = [post for post, each in self.board.pinned.items() if self._belongs(post, each, asked, place)]
        return replace(request, thread=Thread(tuple(map(self._turn, found))))

    def _belongs(self, post: str, each: Pinned, asked: Asked, place: Place) -> bool:
        inside = place.root in (None, post, each.root) and each.channel == place.channel
        return inside and each.user != ME and (asked.until is None or int(post) < int(asked.until))

    def _turn(self, post: str) -> Turn:
        each = self.board.pinned[post]
        return Turn(self.people.known[each.user], each.notice.text, link=f"board:{each.channel}/{post}")


class Marks:
    """A markup that shows all it does: an ampersand of others is doubled, their prose stands in braces."""

    def escape(self, text: str) -> str:
        return text.replace("&", "&&")

    def prose(self, text: str) -> str:
        return f"{{{self.escape(text)}}}"

    def link(self, url: str | None, label: str) -> str:
        return f"[{label}]({url})" if url else label

    def bold(self, text: str, *, before: str = "", after: str = "") -> str:
        return f"*{text}*"


class Noticeboard:
    """What making an answer takes of the board, as `bot.platforms.answers.Platform`; keeps what it drew in `drawn`."""

    home = HOME

    def __init__(self, board: Board, *, whispers: bool = True) -> None:
        self.board, self.whispers = board, whispers
        self.people = Visitors()
        self.reading = Glance(board, self.people)
        self.drawn: list[dict[str, Any]] = []

    async def words(self, asked: Asked) -> str:
        text = asked.text
        for user, name in self.people.known.items():
            text = text.replace(user, f"@{name}")
        return text

    def place(self, asked: Asked) -> Place:
        return asked.place

    def threaded(self, place: Place) -> bool:
        return place.root is not None

    def elsewhere(self, place: Place, asked: Asked) -> bool:
        return place.channel != asked.channel

    def linked(self, link: str) -> Place | None:
        channel, _, post = link.removeprefix("board:").partition("/")
        return Place(channel, None, post) if link.startswith("board:") else None

    def now(self) -> str:
        return str(self.board.last + 1)

    def draw(
        self, reply: Reply, *, turns: Sequence[Turn], seconds: float | None, asked: Asked | None, private: bool
    ) -> list[Notice]:
        self.drawn.append({"reply": reply, "turns": turns, "seconds": seconds, "asked": asked, "private": private})
        words = filter(None, (written(part, turns, Marks()) for part in reply.parts))
        offered = offers(asked, reply, private=private) if asked else []
        return [Notice("\n".join(words), tuple(one.name for one in offered))]

    def plain(self, text: str) -> Notice:
        return Notice(text)

    def choices(self, asked: Asked, targets: Sequence[str]) -> Notice:
        return Notice(f"Which language for {asked.text}?", tuple(targets))


class Recorder:
    """An outlet, also in place of a thread, that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.shown: list[Notice] = []
        self.sources: set[str] = set()
        self.waiting = asyncio.Event()

    async def wait(self) -> None:
        self.told.append("wait")
        self.waiting.set()

    async def say(self, messages: Sequence[Notice], sources: Collection[str] = ()) -> None:
        self.told += [message.text for message in messages]
        self.shown += messages
        self.sources |= set(sources)

    async def remove(self) -> None:
        self.told.append("remove")

    async def withdraw(self) -> None:
        self.told.append("withdraw")


def asking(text: str, *, channel: str = GENERAL, user: str = ANA, **more: Any) -> Asked:
    """A request of Ana's; `more` are fields of `Asked`."""
    return Asked(HOME, channel, user, text, **more)


def key(post: str, channel: str = GENERAL) -> str:
    """A notice, as the database knows it."""
    return f"{HOME}:{channel}:{post}"
