"""How much of a conversation a request is about: "the last 50 messages", "since yesterday 9:00", "what did I miss".

A wrong window drops messages without a word, so only what is plainly meant as one counts, and of two readings the wider:

- Read is the request alone: not what it quotes, what follows a colon or a blank line, nor anything in a text of more than
  `LONGEST` characters.
- "since ...", "the last 2 hours" and "the last 20 messages" count anywhere, but not as the subject of a question ("who was
  on call since Monday?") or of a clause ("the site has been down since Monday"), unless what was said or has happened is
  asked for ("what was decided since Monday?"). Where a translation or a judgement is asked for, they must follow the verb.
- "today", "yesterday", "last week" count only right after a word that asks for a summary, or alone: "recap this week".
- "since I was last here" counts anywhere; "what did I miss" and "catch me up" without an object and another window.

A day begins at its midnight in the asker's time zone, a week on Monday; a weekday or a time of day is its latest past one,
and a weekday's name on that very day means a week ago. "Last week" is the calendar's, "the last week" the past seven days.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import islice

from bot import slots, times
from bot.times import Span

LONGEST = 1000  # characters of a text that may hold a request; what is longer is what a request is about
MOST = 100_000  # messages, or units of time
TRIES = 3  # places where a window may be named, each in its way


@dataclass(frozen=True, slots=True)
class Window:
    """Which messages of a conversation a request is about; all bounds that are given hold.

    `last` is how many, the latest. `since` and `until` are aware, in the asker's time zone; `since` is never ahead.
    `absence` means since the asker last wrote there.
    """

    last: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    absence: bool = False


def read(text: str, *, now: datetime) -> Window | None:
    """The window that a request names, None where it names none. `now` is aware, in the asker's time zone.

    Never raises. The first text with a "since" loads the library that reads times, which takes seconds, and any other one
    takes milliseconds: not on the event loop.
    """
    request = _request(text)
    last = _count(request)
    since, until = _stretch(request, now)
    missed = _MISSED.search(request)
    alone = missed and not (last or since) and _only(re.split(r"[.;!?]", request[missed.end() :])[0], _FILLER | _COURTESY)
    window = Window(last, since, until, absence=bool(alone or _AWAY.search(request)))
    return None if window == Window() else window


_SUMMARY = (
    r"(?:summari[sz](?:e|ing)|summary|sum\s+(?:(?:it|this|things)\s+)?up|recap|tl;?dr|digest|highlights|overview"
    r"|what(?:['’]s|\s+is)\s+new|catch\s+me\s+up|what\s+(?:did\s+i\s+miss|have\s+i\s+missed)"
    r"|resum[aeo]|resumir|o\s+que\s+(?:eu\s+)?perdi)\b"
)
_WORD = r"[^\W\d_]+"


def _request(text: str) -> str:
    """What asks for something, on one line: without the text that it is about."""
    if len(text) > LONGEST:
        return ""
    message = slots.read(text)
    if message.inline and message.frame == message.said:  # a quote and nothing else
        return ""
    frame = slots.read(message.frame).frame  # quotation marks under a block quote
    frame = re.sub(rf"^\s*([/!]?(?:{_SUMMARY}|ask|sentiment|mood))\s*:\s", r"\1; ", frame, flags=re.I)
    return " ".join(re.split(r"[\"“”„«`]|:(?:\s|$)|\n\s*\n", frame, maxsplit=1)[0].split())


# What stands around a window ---------------------------------------------------------------------------------------

_PLAIN = frozenset(
    "the all only just everything message messages from of for in over as os nas nos das dos mensagens".split()
)
_COURTESY = frozenset(
    "hey hi hello ok okay parley please pls thanks kindly can could would will you let's i i'd we need want like to do give "
    "get send show make write post me us a an the quick short brief full daily weekly now again "
    "por favor pode poderia você me faz faça dê um uma obrigado obrigada agora".split()
)
_FILLER = _PLAIN | frozenset(
    "this that these our every chat channel thread conversation conversations discussion discussions posts on during at "
    "about with into to me us it its here what what's we people everyone was were has have been is being going went "
    "happened happening said discussed decided talked written posted point points bullet bullets sentence sentences line "
    "lines please and today yesterday morning afternoon evening night a an o e à de da do na no em que foi dito falado "
    "aconteceu rolou aqui canal conversa pontos frases hoje ontem manhã tarde noite".split()
    + slots.NUMBERS
)
_FOLLOWING = _COURTESY | frozenset("in into as with and since from until to here for on em desde até aqui no na".split())
_WONDERS = re.compile(
    r"\b(?:who|whom|whose|when|where|which|why|how|what|quem|quando|onde|qual|quais|por\s*qu[eê]|como|quant[oa]s|o\s+que)\b",
    re.I,
)
_ASKS = re.compile(
    rf"[\s,]*(?:[/!]?ask|{_WONDERS.pattern}|did|does|do|is|are|was|were|has|have|had|any(?:one|body)|algu[ée]m)\b", re.I
)
_POLITE = re.compile(r"[\s,]*(?:please|can|could|would|will|pode|poderia)\b", re.I)
_VERB = re.compile(  # makes a clause of its own
    r"\b(?:is|are|was|were|has|have|had|been|be|am|will|isn['’]t|wasn['’]t|foi|foram|est[áa]|est[ãa]o|estava|era|é|tem|t[êe]m)\b"
    r"|['’](?:s|ve|re|m|d|ll)\b",
    re.I,
)
_TOLD = re.compile(  # what a conversation holds, and what one asks of it
    rf"\b(?:{_SUMMARY}|messages|posts|conversations?|discussions?|discuss(?:ed)?|said|(?<!you )(?<!\bone )says?"
    r"|mention(?:ed|s)?|talk(?:ed|ing|s)?|wr[io]te|written|posted|happen(?:ed|ing|s)?|(?:going|went)\s+on|miss(?:ed)?|agreed?"
    r"|decided?|decisions?|what(?:['’]s|\s+has)?\s+changed|mood|tone|feel(?:ing)?s?|felt|sentiment|up\s+to\s+(?:speed|date)"
    r"|mensagens|conversas?|discuss[ãa]o|discuti\w+|dit[oa]s?|disse(?:ram)?|fal(?:ou|aram|ado)|decidi\w+|aconteceu|acontecendo"
    r"|rolou|perdi|novidades?|mudou|clima)\b",
    re.I,
)
_TAKES = re.compile(  # what may be followed by the very text that it is to be done with
    rf"[/!]?\b(?:translat\w+|tradu[zç]\w*)\b|^[/!]?(?:sentiment|mood|{_SUMMARY};)", re.I
)
_OF = re.compile(r"\b(?:in|of|from|over|across|within|among|through|n[ao]s|d[ao]s|em|de)(?:\s+(?:the|as|os))?\s*$", re.I)
_SAYS = re.compile(r"\s+(?:\w+\s+){0,2}?(?:about|say|saying|mean|cover|falam|dizem)\b", re.I)


def _only(text: str, known: frozenset[str]) -> bool:
    """Whether nothing but known words, numbers and mentions of places and people stand there."""
    words = (word.strip(".,;:!?-–").lower().replace("’", "'") for word in text.split())
    return all(not word or word in known or word.isdigit() or word[0] in "#<@" for word in words)


def _summarizing(before: str) -> bool:
    """Whether a summary is asked for, and nothing yet of what: "can you recap what was said"."""
    asked = re.search(rf"[/!]?\b{_SUMMARY}", before, re.I)
    return bool(asked and _only(before[: asked.start()], _COURTESY) and _only(before[asked.end() :], _FILLER))


def _direct(before: str) -> bool:
    """Whether a window is the first thing named, or the first after a verb that takes a text: "translate the"."""
    takes = _TAKES.search(before)
    return _only(before[takes.end() :], _FILLER) if takes else _only(before, _PLAIN)


def _subject(request: str, start: int, end: int) -> bool:
    """Whether a time is part of what is asked about, said or to be translated, rather than bounds what to read."""
    before, after = request[:start], request[end:]
    if _TAKES.search(before):
        return not _direct(before)
    if _VERB.match(after.lstrip()):  # since Monday is a holiday
        return True
    if _ends(_TOLD, before) > _ends(_VERB, before):
        return False
    if _only(before, _PLAIN) and not re.search(r"\w", after):  # since yesterday?
        return False
    if _only(before, _PLAIN) and _ASKS.match(after):  # in the last hour, what was said?
        return not _TOLD.search(after)
    clause = re.split(r"[,.;!?]", after)[0]
    return _questions(request, before) or bool(_VERB.search(before) or _VERB.search(clause))


def _questions(request: str, before: str) -> bool:
    polite = _POLITE.match(request)
    return bool(_WONDERS.search(before) or _ASKS.match(request) or (request.endswith("?") and not polite))


def _ends(pattern: re.Pattern[str], text: str) -> int:
    """Where the last match ends, -1 where there is none."""
    return max((match.end() for match in pattern.finditer(text)), default=-1)


# Numbers of messages ------------------------------------------------------------------------------------------------

_NUMBERS = {name: number for number, name in enumerate(slots.NUMBERS) if number} | {
    **dict(zip("um dois três quatro cinco seis sete oito nove dez".split(), range(1, 11), strict=True)),
    **{
        "uma": 1,
        "duas": 2,
        "twelve": 12,
        "fifteen": 15,
        "quinze": 15,
        "twenty": 20,
        "vinte": 20,
        "thirty": 30,
        "trinta": 30,
    },
    **{"forty": 40, "fifty": 50, "cinquenta": 50, "hundred": 100, "cem": 100},
}
_NUMBER = rf"(?P<n>\d{{1,3}}(?:[.,]\d{{3}})+|\d{{1,20}}|{'|'.join(_NUMBERS)})"
_LAST = r"(?:last|latest|past|previous|newest|most\s+recent|[úu]ltim[ao]s)"
_LATEST = re.compile(
    rf"\b(?:{_LAST}\s+{_NUMBER}|{_NUMBER.replace('<n>', '<m>')}\s+{_LAST}(?!\s+\d))\b"
    r"(?:\s+(?P<messages>messages?|msgs?|posts?|comments?|replies|mensage(?:m|ns)|respostas|coment[áa]rios)\b)?",
    re.I,
)


def _count(request: str) -> int | None:
    """How many messages: "the last 50 messages", "summarize last 30"."""
    for found in islice(_LATEST.finditer(request), TRIES):
        before, after = request[: found.start()], request[found.end() :]
        if found["messages"]:
            pointed = _OF.search(before) or _SAYS.match(after) or re.search(_SUMMARY, before, re.I)
            meant = not _TAKES.search(before) and (pointed or not _questions(request, before))
        else:
            meant = _summarizing(before) and not _TAKES.search(before)
        first = re.match(r"\s*[^\s.,;!?]*", after)
        if (meant or _direct(before)) and (found["messages"] or _only(first[0] if first else "", _FOLLOWING)):
            return _number(found["n"] or found["m"])
    return None


def _number(word: str) -> int:
    number = _NUMBERS.get(word.lower()) or int(re.sub(r"[.,]", "", word))
    return min(max(number, 1), MOST)


# Stretches of time --------------------------------------------------------------------------------------------------

_AWAY = re.compile(
    r"\bsince\s+(?:i\s+(?:(?:was|have\s+been)\s+last|last\s+(?:was|wrote|posted|looked|read|visited|spoke|replied|commented)"
    r"|last\s+(?:checked|logged|came)\s+in)\b|(?:the\s+)?last\s+time\s+i\s+(?:was|wrote|posted|looked|read|visited|checked)\b"
    r"|my\s+last\s+(?:message|post|visit|reply|comment)\b)"
    r"|\bsince\s+i\s+was\s+(?:here|online|around)\b|\bwhile\s+i\s+was\s+(?:away|gone|out|offline|asleep)\b"
    r"|\bdesde\s+(?:a\s+)?(?:[úu]ltima\s+vez\s+(?:em\s+)?que\s+(?:eu\s+)?(?:estive|entrei|passei|escrevi|li|olhei|vi)\b"
    r"|minha\s+[úu]ltima\s+(?:mensagem|visita)\b)|\benquanto\s+(?:eu\s+)?est(?:ive|ava)\s+(?:fora|ausente)\b",
    re.I,
)
_MISSED = re.compile(
    r"\bwhat(?:['’]d|['’]ve|\s+did|\s+have)?\s+i(?:['’]ve|\s+have)?\s+miss(?:ed)?\b"
    r"|\b(?:did\s+i|have\s+i)\s+miss(?:ed)?\s+(?:anything|something)\b|\banything\s+i(?:['’]ve)?\s+missed\b"
    r"|\bcatch\s+me\s+up\b|\b(?:bring|get)\s+me\s+up\s+to\s+(?:speed|date)\b|\bfill\s+me\s+in\b"
    r"|\bo\s+que\s+(?:foi\s+que\s+)?(?:eu\s+)?perdi\b|\bperdi\s+(?:alguma\s+coisa|algo)\b|\bme\s+(?:atualiz[ae]|atualize)\b",
    re.I,
)
_UNITS = {  # a month and a year at their longest
    "minutes": (r"minut[eo]s?|mins?|m", timedelta(minutes=1)),
    "hours": (r"hours?|hrs?|horas?|h", timedelta(hours=1)),
    "days": (r"days?|dias?|d", timedelta(days=1)),
    "weeks": (r"weeks?|semanas?|w", timedelta(weeks=1)),
    "months": (r"months?|m[eê]s(?:es)?", timedelta(days=31)),
    "years": (r"years?|anos?", timedelta(days=366)),
}
_UNIT = "|".join(rf"(?P<{name}>{words})" for name, (words, _) in _UNITS.items())
_ROLLING = re.compile(
    rf"\b(?:(?:last|past|previous|[úu]ltim[ao]s)\s+{_NUMBER}\s*(?:{_UNIT})"
    r"|(?:last|past|[úu]ltima)\s+(?P<hour>hour|hora)|past\s+(?P<day>day)|(?:the\s+last|past|[úu]ltim[ao])\s+"
    r"(?:(?P<week>week|semana)|(?P<month>month|m[eê]s)|(?P<year>year|ano)))\b(?!\s+(?:of|de)\b|-)",
    re.I,
)
_PERIOD = re.compile(
    r"\b(?:(?P<today>today|hoje|tonight|this\s+(?:morning|afternoon|evening)|esta\s+(?:manhã|tarde|noite))|(?P<yesterday>yesterday|ontem)"
    r"|(?P<this_week>this\s+week|esta\s+semana)|(?P<last_week>last\s+week|semana\s+passada)"
    r"|(?P<this_month>this\s+month|este\s+mês)|(?P<last_month>last\s+month|mês\s+passado))"
    r"(?:['’]s\s+(?:messages|posts|conversations?|discussions?|chat|thread|talk)\b|\b(?!['’]))(?=\W*(?P<next>\S*))",
    re.I,
)


def _stretch(request: str, now: datetime) -> tuple[datetime | None, datetime | None]:
    """From when and until when."""
    period = _period(request, now)
    told = _since(request, now) or _rolling(request, now)
    if period and not (told and (not period[1] or told[0] < period[1])):  # "yesterday from 9:00" is not today's 9:00
        return period
    return told or (None, None)


def _rolling(request: str, now: datetime) -> Span | None:
    """ "the past 2 hours", "last hour", "as últimas 2 horas"."""
    for found in islice(_ROLLING.finditer(request), TRIES):
        if _subject(request, *found.span()):
            continue
        name = f"{str(found.lastgroup).removesuffix('s')}s"
        unit = _UNITS[name][1]
        try:
            since = times.elapsed(now, unit * _number(found["n"] or "1"), exact=unit < timedelta(days=1))
        except OverflowError:
            return None
        return (since, None) if since.year >= times.EPOCH else None
    return None


def _period(request: str, now: datetime) -> Span | None:
    """ "today", "yesterday", "last week": from the first to the last that are named."""
    spans = [_named(found, now) for found in _PERIOD.finditer(request) if _asked(request, found)]
    if not spans:
        return None
    ends = [end for _, end in spans if end]
    return min(start for start, _ in spans), max(ends) if len(ends) == len(spans) else None


def _asked(request: str, period: re.Match[str]) -> bool:
    before, after = request[: period.start()], request[period.end() :]
    follows = _only(period["next"], _FILLER | _COURTESY | {"since", "until", "desde", "até"})
    return (_summarizing(before) and follows) or (_only(before, _PLAIN) and _only(after, _COURTESY))


def _named(found: re.Match[str], now: datetime) -> Span:
    today = datetime.combine(now, time(), now.tzinfo)
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    spans: dict[str, Span] = {
        "today": (today, None),
        "yesterday": (today - timedelta(days=1), today),
        "this_week": (monday, None),
        "last_week": (monday - timedelta(weeks=1), monday),
        "this_month": (first, None),
        "last_month": ((first - timedelta(days=1)).replace(day=1), first),
    }
    return next(span for name, span in spans.items() if found[name])


# Times --------------------------------------------------------------------------------------------------------------

_MARKS = {"since": ["en"], "from": ["en"], "desde": ["pt", "es"], "a partir de": ["pt", "es"]}
_MARKS |= {"seit": ["de"], "depuis": ["fr"], "sinds": ["nl"]}
_MARK = re.compile(rf"\b(?P<mark>{'|'.join(_MARKS)})\s+", re.I)
_UNTIL = re.compile(r"\s*(?:until|till?|up\s+to|to|até|hasta|bis|jusqu['’]à|-|–)\s+", re.I)


def _since(request: str, now: datetime) -> Span | None:
    """ "since yesterday 9:00", "from Monday to Wednesday", "desde ontem às 9h"."""
    if not _MARK.search(request):
        return None
    request = times.plain(request)
    for mark in islice(_MARK.finditer(request), TRIES):
        languages = _MARKS[mark["mark"].lower()]
        told = times.longest(request, mark.end(), languages, now)
        vague = mark["mark"].lower() == "from" and told and told[1] - mark.end() <= 3  # from Jan, from Sun
        if not told or vague or _subject(request, mark.start(), told[1]):
            continue
        (since, _), end = told
        to = _UNTIL.match(request, end)
        closing = times.longest(request, to.end(), languages, now) if to else None
        until = closing[0][1] if closing else None
        return since, until if until and until > since else None
    return None
