"""`parley models`: what the profiles need, and fetching, verifying, carrying and sharing it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from bot.commands import loading
from bot.commands.meter import meter
from bot.commands.serving import complain
from bot.settings import Settings
from bot.wiring import running
from models import catalog
from models.catalog import PROFILES, WEIGHTS, AdapterTask, Catalog, Checkpoint
from models.store import lock, places
from models.store.cache import Store
from models.store.carry import carry
from models.store.hub import Hub
from models.store.meter import Meter
from models.store.pull import pull as fetch
from models.types import ModelUnavailable

CARD = "README.md"
SHARED = (CARD, "LICENSE*", "config.json", "adapter_config.json", "*.safetensors", "*.png")
"""What is shared of an adapter's folder."""


def list_(settings: Settings, profile: str | None, out: Console) -> int:
    """Print what one profile needs, or each of them; returns the exit code."""
    store = Store(settings.models_dir)
    for name in [profile] if profile else sorted(path.stem for path in PROFILES.glob("*.toml")):
        chosen = catalog.read(name, settings.models)
        absent = [entry for entry in chosen.checkpoints.values() if not places.present(entry, store)]
        wanting = sum(places.size(entry, store) or 0 for entry in absent)
        note = f"{decimal(wanting)} to fetch" if absent else "all here"
        out.print(f"Profile {name}: {note}", soft_wrap=True, markup=False)
        out.print(_table(chosen, store))
        out.print()
    return 0


def _table(chosen: Catalog, store: Store) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("entry", "task", "checkpoint", "licence"):
        table.add_column(name, overflow="fold")
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("here", no_wrap=True)
    for name, entry in chosen.checkpoints.items():
        task = chosen.tasks.get(name)
        size = places.size(entry, store)
        words = decimal(size) if size else "?"
        kind = task.kind if task else "adapter" if name in chosen.adapters else "encoder"
        table.add_row(name, kind, entry.model, entry.licence, words, "yes" if places.present(entry, store) else "no")
    for name, task in chosen.tasks.items():
        if isinstance(task, AdapterTask):
            row = [name, task.kind, f"{Path(task.adapter).name} on {task.encoder}"]
            folder = WEIGHTS / task.adapter
            if task.adapter not in chosen.adapters:
                row += ["", decimal(places.weight(folder)), "yes"] if folder.is_dir() else ["", "?", "no"]
            table.add_row(*row)
    return table


def pull(settings: Settings, wanted: Collection[str], out: Console, err: Console, *, unpinned: bool) -> int:
    """Fetch models of the profile, all or those that are wanted; returns the exit code."""
    store, hub = Store(settings.models_dir), _hub(settings)

    def one(entry: Checkpoint, meter: Meter) -> str:
        locked = fetch(entry, store, hub, meter, unpinned=unpinned)
        return f"{entry.repository} is here, at {locked.commit[:10]}, {decimal(locked.size)}."

    return _each(settings, wanted, one, out, err)


def verify(settings: Settings, wanted: Collection[str], out: Console, err: Console) -> int:
    """Compare files with the lock and with the entries; returns the exit code."""
    store = Store(settings.models_dir)

    def one(entry: Checkpoint, meter: Meter) -> str:
        store.found(entry, meter)
        return f"{entry.repository} is as it was locked."

    return _each(settings, wanted, one, out, err)


def _each(
    settings: Settings, wanted: Collection[str], one: Callable[[Checkpoint, Meter], str], out: Console, err: Console
) -> int:
    """Do something with each model of the hub, and say how it went; what fails does not keep the others."""
    chosen = dict(_chosen(settings, wanted))
    if not chosen:
        out.print(f"The profile {settings.profile} needs nothing from a hub.", soft_wrap=True, markup=False)
    failed = 0
    for name, entry in chosen.items():
        out.print(f"{name}: {entry.model}", soft_wrap=True, markup=False)
        try:
            with meter(out) as shown:
                words = one(entry, shown)
            out.print(f"  {words}", soft_wrap=True, markup=False)
        except ModelUnavailable as error:
            complain(err, error.cause)
            failed += 1
    return 1 if failed else 0


