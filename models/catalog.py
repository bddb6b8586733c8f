"""Profiles: which checkpoint serves which task, where its files lie, and what they must hash to. Nothing else knows a name.

A profile is a TOML file beside this one; a user's own file overrides any of its entries.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from models.complaint import complaint

PROFILES, WEIGHTS = (Path(__file__).parent / name for name in ("profiles", "weights"))
PIVOT = "en"
COMMIT = r"^[0-9a-f]{40}$"

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]


class CatalogError(ValueError):
    """Raised when a profile does not exist or an entry is wrong; the message is a sentence naming file and entry."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Checkpoint(_Entry):
    """A model's files.

    Attributes:
        source: "package:NAME/FOLDER" inside an installed package, "path:FOLDER" on this machine, or "hub:OWNER/NAME".
        revision: a commit of the hub's repository; of others, whatever tells versions apart.
        sha256: what files must hash to, by their names.
        size: bytes of what must be fetched, about.
        pickle: whether the weights exist as a pickle alone, which needs a hash and goes through the weights-only loader.
    """

    name: str = Field(min_length=1)
    source: str = Field(pattern=r"^(package:.+|path:.+|hub:\w[\w.-]*/\w[\w.-]*)$")
    revision: str = Field(min_length=1)
    licence: str = Field(min_length=1)
    sha256: Mapping[str, Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]] = {}
    size: int | None = Field(default=None, gt=0)
    pickle: bool = False

    @property
    def model(self) -> str:
        """What results are signed with: the name and the start of the revision."""
        return f"{self.name}@{self.revision[:10]}"

    @property
    def repository(self) -> str | None:
        """The hub's OWNER/NAME, or None for what lies elsewhere."""
        return self.source.removeprefix("hub:") if self.source.startswith("hub:") else None

    @property
    def pickles(self) -> frozenset[str]:
        """The names of the pickles that may be opened."""
        return frozenset(name for name in self.sha256 if name.endswith(".bin")) if self.pickle else frozenset()

    @model_validator(mode="after")
    def _pickles_are_pinned(self) -> Checkpoint:
        if self.pickle and not self.pickles:
            raise ValueError('pickle = true needs the sha256 of each .bin file, such as sha256."pytorch_model.bin" = "..."')
        return self


class AdapterTask(_Entry):
    """A task on a shared encoder: an adapter with a head, and the longest text that is taken.

    `adapter` is an entry of [adapters], a folder of `models/weights`, or the path of another folder.
    """

    kind: Literal["classify", "extract", "salience"]
    encoder: str
    adapter: str
    characters: int = Field(gt=0)


class StudentTask(Checkpoint):
    """One direction of translation, by a Bergamot student."""

    kind: Literal["student"]
    pair: tuple[Language, Language]
    characters: int = Field(gt=0)

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """The directions that it translates."""
        return frozenset([self.pair])


class AutoTask(Checkpoint):
    """A task of a whole checkpoint that transformers' Auto classes open.

    Attributes:
        characters: the longest text that is taken.
        tokens: of one window; by default as many as the checkpoint was made for.
        device: where it runs, or where its replicas run; by default where all do.
        dtype: by default what suits the device.
        quantization: of linear layers, by bitsandbytes or torchao where they are present.
        compile: whether torch.compile prepares it.
    """

    characters: int = Field(default=20_000, gt=0)
    tokens: int | None = Field(default=None, gt=0)
    device: str | tuple[str, ...] | None = None
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    quantization: Literal["none", "int8", "int4"] = "none"
    compile: bool = False


class SequenceTask(AutoTask):
    """Sequence classification. `labels` map the checkpoint's own onto ours, where their names do not tell."""

    kind: Literal["sequence"]
    labels: Mapping[str, str] = {}


class ZeroShotTask(AutoTask):
    """Classification through entailment: each label with the hypothesis that says it."""

    kind: Literal["zero-shot"]
    hypotheses: Mapping[str, str] = Field(min_length=2)


class SpanTask(AutoTask):
    """Extractive question answering; `threshold` is the log-odds against "no answer" from which on a span answers."""

    kind: Literal["span"]
    stride: int = Field(default=64, ge=0)
    longest: int = Field(default=30, gt=0)
    threshold: float = 0.0


class TranslateTask(AutoTask):
    """Translation by a sequence-to-sequence model: between `pairs`, or from each of `languages` to each other.

    `prefix` stands before a text where the checkpoint wants words for it, with {source} and {target} for their names.
    """

    kind: Literal["translate"]
    between: tuple[tuple[Language, Language], ...] = ()
    languages: tuple[Language, ...] = ()
    prefix: str | None = None
    beams: int = Field(default=1, gt=0)

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """The directions that it translates."""
        each = ((one, other) for one in self.languages for other in self.languages if one != other)
        return frozenset((*self.between, *each))


