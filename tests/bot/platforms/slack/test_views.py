"""What people click on, within Slack's limits and as slack_sdk's models check them."""

from __future__ import annotations

import json
import string

import pytest
from slack_sdk.models.blocks import Block

from bot.platforms.asked import Place
from bot.platforms.buttons import offers
from bot.platforms.slack import views
from bot.platforms.slack.asked import asked as asked_in
from bot.platforms.slack.asked import unpacked
from bot.platforms.slack.render import MESSAGE, Message, plain, render
from bot.preferences import Preferences
from handlers.conversation import Point, Points, Reply, Text, Thread, Turn

from ....slack.blocks import VIEW_BLOCKS, checked

HOSTILE = '<!channel> & *bold* `code` \u202e\u200b ``` @everyone <https://a.b|c> " \\ \ud83d'
MANY = [first + second for first in string.ascii_lowercase for second in "abcd"][:100]
SUMMARY = Reply((Points((Point("It works.", (0,)), Point("It does.", (1,)))),), intent="summarize")
THREAD = Thread((Turn("Ana", "It works."), Turn("Ben", "It does.")))


def asking(text="/summarize", channel="C1", **about):
    return asked_in("T1", channel, "U1", text, about=Place(channel, "1.0"), until="5.0", **about)


def buttons(blocks):
    found = [element for block in blocks for element in block.get("elements", [])]
    return {element["action_id"]: element for element in found if element["type"] == "button"}


def drawn(request, reply, *, private=False):
    return checked([block.to_dict() for block in views.below(request, reply, private=private)])


def test_what_is_no_answer_has_no_buttons():
    assert views.below(asking(), Reply((Text("Sorry."),)), private=True) == []


@pytest.mark.parametrize("private", [True, False])
def test_what_is_offered_is_a_button_that_holds_its_request(private):
    request = asking("/summarize since yesterday")
    shown = buttons(drawn(request, SUMMARY, private=private))
    offered = offers(request, SUMMARY, private=private)
    assert [(name, button["text"]["text"]) for name, button in shown.items()] == [(one.name, one.label) for one in offered]
    for one in offered:
        held = unpacked(shown[one.name]["value"], team="T1", user="U2", here=None)
        assert (held.text, held.place, held.until, held.user) == (one.text, request.place, "5.0", "U2")


def test_a_verdict_names_what_it_is_about():
    [feedback] = drawn(asking(), SUMMARY)[-1]["elements"]
    assert feedback["positive_button"]["value"] == "good:summarize"
    assert feedback["negative_button"]["value"] == "bad:summarize"


@pytest.mark.parametrize("text", ["a" * 1900, "a" * 1990, "a" * 40_000, HOSTILE[:-1] * 40, "字" * 1900, '"' * 1900])
def test_a_button_that_holds_too_much_is_left_out(text):
    for button in buttons(drawn(asking(text), SUMMARY, private=True)).values():
        assert len(button["value"]) <= 2000
    assert drawn(asking(text), SUMMARY)[-1]["type"] == "context_actions"


@pytest.mark.parametrize("targets", [["pt"], ["en", "pt"], MANY], ids=len)
@pytest.mark.parametrize("text", ["/summarize", "a" * 1900, '"' * 950])
def test_languages_to_choose_from_fit_into_a_message_and_keep_the_request(targets, text):
    value = buttons(drawn(asking(text), SUMMARY))["retell"]["value"]
    message = views.choices(value, targets)
    found = buttons(checked(message.blocks))
    assert 0 < len(found) <= min(25, len(targets))
    assert {button["value"] for button in found.values()} == {value}
    assert [name.partition(":")[2] for name in found] == targets[: len(found)]
    assert len(json.dumps(message.blocks, ensure_ascii=False)) <= MESSAGE + 3000
    assert len({json.dumps(Block.parse(block).to_dict()) for block in message.blocks}) == len(message.blocks)