def _chosen(settings: Settings, wanted: Collection[str]) -> Iterator[tuple[str, Checkpoint]]:
    """The models of the hub in the profile, or those of them that are named by entry, OWNER/NAME or name."""
    entries = catalog.read(settings.profile, settings.models).checkpoints
    names = {name: {name, entry.repository, entry.name} for name, entry in entries.items() if entry.repository}
    for unknown in [each for each in wanted if not any(each in known for known in names.values())]:
        raise ModelUnavailable(
            f"The profile {settings.profile} has no model {unknown} from a hub; it has: {', '.join(names) or 'none'}."
        )
    yield from ((name, entries[name]) for name, known in names.items() if not wanted or known & set(wanted))


async def warm(settings: Settings, out: Console) -> int:
    """Load every model of the profile, as serving does; returns the exit code."""
    async with running(settings) as parley:
        await loading.load(parley.engine, out)
    return 0


def export(settings: Settings, folder: Path, wanted: Collection[str], out: Console) -> int:
    """Copy models with their lock into a folder, for a host without a connection; returns the exit code."""
    store = Store(settings.models_dir)
    keys = {}
    for _, entry in _chosen(settings, wanted):
        if store.locked(entry) is None:
            store.found(entry)
        keys[lock.key(entry)] = entry
    return _carry(store, Store(folder), keys, out)


def import_(settings: Settings, folder: Path, out: Console) -> int:
    """Copy all models of such a folder into our own; returns the exit code."""
    source = Store(folder)
    if not source.lock.models:
        raise ModelUnavailable(f"{folder} holds no models; it must be a folder that `parley models export` has written.")
    return _carry(source, Store(settings.models_dir), source.lock.models, out)


def _carry(source: Store, target: Store, keys: Collection[str], out: Console) -> int:
    with meter(out) as shown:
        carried = carry(source, target, keys, shown)
    for key, model in carried.items():
        out.print(f"{key.partition('@')[0]}, {decimal(model.size)}", soft_wrap=True, markup=False)
    many = f"{len(carried)} model{'s' * (len(carried) != 1)}"
    out.print(f"Copied {many} to {target.folder}, verified.", soft_wrap=True, markup=False)
    return 0


def adapter_folder(settings: Settings, named: str) -> tuple[Path, list[str]]:
    """The folder of an adapter, by its task or its path, and what is shared of it. Raises `ModelUnavailable`."""
    tasks = catalog.read(settings.profile, settings.models).tasks
    task = tasks.get(named)
    folder = WEIGHTS / task.adapter if isinstance(task, AdapterTask) else Path(named).expanduser()
    names = sorted({path.name for pattern in SHARED for path in folder.glob(pattern)})
    if "config.json" not in names or not any(name.endswith(".safetensors") for name in names):
        raise ModelUnavailable(f"{named} is neither a task with an adapter nor the folder of one.")
    if CARD not in names:
        raise ModelUnavailable(f"{folder} has no card; write down in {CARD} what it was trained on and how good it is.")
    return folder, names


def share(settings: Settings, folder: Path, names: list[str], repository: str, out: Console, *, private: bool) -> int:
    """Put an adapter into a repository of the hub; returns the exit code."""
    commit = _hub(settings).share(folder, repository, names=names, private=private)
    lines = [
        f"Shared {len(names)} files at {settings.hub_url}/{repository}. To use it, name it as the adapter of a task:",
        "",
        f"[adapters.{folder.name}]",
        f'name = "{folder.name}"',
        f'source = "hub:{repository}"',
        f'revision = "{commit}"',
        'licence = "as its card says"',
    ]
    out.print("\n".join(lines), soft_wrap=True, markup=False)
    return 0


def _hub(settings: Settings) -> Hub:
    token = settings.hub_token
    return Hub(settings.hub_url, token.get_secret_value() if token else None)