class SummarizeTask(AutoTask):
    """Summaries, by a sequence-to-sequence model or an instruction-tuned causal one; `prefix` stands before a text."""

    kind: Literal["summarize"]
    prefix: str = ""
    beams: int = Field(default=1, gt=0)
    written: int = Field(default=160, gt=0)


class GenerateTask(AutoTask):
    """Free conversation, by a causal model; `written` is how many tokens it may write, `system` what it is told first."""

    kind: Literal["generate"]
    system: str = ""
    written: int = Field(default=400, gt=0)


class EmbedTask(AutoTask):
    """Embeddings of texts."""

    kind: Literal["embed"]


Translator = StudentTask | TranslateTask
Whole = SequenceTask | ZeroShotTask | SpanTask | TranslateTask | SummarizeTask | GenerateTask | EmbedTask


class Step(NamedTuple):
    """One translation of a route: the task that does it, from one language to another."""

    task: str
    source: str
    target: str


class Catalog(_Entry):
    """A whole profile."""

    encoders: Mapping[str, Checkpoint] = {}
    adapters: Mapping[str, Checkpoint] = {}
    tasks: Mapping[str, Annotated[AdapterTask | StudentTask | Whole, Field(discriminator="kind")]]

    @model_validator(mode="after")
    def _encoders_exist(self) -> Catalog:
        for name, task in self.tasks.items():
            if isinstance(task, AdapterTask) and task.encoder not in self.encoders:
                raise ValueError(f"task {name!r} names the encoder {task.encoder!r}, which is not in [encoders]")
        return self

    @property
    def checkpoints(self) -> Mapping[str, Checkpoint]:
        """Everything that has files, by the name of its entry."""
        tasks = {name: task for name, task in self.tasks.items() if isinstance(task, Checkpoint)}
        return {**self.encoders, **self.adapters, **tasks}

    @cached_property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """The (source, target) languages that can be translated, be it through English."""
        direct = frozenset(self._direct)
        into, out = ({p[side] for p in direct if p[1 - side] == PIVOT} for side in (0, 1))
        return direct | {(source, target) for source in into for target in out if source != target}

    def route(self, source: str, target: str) -> tuple[Step, ...]:
        """How to translate between two languages: in one step, or in two through English; () where there is no way."""
        direct = self._direct
        if (source, target) in direct:
            return (Step(direct[source, target], source, target),)
        first, second = direct.get((source, PIVOT)), direct.get((PIVOT, target))
        if source == target or not first or not second:
            return ()
        return (Step(first, source, PIVOT), Step(second, PIVOT, target))

    @cached_property
    def _direct(self) -> dict[tuple[str, str], str]:
        """The task for each pair; of several, the one that serves the fewest, which knows them best."""
        translators = {name: task for name, task in self.tasks.items() if isinstance(task, Translator)}
        ordered = sorted(translators.items(), key=lambda entry: -len(entry[1].pairs))
        return {pair: name for name, task in ordered for pair in task.pairs}


def read(profile: str, override: Path | None = None) -> Catalog:
    """The profile's catalog, with the entries of `override` in place of its own. Raises `CatalogError`."""
    path = PROFILES / f"{profile}.toml"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in PROFILES.glob("*.toml")))
        raise CatalogError(f"There is no profile {profile!r}; choose one of: {known}.")
    entries = _parse(path)
    for section, own in (_parse(override) if override else {}).items():
        entries[section] = {**entries.get(section, {}), **own}
    try:
        return Catalog.model_validate(entries)
    except ValidationError as error:
        raise CatalogError(f"{override or path}: {complaint(error)}.") from error


def _parse(path: Path) -> dict[str, dict[str, Any]]:
    """The tables of a file, by section. Folders in it are meant from where it lies."""
    try:
        sections: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CatalogError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise CatalogError(f"{path} is not valid TOML: {error}.") from error
    for section, entries in sections.items():
        for name, entry in entries.items() if isinstance(entries, dict) else [("", None)]:
            if not isinstance(entry, dict):
                where = f"{section}.{name}" if name else section
                raise CatalogError(f"{path}: {where} must be a table, such as [{where if name else section + '.NAME'}].")
            _anchor(entry, path.absolute().parent)
    return sections


def _anchor(entry: dict[str, Any], folder: Path) -> None:
    """Make the paths of an entry absolute."""
    source, adapter = entry.get("source"), entry.get("adapter")
    if isinstance(source, str) and source.startswith("path:"):
        entry["source"] = f"path:{folder / Path(source.removeprefix('path:')).expanduser()}"
    if isinstance(adapter, str) and adapter.startswith(("/", ".", "~")):
        entry["adapter"] = str(folder / Path(adapter).expanduser())
