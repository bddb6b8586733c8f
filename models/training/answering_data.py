"""Question-answering examples for the recipe: read, crop, and make unanswerable ones. Text in, token ids out."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from tokenizers import Tokenizer

ANTONYMS = [
    line.split("/")
    for line in (
        "first/last before/after most/least largest/smallest more/less highest/lowest oldest/youngest earliest/latest "
        "increase/decrease increased/decreased north/south east/west northern/southern eastern/western win/lose won/lost "
        "begin/end began/ended start/stop started/stopped large/small high/low long/short old/new early/late best/worst "
        "major/minor majority/minority male/female men/women king/queen father/mother brother/sister son/daughter "
        "husband/wife public/private national/local internal/external import/export positive/negative always/never "
        "all/none many/few same/different strong/weak rich/poor hot/cold light/dark black/white open/closed inside/outside "
        "above/below over/under up/down left/right future/past ancient/modern buy/sell bought/sold accept/reject "
        "allow/forbid allowed/forbidden support/oppose supported/opposed agree/disagree with/without include/exclude "
        "legal/illegal possible/impossible common/rare popular/unpopular successful/unsuccessful friend/enemy "
        "gain/loss born/died arrive/leave enter/exit attack/defend create/destroy created/destroyed build/demolish "
        "founded/dissolved opened/closed wide/narrow fast/slow faster/slower larger/smaller higher/lower better/worse "
        "older/younger longer/shorter greater/lesser maximum/minimum winter/summer day/night war/peace"
    ).split()
]
OPPOSITE = {a: b for pair in ANTONYMS for a, b in (pair, pair[::-1])}
PEOPLE = (
    "Maya Tom Priya Jonas Ana Chen Leah Marcus Fatima Diego Olga Kwame Sofia Liam Noor Ravi Elena Jack Mei Pedro Sara Ivan "
    "Zoe Omar Nina Paul"
).split()
SMALL_TALK = (
    "ok/thanks!/on it/sounds good/+1/hm, let me check/good question/can someone take a look?/back in 5/yes/"
    "no idea, sorry/morning all/same here/agreed"
).split("/")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9\"'])")
NAME = re.compile(r"(?:[A-Z][\w'’.-]*)(?: (?:of |the |de )?[A-Z][\w'’.-]*)*")
NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")
AUXILIARY = re.compile(r"\b(did|does|do|is|are|was|were|can|could|has|have|had|will|would|should)\b", re.I)


@dataclass(frozen=True)
class Paragraph:
    """A context and its questions: (question, [(start, end) character spans; empty when it has no answer])."""

    title: str
    text: str
    questions: list[tuple[str, list[tuple[int, int]]]]


@dataclass(frozen=True)
class Example:
    """Token ids of one crop, and the answer's (first, last) token positions in it; no span means unanswerable."""

    ids: list[int]
    context_at: int
    spans: list[tuple[int, int]]


def squad(folder: Path) -> Iterator[Paragraph]:
    """SQuAD 1.1 articles. Every occurrence of the answer counts: which one was meant is not recorded."""
    for path in sorted(folder.glob("*.json")):
        for article in json.loads(path.read_text())["data"]:
            for paragraph in article["paragraphs"]:
                text = paragraph["context"]
                asked = [(qa["question"], _occurrences(text, qa["answers"][0])) for qa in paragraph["qas"]]
                yield Paragraph(article["title"], text, [(q, spans) for q, spans in asked if len(spans) <= 4])


def _occurrences(text: str, answer: dict[str, Any]) -> list[tuple[int, int]]:
    found = [(m.start(), m.end()) for m in re.finditer(re.escape(answer["text"]), text)]
    start = answer["answer_start"]
    return found if answer.get("n_occurrences", 1) > 1 and found else [(start, start + len(answer["text"]))]


def qed(paths: Iterable[Path]) -> Iterator[Paragraph]:
    """Natural Questions with a one-paragraph context; their spacing around punctuation is closed up."""
    for path in paths:
        with gzip.open(path, "rt") as lines:
            for row in map(json.loads, lines):
                text, shift = _close_up(row["paragraph_text"])
                spans = [(shift[start], shift[end]) for start, end in row["answer_spans"]]
                question = row["question_text"]
                if len(spans) == 1:
                    yield Paragraph(row["title_text"], text, [(question + "?" * hash_bit(question), spans)])


