"""What people click on: the buttons under an answer, the settings, the Home tab, and the modal that takes a question."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    CheckboxesElement,
    ContextActionsBlock,
    DividerBlock,
    FeedbackButtonsElement,
    HeaderBlock,
    InputBlock,
    MarkdownTextObject,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    SectionBlock,
    StaticSelectElement,
)
from slack_sdk.models.blocks.basic_components import FeedbackButtonObject, OptionGroup
from slack_sdk.models.views import View

from bot.platforms.asked import Asked, Place
from bot.platforms.buttons import FEEDBACK, RETELL, VERDICTS, offers
from bot.platforms.slack import asked
from bot.platforms.slack.markup import escape
from bot.platforms.slack.render import BLOCKS, MESSAGE, Message, plain
from bot.preferences import Preferences
from handlers import help, languages
from handlers.conversation import Reply

LANGUAGE, SWITCHES, QUESTION, ASK = "language", "switches", "question", "ask"
ANY_LANGUAGE = "slack"
VALUE = ButtonElement.value_max_length
OPTIONS = StaticSelectElement.options_max_length
BUTTONS = ActionsBlock.elements_max_length
_BUTTON = 150  # characters of JSON of a button beside its value

Chosen = Mapping[str, Any]

_SWITCHES = {
    "private": ("Show answers to me alone", "They come with a button that shares them."),
    "short": ("Short commands", "A message such as `!tldr` or `!ask who owns the fix?` needs no mention."),
}


def below(request: Asked, reply: Reply, *, private: bool) -> list[Block]:
    """The buttons under an answer; none under what is no answer."""
    offered = [(one, asked.packed(request, one.text)) for one in offers(request, reply, private=private)]
    shown = [ButtonElement(text=one.label, action_id=one.name, value=value) for one, value in offered if len(value) <= VALUE]
    if not offered:
        return []
    good, bad = (FeedbackButtonObject(text=text, value=f"{name}:{reply.intent}") for name, text in VERDICTS.items())
    feedback = FeedbackButtonsElement(action_id=FEEDBACK, positive_button=good, negative_button=bad)
    return [*([ActionsBlock(elements=shown)] if shown else []), ContextActionsBlock(elements=[feedback])]


def choices(value: str, targets: Sequence[str]) -> Message:
    """Asks which language to translate an answer to, as far as there is room; `value` is what its button holds."""
    message = plain("Which language would you like that in?")
    room = max(1, min(BUTTONS, MESSAGE // (len(json.dumps(value, ensure_ascii=False)) + _BUTTON)))
    buttons = [
        ButtonElement(text=languages.display(target), action_id=f"{RETELL}:{target}", value=value)
        for target in targets[:room]
    ]
    return Message([*message.blocks, ActionsBlock(elements=buttons).to_dict()], message.text)


def settings(chosen: Preferences, targets: Sequence[str]) -> list[Block]:
    """What a person may set, as it is now."""
    options = [Option(text="The language of my Slack", value=ANY_LANGUAGE)]
    options += [Option(text=languages.display(target), value=target) for target in targets]
    mine = next((option for option in options if option.value == chosen.language), options[0])
    switches = [
        Option(text=PlainTextObject(text=text), value=name, description=MarkdownTextObject(text=more))
        for name, (text, more) in _SWITCHES.items()
    ]
    on = [switch for switch in switches if getattr(chosen, str(switch.value))]
    return [
        SectionBlock(
            text="*My language*\nWhat answers are given in, and translations without another one named.",
            accessory=_menu(options, mine),
        ),
        ActionsBlock(elements=[CheckboxesElement(action_id=SWITCHES, options=switches, initial_options=on or None)]),
    ]


def _menu(options: Sequence[Option], mine: Option) -> StaticSelectElement:
    """The menu of languages, in groups where there are more than Slack takes in one."""
    if len(options) <= OPTIONS:
        return StaticSelectElement(action_id=LANGUAGE, options=options, initial_option=mine)
    starts = range(0, len(options), OPTIONS)
    parts = [options[start : start + OPTIONS] for start in starts]
    groups = [OptionGroup(label=f"{part[0].label} – {part[-1].label}", options=part) for part in parts]
    return StaticSelectElement(action_id=LANGUAGE, option_groups=groups, initial_option=mine)


def changed(chosen: Preferences, action: Chosen) -> Preferences:
    """The settings after a click on one of them."""
    if action["action_id"] == LANGUAGE:
        language = action["selected_option"]["value"]
        return Preferences(None if language == ANY_LANGUAGE else language, chosen.private, chosen.short)
    on = {option["value"] for option in action.get("selected_options", [])}
    return Preferences(chosen.language, "private" in on, "short" in on)


def home(chosen: Preferences, targets: Sequence[str]) -> View:
    """The Home tab: settings and help."""
    examples = "\n".join(f"• {escape(example.removeprefix('/'))}" for example in help.EXAMPLES)
    return View(
        type="home",
        blocks=[
            HeaderBlock(text="Settings"),
            *settings(chosen, targets),
            DividerBlock(),
            HeaderBlock(text="What I can do"),
            SectionBlock(text=escape(help.WORDS)),
            SectionBlock(
                text="In a channel that I was invited to, mention me in a thread or use `/parley`; here, just write. The "
                "menu of a message has me, too, and a flag under a message asks for its translation, a :memo: for a summary "
                f"of its thread. For example:\n{examples}"
            ),
        ],
    )


def question(place: Place) -> View:
    """Takes a question about a thread."""
    return _modal(
        [
            InputBlock(
                label="What would you like to know?",
                block_id=QUESTION,
                element=PlainTextInputElement(action_id=QUESTION, max_length=1000, focus_on_load=True),
            )
        ],
        callback_id=ASK,
        private_metadata=json.dumps(place),
        submit="Ask",
    )


def reading(words: str) -> View:
    """Says that the thread is being read."""
    return _modal([Block.parse(block) for block in plain(words).blocks])


def answered(messages: Sequence[Message]) -> View:
    """An answer, as far as a modal holds it."""
    blocks = [Block.parse(block) for message in messages for block in message.blocks]
    return _modal([_in_modal(block) for block in blocks[: 2 * BLOCKS]])


def _in_modal(block: Block | None) -> Block | None:
    """The block, or in place of feedback buttons, which Slack takes in messages alone, plain ones."""
    if not isinstance(block, ContextActionsBlock):
        return block
    buttons = [
        ButtonElement(text=str(button["text"]["text"]), action_id=f"{FEEDBACK}:{place}", value=str(button["value"]))
        for element in block.to_dict()["elements"]
        for place, button in enumerate((element["positive_button"], element["negative_button"]))
    ]
    return ActionsBlock(elements=buttons)


def _modal(blocks: Sequence[Block | None], **about: Any) -> View:
    return View(type="modal", title="Ask about this thread", close="Close", blocks=[b for b in blocks if b], **about)
