"""What the intent recipe learns from: our own wordings (templates with slots) and public off-topic requests."""

from __future__ import annotations

import csv
import gzip
import json
import random
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

LABELS = ("sentiment", "translate", "ask", "summarize", "help", "unsure")
PHRASES = Path(__file__).parent / "intent_phrases"
CHOICE = re.compile(r"\(([^()]*\|[^()]*)\)")
SLOT = re.compile(r"\{(\w+)\}")
# CLINC150 kinds that are requests to this bot, and those that could be read either way
CLINC_INTENTS = {"translate": "translate", "what_can_i_ask_you": "help"}
CLINC_LEFT_OUT = {"change_language"}


@dataclass(frozen=True)
class Wording:
    """A message and its intent. `family` names the group of like wordings that is held out together."""

    text: str
    intent: str
    family: str


def families(path: Path) -> dict[str, list[str]]:
    """Families of wordings in a phrase file, as written."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def fill(template: str, slots: dict[str, list[str]], rng: random.Random) -> str:
    """Choose an alternative for each `(a|b)` and a filler for each `{slot}`."""
    text = CHOICE.sub(lambda m: rng.choice(m[1].split("|")), template)
    return SLOT.sub(lambda m: rng.choice(slots[m[1]]), text)


def own(*, each: int, rng: random.Random) -> Iterator[Wording]:
    """Our wordings; a template gives `each` different fillings at most, a fixed wording gives itself."""
    slots = families(PHRASES / "slots.toml")
    for intent in LABELS:
        for family, templates in families(PHRASES / f"{intent}.toml").items():
            for template in templates:
                filled = {fill(template, slots, rng) for _ in range(each)}
                yield from (Wording(text, intent, f"{intent}/{family}") for text in sorted(filled))


def dev() -> list[Wording]:
    """Wordings kept apart from training, to choose the threshold and to measure on."""
    return [Wording(text, intent, "dev") for intent, texts in families(PHRASES / "dev.toml").items() for text in texts]


def clinc(folder: Path, parts: Sequence[str] = ("train", "oos_train")) -> Iterator[Wording]:
    """CLINC150: requests to a personal assistant in ten domains, and out-of-scope questions. Families are the domains."""
    domains = json.loads((folder / "domains.json").read_text())
    domain = {kind: name for name, kinds in domains.items() for kind in kinds} | {"oos": "oos"}
    rows = json.loads((folder / "data_full_train_val.json").read_text())
    for part in parts:
        for text, kind in rows[part]:
            if kind not in CLINC_LEFT_OUT:
                yield Wording(text, CLINC_INTENTS.get(kind, "unsure"), f"clinc/{domain[kind]}")


def hwu(folder: Path) -> Iterator[Wording]:
    """HWU64: requests to a home assistant. Families are the scenarios; all of it is off-topic here."""
    for path in sorted((folder / "trainset").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter=";"):
                yield Wording(row["answer_from_user"] or row["answer"], "unsure", f"hwu/{row['scenario']}")


def trivia(folder: Path) -> Iterator[Wording]:
    """Natural Questions (QED): what people ask a search engine, off-topic here."""
    for path in sorted(folder.glob("nq-*")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from (Wording(json.loads(line)["question_text"], "unsure", "nq") for line in lines)


def dialogue(path: Path) -> Iterator[Wording]:
    """FriendsQA: questions about a conversation among several people."""
    for scene in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for paragraph in scene["paragraphs"]:
            yield from (Wording(qa["question"].replace(" ?", "?"), "ask", "friendsqa") for qa in paragraph["qas"])


def meetings(folder: Path) -> Iterator[Wording]:
    """QMSum: queries about meetings, summarize or ask. What was "discussed" or "concluded" may be either and is left out."""
    for path in sorted(folder.glob("*.json.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            meeting = json.load(file)
        for query in meeting["general_query_list"] + meeting["specific_query_list"]:
            text = query["query"]
            if not re.search(r"discuss|conclu|talk", text) or text.startswith("Summarize"):
                yield Wording(text, "summarize" if text.startswith("Summarize") else "ask", "qmsum")


def thin(wordings: Iterable[Wording], *, most: int, rng: random.Random) -> list[Wording]:
    """At most `most` of each family and intent, chosen at random; duplicates (whatever their case) removed."""
    groups: dict[tuple[str, str], dict[str, Wording]] = {}
    for wording in wordings:
        groups.setdefault((wording.family, wording.intent), {}).setdefault(plain(wording.text), wording)
    kept: list[Wording] = []
    for group in groups.values():
        kept += rng.sample(list(group.values()), min(most, len(group)))
    return kept


def plain(text: str) -> str:
    """Lower case words only, to compare wordings."""
    return " ".join(re.findall(r"\w+", text.lower())) or text


ADDRESSES = ("@parley", "@parley:", "hey bot,", "hey", "parley,", "hi,", "ok", "so", "bot:", "hey @parley")
COURTESIES = ("please", "pls", "thanks", "thx", ":)", "plz", "ty", "lol")


def vary(wording: Wording, rng: random.Random) -> Wording:
    """The same message as it might be typed: other case or punctuation, an address, a courtesy, a slip of the finger."""
    text = wording.text
    if rng.random() < 0.35:
        text = text.rstrip("?!. ") or text
    elif rng.random() < 0.3 and text[-1:].isalnum():
        text += rng.choice([".", "!", "?"] if wording.intent == "unsure" else ["?", ".", "!", "??", "..."])
    if rng.random() < 0.35:
        text = text.lower()
    elif rng.random() < 0.4:
        text = text[:1].upper() + text[1:]
    elif rng.random() < 0.05:
        text = text.upper()
    if rng.random() < 0.12:
        text = f"{rng.choice(ADDRESSES)} {text}"
    if rng.random() < 0.1:
        text = f"{text} {rng.choice(COURTESIES)}"
    if rng.random() < 0.08:
        text = slip(text, rng)
    return replace(wording, text=text)


def slip(text: str, rng: random.Random) -> str:
    """One typing error: a letter dropped, doubled or swapped with the next."""
    letters = [i for i in range(1, len(text) - 1) if text[i].isalpha() and text[i + 1].isalpha()]
    if len(letters) < 3:
        return text
    at = rng.choice(letters)
    kept, after = rng.choice([("", 1), (text[at] * 2, 1), (text[at + 1] + text[at], 2)])
    return text[:at] + kept + text[at + after :]