def hash_bit(text: str) -> int:
    """A stable coin: half of the questions get a question mark."""
    return sum(map(ord, text)) % 2


def _close_up(text: str) -> tuple[str, list[int]]:
    """Remove the blank before punctuation; also return each old offset's new place."""
    drop = {m.start() for m in re.finditer(r" (?=[.,;:!?%)\]]|'s\b)|(?<=[(\[]) ", text)}
    kept: list[str] = []
    shift: list[int] = []
    for at, char in enumerate(text):
        shift.append(len(kept))
        if at not in drop:
            kept.append(char)
    return "".join(kept), [*shift, len(kept)]


def qamr(folder: Path) -> Iterator[Paragraph]:
    """One-sentence contexts; answers are lists of word positions, kept when contiguous."""
    sentences = dict(line.split("\t", 1) for line in (folder / "wiki-sentences.tsv").read_text().splitlines())
    asked: dict[str, list[tuple[str, list[int]]]] = {}
    for name in ("dev.tsv", "test.tsv"):
        for line in (folder / "filtered" / name).read_text().splitlines():
            field = line.split("\t")
            asked.setdefault(field[0], []).append((field[5], [int(i) for i in field[6].split()]))
    brackets = {"-LRB-": "(", "-RRB-": ")", "``": '"', "''": '"'}
    for key, questions in asked.items():
        words = [brackets.get(word, word) for word in sentences[key].split()]
        starts = [sum(len(w) + 1 for w in words[:i]) for i in range(len(words))]
        spans = [
            (question, [(starts[places[0]], starts[places[-1]] + len(words[places[-1]]))])
            for question, places in questions
            if places and places == list(range(places[0], places[-1] + 1))
        ]
        yield Paragraph(key, " ".join(words), spans)


def friends(path: Path) -> Iterator[Paragraph]:
    """Dialogues as "Speaker: words" lines; answers lie within an utterance."""
    for scene in json.loads(path.read_text())["data"]:
        for paragraph in scene["paragraphs"]:
            text, starts = "", {}
            for turn in paragraph["utterances:"]:
                text += f"{', '.join(turn['speakers']) or 'Someone'}: "
                starts[turn["uid"]] = len(text)
                text += turn["utterance"] + "\n"
            questions = []
            for qa in paragraph["qas"]:
                spans = []
                for answer in qa["answers"]:
                    if not answer["is_speaker"]:
                        at = text.find(answer["answer_text"], starts[answer["utterance_id"]])
                        if at >= 0:
                            spans.append((at, at + len(answer["answer_text"])))
                if spans:
                    questions.append((qa["question"], spans))
            yield Paragraph(scene["title"], text, questions)


def as_chat(paragraph: Paragraph, rng: random.Random) -> Paragraph:
    """The paragraph's sentences as turns of a chat, "Speaker: words" on a line each, small talk between them.

    Questions whose answer does not lie within a turn are left out.
    """
    cuts = [0, *(found.end() for found in SENTENCE_END.finditer(paragraph.text)), len(paragraph.text)]
    people = rng.sample(PEOPLE, rng.randint(2, 5))
    text, at = "", 0
    moved: list[tuple[int, int, int]] = []  # from, to, shift
    while at < len(cuts) - 1:
        after = min(len(cuts) - 1, at + rng.choice([1, 1, 2]))
        if rng.random() < 0.2:
            text += f"{rng.choice(people)}: {rng.choice(SMALL_TALK)}\n"
        text += f"{rng.choice(people)}: "
        said = paragraph.text[cuts[at] : cuts[after]].rstrip()
        moved.append((cuts[at], cuts[at] + len(said), len(text) - cuts[at]))
        text, at = f"{text}{said}\n", after
    questions = []
    for question, spans in paragraph.questions:
        kept = [(a + by, b + by) for a, b in spans for low, high, by in moved if low <= a and b <= high]
        if kept or not spans:
            questions.append((question, kept))
    return Paragraph(paragraph.title, text, questions)


