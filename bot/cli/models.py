"""`parley models`: what there is of models, and how it comes here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.running import FAILED, chosen, console, finish, leave

app = typer.Typer(no_args_is_help=True, help="See, fetch, verify and carry the models of a profile.")

Profile = Annotated[
    str | None, typer.Option(metavar="NAME", help="Another profile than PARLEY_PROFILE, such as hub or gpu.")
]
Entries = Annotated[
    list[str] | None, typer.Argument(metavar="[ENTRY]...", help="Entries of the profile, or OWNER/NAME; otherwise all.")
]


@app.command("list", epilog="For example: parley models list --profile hub")
def models_list(profile: Profile = None) -> None:
    """Show what each profile needs: task, checkpoint, licence, size, and whether it is here."""
    from bot.commands import models

    settings = chosen()
    finish(settings, lambda: models.list_(settings, profile, console()))


@app.command(epilog="For example: parley models pull --profile hub sentiment")
def pull(
    entries: Entries = None,
    profile: Profile = None,
    unpinned: Annotated[
        bool, typer.Option("--allow-unpinned", help="Lock what a branch or tag is today; otherwise it is refused.")
    ] = False,
) -> None:
    """Fetch models from the hub, verify them, and lock their commits and hashes."""
    from bot.commands import models

    settings = chosen(profile)
    finish(settings, lambda: models.pull(settings, entries or [], console(), console(stderr=True), unpinned=unpinned))


@app.command(epilog="For example: parley models verify")
def verify(entries: Entries = None, profile: Profile = None) -> None:
    """Compare the files of models with the lock."""
    from bot.commands import models

    settings = chosen(profile)
    finish(settings, lambda: models.verify(settings, entries or [], console(), console(stderr=True)))


@app.command(epilog="For example: parley models info --profile gpu --device cuda:1")
def info(
    profile: Profile = None,
    device: Annotated[
        str | None, typer.Option(metavar="DEVICE", help="auto, cpu, mps, cuda or cuda:N, instead of PARLEY_DEVICE.")
    ] = None,
) -> None:
    """Show what each model takes of this machine's memory, and which device it would go to."""
    from bot.commands import models_info

    settings = chosen(profile)
    finish(settings, lambda: models_info.run(settings, device, console()))


@app.command(epilog="For example: parley models warm --profile hub")
def warm(profile: Profile = None) -> None:
    """Load every model of the profile once, as serving does."""
    from bot.commands import models

    settings = chosen(profile)
    leave(settings, models.warm(settings, console()))


@app.command(epilog="For example: parley models export --profile hub /media/stick/models")
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to.")],
    entries: Entries = None,
    profile: Profile = None,
) -> None:
    """Copy models with their lock into a folder, for a host without a connection."""
    from bot.commands import models

    settings = chosen(profile)
    finish(settings, lambda: models.export(settings, folder, entries or [], console()))


@app.command("import", epilog="For example: parley models import /media/stick/models")
def import_(folder: Annotated[Path, typer.Argument(metavar="DIR", help="What `parley models export` has written.")]) -> None:
    """Copy the models of such a folder to this host, and verify them."""
    from bot.commands import models

    settings = chosen()
    finish(settings, lambda: models.import_(settings, folder, console()))


@app.command(epilog="For example: parley models share ./mood acme/mood --private")
def share(
    adapter: Annotated[str, typer.Argument(metavar="ENTRY|DIR", help="A task with an adapter, or an adapter's folder.")],
    repository: Annotated[str, typer.Argument(metavar="OWNER/NAME", help="The repository; it is made if there is none.")],
    private: Annotated[bool, typer.Option("--private", help="Make a repository that only you can see.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    profile: Profile = None,
) -> None:
    """Put a trained adapter with its card into a repository of the hub."""
    from bot.commands import models

    settings = chosen(profile)

    def run() -> int:
        folder, names = models.adapter_folder(settings, adapter)
        seen = "only you" if private else "everyone"
        asked = f"Share {', '.join(names)} of {folder} as {repository} at {settings.hub_url}, for {seen} to see?"
        if not yes and not typer.confirm(asked):
            return FAILED
        return models.share(settings, folder, names, repository, console(), private=private)

    finish(settings, run)
