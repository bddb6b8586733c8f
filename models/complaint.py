"""What is wrong with an entry of a catalogue, in a sentence: the key, what was expected, what was found."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

SOURCES = '"hub:OWNER/NAME", "path:FOLDER" or "package:NAME/FOLDER"'
LANGUAGE = 'a language code such as "en"'
NUMBER = "a whole number from 1 up"
EXPECTED: Mapping[str, str] = {
    "name": "the name that answers are signed with",
    "source": SOURCES,
    "revision": "a commit of the repository, 40 hexadecimal digits; elsewhere, whatever tells versions apart",
    "licence": 'the name of a licence, such as "MIT"',
    "sha256": "names of files with their sha256, 64 hexadecimal digits each",
    "size": "a whole number of bytes",
    "pickle": "true or false",
    "kind": "one of the kinds of tasks",
    "encoder": "the name of an entry of [encoders]",
    "adapter": "the name of an entry of [adapters] or of a folder in models/weights, or a path that begins with ./, / or ~",
    "characters": NUMBER,
    "tokens": NUMBER,
    "device": 'auto, cpu, mps, cuda or cuda:N, or a list of them such as ["cuda:0", "cuda:1"]',
    "dtype": "auto, float32, bfloat16 or float16",
    "quantization": "none, int8 or int4",
    "compile": "true or false",
    "labels": "a table of the checkpoint's labels, each with one of ours",
    "hypotheses": "a table of two labels or more, each with the sentence that says it",
    "stride": "a whole number from 0 up",
    "longest": NUMBER,
    "threshold": "a number",
    "pair": 'two language codes, such as ["en", "pt"]',
    "between": 'pairs of language codes, such as [["en", "de"], ["de", "en"]]',
    "languages": 'language codes, such as ["en", "de"]',
    "prefix": "a text",
    "beams": NUMBER,
    "written": NUMBER,
    "system": "a text",
}
"""What each key of an entry takes."""


def complaint(error: ValidationError) -> str:
    """The first thing that is wrong, e.g. "tasks.sentiment.revision is missing: it must be a commit of ..."."""
    problem = error.errors()[0]
    parts = [str(part) for part in problem["loc"]]
    if parts[:1] == ["tasks"]:
        del parts[2:3]  # the kind, which pydantic puts behind the name of a task
    key, inner = parts[2:3], parts[3:]
    place = ".".join(parts[:2] + key)
    match problem["type"]:
        case "union_tag_not_found" | "union_tag_invalid":
            return _kind(place, problem)
        case "extra_forbidden":
            return f"{place} is not a key that is known there"
        case "value_error":
            return ": ".join(filter(None, [place, str(problem["ctx"]["error"])]))
        case "missing" if not inner:
            return f"{place} is missing: it must be {_expected(key)}"
    return f"{place} must be {_expected(key)}, not {problem['input']!r}"


def _expected(key: list[str]) -> str:
    return EXPECTED[key[0]] if key else "there, as a table"


def _kind(place: str, problem: ErrorDetails) -> str:
    """What to say of a kind that is missing or not known."""
    kinds = problem.get("ctx", {}).get("expected_tags")
    return f"{place}.kind must be one of {kinds}" if kinds else f"{place}.kind is missing: it says what the task does"