def alter(question: str, others: Sequence[str], rng: random.Random) -> str | None:
    """The same question with one thing changed, so that its paragraph most likely no longer answers it.

    None when the question offers no hold for a change.
    `others` are texts of the same article, from which another name or number is taken.
    """
    ways = [_swap_name, _swap_number, _oppose, _oppose, _negate]
    rng.shuffle(ways)
    for way in ways:
        changed = way(question, others, rng)
        if changed and changed != question:
            return changed
    return None


def _swap(pattern: re.Pattern[str], question: str, others: Sequence[str], rng: random.Random, skip: int) -> str | None:
    found = [m for m in pattern.finditer(question) if m.start() >= skip]
    if not found:
        return None
    out = rng.choice(found)
    words = len(out.group().split())
    pool = Counter(m.group() for text in others for m in pattern.finditer(text) if m.start() > 0)
    choices = [c for c in pool if c not in question and abs(len(c.split()) - words) <= 1 and len(c) > 1]
    return question[: out.start()] + rng.choice(sorted(choices)) + question[out.end() :] if choices else None


def _swap_name(question: str, others: Sequence[str], rng: random.Random) -> str | None:
    return _swap(NAME, question, others, rng, skip=1)


def _swap_number(question: str, others: Sequence[str], rng: random.Random) -> str | None:
    return _swap(NUMBER, question, others, rng, skip=0)


def _oppose(question: str, others: Sequence[str], rng: random.Random) -> str | None:
    held = [m for m in re.finditer(r"\w+", question) if m.group().lower() in OPPOSITE]
    if not held:
        return None
    out = rng.choice(held)
    return question[: out.start()] + OPPOSITE[out.group().lower()] + question[out.end() :]


def _negate(question: str, others: Sequence[str], rng: random.Random) -> str | None:
    if rng.random() > 0.4 or re.search(r"\bnot\b|n't\b|\bnever\b", question):
        return None
    found = list(AUXILIARY.finditer(question))
    if not found:
        return None
    out = found[0]
    if out.group().lower() in {"did", "does", "do"}:
        # "did X do" -> "didn't X do": the subject stands between, so contract
        return question[: out.end()] + "n't" + question[out.end() :]
    negation = rng.choice([" not", " never"])
    return question[: out.end()] + negation + question[out.end() :]


class Cropper:
    """Turns questions into token ids: [CLS] question [SEP] crop [SEP]."""

    def __init__(self, tokenizer: Tokenizer, *, seed: int) -> None:
        self.tokenizer, self.rng = tokenizer, random.Random(seed)
        self.cls, self.sep = (cast(int, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]"))

    def tokens(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """Token ids and their character spans."""
        coded = self.tokenizer.encode(text, add_special_tokens=False)
        return coded.ids, coded.offsets

    def crop(
        self,
        question: str,
        ids: list[int],
        offsets: list[tuple[int, int]],
        spans: list[tuple[int, int]],
        *,
        size: int,
        lose: bool = False,
    ) -> Example | None:
        """One example of at most `size` context tokens, around a span; with `lose`, beside every span.

        None when there is no such crop.
        """
        asked = self.tokens(question)[0][:48]
        held = [t for span in spans if (t := _to_tokens(offsets, span))]
        if spans and not held:
            return None
        if len(ids) <= size:
            if lose:
                return None
            low = 0
        elif not held:
            low = self.rng.randint(0, len(ids) - size)
        elif lose:
            places = [i for i in range(len(ids) - size + 1) if all(last < i or first >= i + size for first, last in held)]
            if not places:
                return None
            low = self.rng.choice(places)
        else:
            first, last = self.rng.choice(held)
            low = self.rng.randint(max(0, min(last - size + 1, first)), min(first, len(ids) - size))
        high = min(low + size, len(ids))
        at = len(asked) + 2
        inside = [(f - low + at, la - low + at) for f, la in held if f >= low and la < high]
        if held and not inside and not lose:
            return None
        return Example([self.cls, *asked, self.sep, *ids[low:high], self.sep], at, [] if lose else inside)


def _to_tokens(offsets: list[tuple[int, int]], span: tuple[int, int]) -> tuple[int, int] | None:
    inside = [i for i, (start, end) in enumerate(offsets) if start < span[1] and end > span[0]]
    return (inside[0], inside[-1]) if inside else None
