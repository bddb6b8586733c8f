"""Block Kit's rules, as Slack enforces them when a message or a view arrives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .workspace import Json, SlackError, texts

KNOWN = {
    "actions", "context", "context_actions", "divider", "file", "header", "image", "input", "markdown", "rich_text",
    "section", "table", "task_card", "plan", "video",
}  # fmt: skip
IN_MESSAGES = {"context_actions"}  # and in no view
MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
ALL_TEXT = 13_000  # no page of the documentation says it; users meet `msg_blocks_too_long` from 13,172 characters on
MARKDOWN = 12_000


def checked(blocks: Any, *, most: int = MESSAGE_BLOCKS) -> list[Json]:
    """The blocks as a list.

    Raises:
        SlackError: `invalid_blocks_format`, `invalid_blocks` with a line per fault, `msg_blocks_too_long`, or
            `invalid_arguments` for what belongs into no view.
    """
    if isinstance(blocks, str):
        try:
            blocks = json.loads(blocks)
        except ValueError:
            raise SlackError("invalid_blocks_format") from None
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise SlackError("invalid_blocks_format")
    if most == VIEW_BLOCKS and any(block.get("type") in IN_MESSAGES for block in blocks):
        raise SlackError("invalid_arguments")
    if wrong := list(_faults(blocks, most)):
        raise SlackError(
            "invalid_blocks", errors=wrong, response_metadata={"messages": [f"[ERROR] {line}" for line in wrong]}
        )
    if most == MESSAGE_BLOCKS and sum(map(len, texts(blocks))) > ALL_TEXT:
        raise SlackError("msg_blocks_too_long")
    return blocks


def _faults(blocks: list[Json], most: int) -> Iterator[str]:
    if len(blocks) > most:
        yield f"no more than {most} items allowed [json-pointer:/blocks]"
    if sum(len(block.get("text", "")) for block in blocks if block.get("type") == "markdown") > MARKDOWN:
        yield f"must be less than {MARKDOWN + 1} characters in all markdown blocks [json-pointer:/blocks]"
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(ids) != len(set(ids)):
        yield "`block_id` must be unique [json-pointer:/blocks]"
    for place, block in enumerate(blocks):
        for fault in _block_faults(block):
            yield f"{fault} [json-pointer:/blocks/{place}]"


def _block_faults(block: Json) -> Iterator[str]:
    kind = block.get("type")
    if kind not in KNOWN:
        yield f"unsupported type: {kind}"
    yield from _too_long(block.get("block_id"), 255, "block_id")
    if kind == "section":
        yield from _section_faults(block)
    elif kind == "header":
        yield from _text_faults(block.get("text"), 150, kinds={"plain_text"})
    elif kind == "context":
        yield from _count(block, 10)
        for element in block.get("elements", []):
            if element.get("type") != "image":
                yield from _text_faults(element, 3000)
    elif kind == "actions":
        yield from _count(block, 25)
    elif kind == "image" and not block.get("alt_text"):
        yield "missing required field: alt_text"
    elif kind == "image" and not (block.get("image_url") or block.get("slack_file")):
        yield "missing required field: image_url"
    elements = [*block.get("elements", []), block.get("accessory"), block.get("element")] if kind != "rich_text" else []
    for element in elements:
        if isinstance(element, dict):
            yield from _element_faults(element)


def _section_faults(block: Json) -> Iterator[str]:
    if not block.get("text") and not block.get("fields"):
        yield "missing required field: text or fields"
    if block.get("text"):
        yield from _text_faults(block["text"], 3000)
    if len(block.get("fields", [])) > 10:
        yield "no more than 10 items allowed in fields"
    for text in block.get("fields", []):
        yield from _text_faults(text, 2000)


def _element_faults(element: Json) -> Iterator[str]:
    kind = element.get("type", "")
    yield from _too_long(element.get("action_id"), 255, "action_id")
    if kind == "button":
        yield from _text_faults(element.get("text"), 75, kinds={"plain_text"})
        yield from _too_long(element.get("value"), 2000, "value")
        yield from _too_long(element.get("url"), 3000, "url")
        if element.get("style", "primary") not in {"primary", "danger"}:
            yield f"invalid style: {element['style']}"
    if kind.endswith("_select") or kind == "overflow":
        most, groups = 5 if kind == "overflow" else 100, element.get("option_groups", [])
        for group in groups or [element]:
            if not 0 < len(group.get("options", [None])) <= most:
                yield f"between 1 and {most} options allowed"
        for group in groups:
            yield from _text_faults(group.get("label"), 75, kinds={"plain_text"})
        options = [option for group in groups or [element] for option in group.get("options", [])]
        for option in options:
            yield from _text_faults(option.get("text"), 75)
            yield from _too_long(option.get("value"), 150, "value")
        if element.get("initial_option") and element["initial_option"] not in options:
            yield "initial_option must match one of the options"


def _text_faults(
    text: Any, most: int, *, kinds: frozenset[str] | set[str] = frozenset({"plain_text", "mrkdwn"})
) -> Iterator[str]:
    if not isinstance(text, dict) or text.get("type") not in kinds or not isinstance(text.get("text"), str):
        yield f"must be a text object of {' or '.join(sorted(kinds))}"
    elif not text["text"]:
        yield "must be more than 0 characters"
    else:
        yield from _too_long(text["text"], most, "text")


def _too_long(value: Any, most: int, name: str) -> Iterator[str]:
    if isinstance(value, str) and len(value) > most:
        yield f"{name} must be less than {most + 1} characters"


def _count(block: Json, most: int) -> Iterator[str]:
    if not 0 < len(block.get("elements", [])) <= most:
        yield f"between 1 and {most} elements allowed"
