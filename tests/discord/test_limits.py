"""Discord's limits, as the fake enforces them: what goes in exactly, and the one letter more that does not."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from .errors import DiscordError
from .limits import check_choices, check_commands, check_message, check_modal

pytestmark = pytest.mark.timeout(30)


def button(number: int = 0, **about: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "Share", "custom_id": f"share:{number}"} | about


def row(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(parts)}


def menu(options: int, **about: Any) -> dict[str, Any]:
    known = [{"label": f"option {number}", "value": str(number)} for number in range(options)]
    return {"type": 3, "custom_id": "menu", "options": known} | about


def fields(number: int, letters: int = 1) -> list[dict[str, str]]:
    return [{"name": "n", "value": "v" * letters}] * number


def full(letters: int) -> dict[str, Any]:
    return {"embeds": [{"description": "x" * 3000}, {"description": "x" * (letters - 3000)}]}


def rows(number: int) -> dict[str, Any]:
    return {"content": "x", "components": [row(button(each)) for each in range(number)]}


def buttons(number: int) -> dict[str, Any]:
    return {"content": "x", "components": [row(*(button(each) for each in range(number)))]}


def one(part: dict[str, Any]) -> dict[str, Any]:
    return {"content": "x", "components": [row(part)]}


@pytest.mark.parametrize(
    ("good", "bad", "where"),
    [
        ({"content": "x" * 2000}, {"content": "x" * 2001}, "content"),
        ({"embeds": [{"title": "x" * 256}]}, {"embeds": [{"title": "x" * 257}]}, "embeds.0.title"),
        ({"embeds": [{"description": "x" * 4096}]}, {"embeds": [{"description": "x" * 4097}]}, "embeds.0.description"),
        (
            {"embeds": [{"footer": {"text": "x" * 2048}}]},
            {"embeds": [{"footer": {"text": "x" * 2049}}]},
            "embeds.0.footer.text",
        ),
        ({"embeds": [{"fields": fields(25)}]}, {"embeds": [{"fields": fields(26)}]}, "embeds.0.fields"),
        (
            {"embeds": [{"fields": fields(1, 1024)}]},
            {"embeds": [{"fields": fields(1, 1025)}]},
            "embeds.0.fields.0.value",
        ),
        (full(6000), full(6001), "embeds"),
        ({"embeds": [{"title": "x"}] * 10}, {"embeds": [{"title": "x"}] * 11}, "embeds"),
        (rows(5), rows(6), "components"),
        (buttons(5), buttons(6), "components.0.components"),
        (one(button(label="x" * 80)), one(button(label="x" * 81)), "components.0.components.0.label"),
        (one(button(custom_id="x" * 100)), one(button(custom_id="x" * 101)), "components.0.components.0.custom_id"),
        (one(menu(25)), one(menu(26)), "components.0.components.0.options"),
        (one(menu(1)), {"content": "x", "components": [row(menu(1), button())]}, "components.0.components"),
        (
            {"content": "x", "components": [row(button(1), button(2))]},
            {"content": "x", "components": [row(button(1), button(1))]},
            "components",
        ),
    ],
)
def test_a_message_may_be_so_large(good, bad, where):
    check_message(good)
    assert _fault(check_message, bad) == where


def test_a_message_must_say_something():
    for empty in ({"content": " \n"}, {"components": [row(button())]}, {}):
        with pytest.raises(DiscordError) as refused:
            check_message(empty)
        assert refused.value.code == 50006
    check_message({}, files=1)


async def test_discord_py_hears_of_it(fake, client, channel):
    place = client.get_channel(channel.id)
    with pytest.raises(discord.HTTPException) as refused:
        await place.send("x" * 2001)
    assert (refused.value.status, refused.value.code) == (400, 50035)
    assert "In content: Must be 2000 or fewer in length." in str(refused.value)
    assert fake.messages(channel) == []


def test_a_modal_may_be_so_large():
    def modal(title: str = "Ask", **field: Any) -> dict[str, Any]:
        text = {"type": 4, "custom_id": "question", "label": "Question", "style": 1} | field
        return {"title": title, "custom_id": "ask", "components": [row(text)]}

    check_modal(modal("x" * 45))
    assert _fault(check_modal, modal("x" * 46)) == "data.title"
    assert _fault(check_modal, modal(label="x" * 46)) == "data.components.0.components.0.label"
    labelled = {"type": 18, "label": "Question", "component": {"type": 4, "custom_id": "question", "style": 1}}
    check_modal({"title": "Ask", "custom_id": "ask", "components": [labelled]})


def test_an_autocompletion_offers_so_much():
    choices = [{"name": str(number), "value": str(number)} for number in range(26)]
    check_choices(choices[:25])
    assert _fault(check_choices, choices) == "data.choices"
    assert _fault(check_choices, [{"name": "x" * 101, "value": "x"}]) == "data.choices.0.name"


def test_commands_may_be_so_large():
    def command(**about: Any) -> list[dict[str, Any]]:
        return [{"name": "summarize", "description": "Sum up", "type": 1} | about]

    def option(**about: Any) -> list[dict[str, Any]]:
        return command(options=[{"type": 3, "name": "since", "description": "From when"} | about])

    choices = [{"name": str(number), "value": number} for number in range(26)]
    check_commands(command(description="x" * 100, name_localizations={"de": "zusammenfassen", "hi": "सारांश"}))
    check_commands(option(choices=choices[:25]))
    check_commands([{"name": "Ask about this", "type": 3}])
    assert _fault(check_commands, command(description="x" * 101)) == "0.description"
    assert _fault(check_commands, command(name="Summarize")) == "0.name"
    assert _fault(check_commands, command(name="sum up")) == "0.name"
    assert _fault(check_commands, command(name_localizations={"de": "x" * 33})) == "0.name_localizations.de"
    assert _fault(check_commands, command(description_localizations={"pt": "Resumir"})) == "0.description_localizations"
    assert _fault(check_commands, option(choices=choices)) == "0.options.0.choices"
    assert _fault(check_commands, option(choices=choices[:2], autocomplete=True)) == "0.options.0.autocomplete"
    assert _fault(check_commands, [*command(), *command()]) == "1"
    ordered = [{"type": 3, "name": name, "description": name, "required": name == "b"} for name in ("a", "b")]
    assert _fault(check_commands, command(options=ordered)) == "0.options"
    assert _fault(check_commands, [{"name": "x" * 33, "type": 3}]) == "0.name"


def _fault(check: Any, thing: Any) -> str:
    """Where the tree of errors says the fault is."""
    with pytest.raises(DiscordError) as refused:
        check(thing)
    assert (refused.value.status, refused.value.code) == (400, 50035)
    tree, path = refused.value.errors, list[str]()
    while "_errors" not in tree:
        ((key, tree),) = tree.items()
        path.append(key)
    return ".".join(path)