def test_every_language_that_fits_is_offered():
    value = buttons(drawn(asking(), SUMMARY))["retell"]["value"]
    assert len(buttons(views.choices(value, MANY).blocks)) == 25


# Settings


@pytest.mark.parametrize("targets", [["en", "pt"], MANY, [*MANY, "zz"]], ids=len)
@pytest.mark.parametrize("chosen", [Preferences(), Preferences("pt", True, True), Preferences("xx")])
def test_settings_show_what_is_set(targets, chosen):
    blocks = checked([block.to_dict() for block in views.settings(chosen, targets)])
    menu, switches = blocks[0]["accessory"], blocks[1]["elements"][0]
    parts = [menu] if "options" in menu else menu["option_groups"]
    assert all(len(part["options"]) <= 100 for part in parts)
    options = [option["value"] for part in parts for option in part["options"]]
    assert options == ["slack", *targets]
    assert menu["initial_option"]["value"] == (chosen.language if chosen.language in targets else "slack")
    on = {option["value"] for option in switches.get("initial_options", [])}
    assert on == {name for name in ("private", "short") if getattr(chosen, name)}


@pytest.mark.parametrize("before", [Preferences(), Preferences("pt", private=True), Preferences("en", short=True)])
def test_a_click_changes_what_it_is_on_and_nothing_else(before):
    def select(value):
        return views.changed(before, {"action_id": "language", "selected_option": {"value": value}})

    def tick(*values):
        return views.changed(before, {"action_id": "switches", "selected_options": [{"value": value} for value in values]})

    assert select("es") == Preferences("es", before.private, before.short)
    assert select("slack") == Preferences(None, before.private, before.short)
    assert tick("private", "short") == Preferences(before.language, True, True)
    assert tick() == Preferences(before.language, False, False)


# Pages and modals


@pytest.mark.parametrize("targets", [["en", "pt"], MANY], ids=len)
def test_the_home_tab_is_within_the_limits_of_a_view(targets):
    view = views.home(Preferences("pt", True, True), targets).to_dict()
    assert view["type"] == "home"
    assert checked(view["blocks"], most=VIEW_BLOCKS)
    assert "/summarize" not in json.dumps(view)


def test_a_modal_keeps_what_it_is_about():
    place = Place("C1", "1.0", "2.0")
    view = views.question(place).to_dict()
    assert Place(*json.loads(view["private_metadata"])) == place
    assert checked(view["blocks"], most=VIEW_BLOCKS)
    assert view["submit"]
    assert len(view["title"]["text"]) <= 24


@pytest.mark.parametrize("text", ["Ana rolls back.", HOSTILE, "a" * 100_000, "word " * 60_000, "字" * 100_000], ids=len)
def test_any_answer_fits_into_a_modal(text):
    reply = Reply((Text(text),), intent="ask")
    view = views.answered(render(reply, tail=views.below(asking("/ask who?"), reply, private=True))).to_dict()
    assert checked(view["blocks"], most=VIEW_BLOCKS)
    assert not view.get("submit")


def test_feedback_in_a_modal_is_given_with_plain_buttons():
    reply = Reply((Text("Ana."),), intent="ask")
    tail = views.below(asking("/ask who?"), reply, private=True)
    view = views.answered(render(reply, tail=tail)).to_dict()
    assert "context_actions" not in {block["type"] for block in view["blocks"]}
    found = buttons(view["blocks"])
    verdicts = {name: button["value"] for name, button in found.items() if name.startswith("feedback:")}
    assert sorted(verdicts.values()) == ["bad:ask", "good:ask"]
    assert set(found) - set(verdicts) == {"share", "retell"}


def test_a_modal_that_reads_says_so():
    view = views.reading("One moment.").to_dict()
    assert "One moment." in json.dumps(checked(view["blocks"], most=VIEW_BLOCKS))
    assert isinstance(plain("One moment."), Message)
