"""What buttons and menus on Discord hold."""

from __future__ import annotations

import pytest

from bot.platforms.asked import Asked, Place
from bot.platforms.buttons import MORE, RETELL, SHARE
from bot.platforms.discord import views
from bot.platforms.discord.render import Button, plain
from bot.platforms.discord.views import HELD, OPTIONS, TITLE, below, packed, unpacked
from bot.preferences import Preferences
from handlers.conversation import Point, Points, Reply, Text

LONG = "9" * 20
SUMMARY = Reply((Points((Point("It broke.", (0,)),)),), intent="summarize")
LANGUAGES = [f"{first}{second}" for first in "abcdef" for second in "abcdef"]


def asked(text="/summarize", **about):
    return Asked(**({"home": "discord", "channel": "2", "user": "1", "text": text, "until": "9"} | about))


def names(request, reply=SUMMARY, *, private=True):
    return [button.name for button in below(request, reply, private=private)]


@pytest.mark.parametrize(
    "place", [Place("2"), Place("2", "3"), Place("2", None, "4"), Place(LONG, LONG, LONG)], ids=["", "root", "one", "long"]
)
def test_a_button_holds_where_and_until_when(place):
    held = packed(MORE, asked(about=place, until=LONG), "20")
    assert unpacked(held) == (MORE, place, LONG, "20")
    assert len(held) <= HELD


def test_the_longest_buttons_fit():
    request = asked(about=Place(LONG, LONG, LONG), until=LONG, language="por")
    held = [button.custom_id for button in (*below(request, SUMMARY, private=True), *views.choices(request, ["zho"]))]
    assert max(map(len, held)) <= HELD


def test_a_button_for_a_language_holds_that_the_answer_was_told_in():
    (button,) = views.choices(asked(language="pt"), ["de"])
    assert unpacked(button.custom_id).extra == "pt>de"
    (button,) = (one for one in below(asked(language=""), SUMMARY, private=False) if one.name == RETELL)
    assert unpacked(button.custom_id).extra == ">"


def test_what_only_the_asker_sees_can_be_shared():
    assert SHARE in names(asked())
    assert SHARE not in names(asked(), private=False)
    assert SHARE not in names(asked(direct=True))


def test_what_a_message_asked_about_another_place_is_not_shared_as_nobody_knows_where():
    assert SHARE in names(asked(message="5"))
    assert SHARE not in names(asked(message="5", about=Place("3")))
    assert SHARE in names(asked(about=Place("3")))


@pytest.mark.parametrize("text", ["x" * (TITLE + 1), "/translate pt: Good\nmorning."])
def test_a_request_that_cannot_stand_above_its_answer_is_not_asked_again(text):
    assert set(names(asked(text))) == {"feedback"}


@pytest.mark.parametrize("intent", ["help", None])
def test_there_is_nothing_to_click_below_what_is_no_answer(intent):
    assert below(asked(), Reply((Text("Hello."),), intent=intent), private=True) == ()


def test_what_everybody_sees_is_not_shared():
    buttons = (Button(SHARE, "Share", "share:1"), Button(RETELL, "Translate this answer", "retell:1"))
    assert views.unshared(plain("Hello.", buttons=buttons)).buttons == buttons[1:]


async def test_buttons_stand_in_rows_of_five():
    shown = views.view(views.choices(asked(), LANGUAGES))
    rows = [len(row["components"]) for row in shown.to_components()]
    assert rows == [5] * 5


# Settings


@pytest.mark.parametrize("language", [None, "af", LANGUAGES[-1]])
async def test_there_are_as_many_menus_as_the_languages_take_and_the_chosen_one_is_shown(language):
    *rows, _ = views.settings(Preferences(language), LANGUAGES).to_components()
    menus = [row["components"][0] for row in rows]
    chosen = [option["value"] for menu in menus for option in menu["options"] if option["default"]]
    assert chosen == [language or "discord"]
    assert [len(menu["options"]) for menu in menus] == [OPTIONS, len(LANGUAGES) + 1 - OPTIONS]
    assert len({menu["custom_id"] for menu in menus}) == 2


async def test_there_are_never_more_rows_than_discord_takes():
    assert len(views.settings(Preferences(), LANGUAGES * 4).to_components()) == 5


@pytest.mark.parametrize(
    ("held", "values", "after"),
    [
        ("language:0", ["discord"], Preferences(None, True)),
        ("language:25", ["pt"], Preferences("pt", True)),
        ("switch:private:off", [], Preferences("de")),
        ("switch:short:on", [], Preferences("de", True, True)),
    ],
)
def test_a_click_changes_one_setting(held, values, after):
    assert views.changed(Preferences("de", True), held, values) == after


async def test_what_is_clicked_is_the_other_way_round_then():
    chosen = Preferences()
    for on in (True, False):
        buttons = views.settings(chosen, ["en"]).to_components()[1]["components"]
        held = next(button["custom_id"] for button in buttons if "private" in button["custom_id"])
        chosen = views.changed(chosen, held, [])
        assert chosen.private is on


async def test_a_modal_holds_what_is_asked_about():
    modal = views.question(Place(LONG, LONG)).to_dict()
    assert len(modal["custom_id"]) <= HELD
    assert unpacked(modal["custom_id"]).place == Place(LONG, LONG)
