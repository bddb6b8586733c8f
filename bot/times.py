"""Times as people write them: "yesterday 9:00", "Monday", "20 Nov", "ontem às 9h". Read by dateparser, watched closely.

All are past ones, in the asker's time zone, and of two readings the earlier: "Monday" on a Monday is a week ago, "3/4" the
fourth of March. Where the clocks go back, a time that comes twice is the first.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

REACH = 10  # words in which a time may be told
EPOCH = 1970  # the year before which there are no messages: what begins earlier has no bound

Span = tuple[datetime, datetime | None]

_WEEKDAY = r"(?:segunda|ter[çc]a|quarta|quinta|sexta)(?:-feira)?|s[áa]bado|domingo"
_SPELLINGS = (  # what the library does not know or takes for something else
    (r"(?<!\S)(\d{1,2})\s?(?:h|hs|horas|uhr|o['’]clock)(?=[\s.,;!?)]|$)(?!\s+(?:ago|atrás)\b)", r"\1:00"),
    (r"(?<!\S)(\d{1,2})h(\d{2})\b", r"\1:\2"),
    (r"\b(?:at|[àa]s|a\s+las|um|à)\s+(\d{1,2})(?![\d:/-]|\.\d|\s*[ap]\.?m\b)", r"\1:00"),
    (r"\bthis\s+(?=(?:mon|tues|wednes|thurs|fri|satur|sun)day\b)", ""),
    (rf"\b({_WEEKDAY})\s+passad[oa]\b", r"\1"),
    (rf"\b[úu]ltim[oa]\s+({_WEEKDAY})", r"\1"),
    (r"\b(desde|a\s+partir\s+de)\s+(?:o\s+dia|as?|os?|el|la)\s+(?![úu]ltima)", r"\1 "),
)
_CLOCK = re.compile(r"\d:\d\d|\d ?[ap]m\b|\b(?:noon|midnight)\b", re.I)
_LINKS = frozenset("at on the of in to a an de do da às as à la las el um le o and e no na em am pm".split())
_SLASHED = re.compile(r"(?<![\d/])\d{1,2}/\d{1,2}(?!\d)")
_DECIMAL = re.compile(r"(?<!\S)\d+\.\d+(?!\S)")  # a version or a time as well as a date
_MAYBE_MONTH = re.compile(r"\b(?<!\d )(?<!\d(?:st|nd|rd|th) )(?<!\bof )(?:may|march)\b(?! \d)")  # the verb, in small letters


def plain(text: str) -> str:
    """The text with its times spelled as the library knows them: "às 9h" is "9:00"."""
    for pattern, spelling in _SPELLINGS:
        text = re.sub(pattern, spelling, text, flags=re.I)
    return text


def elapsed(now: datetime, length: timedelta, *, exact: bool) -> datetime:
    """So long ago: exactly, whatever the clocks did, or at the same time of day."""
    return (now.astimezone(UTC) - length).astimezone(now.tzinfo) if exact else now.replace(fold=0) - length


def longest(request: str, start: int, languages: list[str], now: datetime) -> tuple[Span, int] | None:
    """The time that the most of the words from a place on tell, and where they end."""
    sentence = re.split(r"[;!?]|\.\s", request[start : start + 120])[0]
    words = list(re.finditer(r"\S+", sentence))[:REACH]
    for word in reversed(words):
        if span := _span(request[start : start + word.end()].rstrip(",.)"), languages, now):
            return span, start + word.end()
    return None


def _span(words: str, languages: list[str], now: datetime) -> Span | None:
    """What some words name, if all of them together name a time that has begun: from when, and when it is over."""
    if not _tells(words):
        return None
    head, _, tail = words.rpartition(" ")
    if tail.isdigit():  # "20 Nov 2026" and "Nov 20", but not "Monday 3"
        part = _parsed(head, languages, now) if head else None
        if not part or (part[1] != "month" and len(tail) < 4):
            return None
    orders = ("MDY", "DMY") if languages == ["en"] and _SLASHED.search(words) else (None,)
    readings = (_parsed(words, languages, now, order) for order in orders)
    spans = [_bounds(words, *reading, now) for reading in readings if reading]
    begun = [span for span in spans if span[0].timestamp() <= now.timestamp()]
    return min(begun, key=lambda span: span[0], default=None)


def _tells(words: str) -> bool:
    """Whether the library may look at them: it takes "we" for a Wednesday, "a" for January and "the build may" for May."""
    some = words.lower().split()
    if not some or some[-1] in _LINKS - {"am", "pm"} or _DECIMAL.search(words) or _MAYBE_MONTH.search(words):
        return False
    return all(re.fullmatch(r"[\w:/.,+-]{3,}|\d[\w:]?,?", word) or word in _LINKS for word in some)


def _parsed(words: str, languages: list[str], now: datetime, order: str | None = None) -> tuple[datetime, str] | None:
    """The library's reading, by the asker's clock unless the words name a zone, and how exact it is: "time", "day" ..."""
    from dateparser.date import DateDataParser  # takes half a second, and its first call two more

    settings: dict[str, object] = {
        "TIMEZONE": "UTC",  # neither the host's zone nor the asker's: the wall clock is enough
        "RELATIVE_BASE": now.replace(tzinfo=None),
        "PREFER_DATES_FROM": "past",
        "PREFER_DAY_OF_MONTH": "first",
        "RETURN_TIME_AS_PERIOD": True,
    }
    parser = DateDataParser(languages=languages, settings=settings | ({"DATE_ORDER": order} if order else {}))
    try:
        found = parser.get_date_data(words)
    except (ValueError, OverflowError):
        return None
    told = found.date_obj
    return (told, str(found.period)) if told and EPOCH <= told.year <= now.year + 1 else None


def _bounds(words: str, told: datetime, period: str, now: datetime) -> tuple[datetime, datetime]:
    """From when and until when a reading lasts: a moment lasts no time."""
    if told.tzinfo or _CLOCK.search(words):
        at = told.astimezone(now.tzinfo) if told.tzinfo else told.replace(tzinfo=now.tzinfo)
        ahead = now.timestamp() < at.timestamp() and (told.tzinfo or at.date() == now.date())
        at -= timedelta(days=1) if ahead else timedelta()
        return at, at
    if period == "time":  # 2 hours ago
        at = elapsed(now, now.replace(tzinfo=None) - told, exact=True)
        return at, at
    midnight = datetime.combine(told, time(), now.tzinfo)
    match period:
        case "part_of_day":  # the library's mornings begin at 9:00, its afternoons at 15:00
            return midnight + timedelta(hours=told.hour - 3 if told.hour >= 12 else 0), midnight + timedelta(days=1)
        case "week":
            monday = midnight - timedelta(days=midnight.weekday())
            return monday, monday + timedelta(weeks=1)
        case "month":
            first = midnight.replace(day=1)
            return first, (first + timedelta(days=31)).replace(day=1)
        case "year":
            return midnight.replace(month=1, day=1), midnight.replace(year=midnight.year + 1, month=1, day=1)
        case _:
            return midnight, midnight + timedelta(days=1)
