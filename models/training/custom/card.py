"""What a training leaves beside the weights: the lines for the catalogue, and a card that tells where they come from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from models.training.custom.subjects import Figures

Tables = Mapping[tuple[str, str], Mapping[str, Any]]
"""Entries of the catalogue by (section, name)."""


def toml(tables: Tables) -> str:
    """Entries as the catalogue reads them. Strings and numbers are written in TOML as they are in JSON."""
    return "\n".join(_table(place, fields) for place, fields in tables.items())


def card(
    name: str,
    about: Mapping[str, object],
    counts: Sequence[tuple[str, Mapping[str, int]]],
    figures: Mapping[str, Figures],
    notes: Sequence[str],
    entries: str,
) -> str:
    """A model card in Markdown.

    Args:
        name: of the model.
        about: what it was trained for, from and with.
        counts: for each set of rows its name, and how many rows of each kind it has.
        figures: on the rows held out, by whose they are.
        notes: what the figures do not say.
        entries: the lines for the catalogue.
    """
    parts = [
        f"# {name}",
        "Trained with `parley train`.",
        _rows(("setting", "value"), [*about.items()]),
        "## Examples",
        _counts(counts),
        "## Figures",
        "On the examples held out, as a machine like that of the training serves the models.",
        _figures(figures),
        " ".join(notes),
        "![Loss and figures by epoch](training.png)",
        "## Use",
        "Put these lines, which are in `entry.toml`, too, into the TOML file that `PARLEY_MODELS` names:",
        f"```toml\n{entries.strip()}\n```",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(place: Sequence[str], fields: Mapping[str, Any]) -> str:
    plain = [f"{_key(key)} = {_value(value)}" for key, value in fields.items()]
    return "\n".join([f"[{'.'.join(map(_key, place))}]", *plain, ""])


def _key(name: str) -> str:
    return name if name.replace("-", "").replace("_", "").isalnum() and name.isascii() else json.dumps(name)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{json.dumps(key)} = {_value(one)}' for key, one in value.items())} }}"
    return json.dumps(value)


def _rows(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def _counts(counts: Sequence[tuple[str, Mapping[str, int]]]) -> str:
    kinds = sorted({kind for _, found in counts for kind in found})
    return _rows(
        ("", *kinds, "all"),
        [(name, *(found.get(kind, 0) for kind in kinds), sum(found.values())) for name, found in counts],
    )


def _figures(figures: Mapping[str, Figures]) -> str:
    names = [*figures.values()][-1]
    rows = [(name, *(f"{found[name]:.3f}" if name in found else "" for found in figures.values())) for name in names]
    return _rows(("", *figures), rows)
