"""What a causal model reads of a conversation: its own chat template, or plain lines where it has none."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from models.types import Message

NAMES = {"system": "", "user": "User: ", "assistant": "Assistant: "}
"""What a line begins with for a model that has no template."""


class ChatTemplate:
    """Turns messages into a prompt, at the end of which the model is to speak.

    Control tokens in what people wrote are read as plain text. Neighbouring messages of one role become one, as most
    templates want roles to alternate, and what the system says stands in the first message where the template has no
    place of its own for it.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self._tokenizer: Any = tokenizer  # whose calls return more types than ever come back here
        self._own = bool(tokenizer.chat_template)
        self._directs = not self._own or self._takes_system()

    @property
    def stops(self) -> tuple[str, ...]:
        """Words that begin somebody else's turn; a template's own models end theirs with a token."""
        return () if self._own else (f"\n{NAMES['user']}".rstrip(" "), f"\n{NAMES['assistant']}".rstrip(" "))

    def ids(self, messages: Sequence[Message]) -> list[int]:
        """The prompt's tokens."""
        merged = _merged(messages if self._directs else _without_system(messages))
        if self._own:
            return self._rendered(merged)
        lines = [NAMES[message.role] + message.text for message in merged]
        text = "\n".join([*lines, NAMES["assistant"].rstrip(" ")])
        found: list[int] = self._tokenizer(text, split_special_tokens=True)["input_ids"]
        return found

    def _rendered(self, messages: Sequence[Message]) -> list[int]:
        found: list[int] = self._tokenizer.apply_chat_template(
            [{"role": message.role, "content": message.text} for message in messages],
            add_generation_prompt=True,
            return_dict=True,
            sanitize_control_tokens=True,
            enable_thinking=False,  # where a template knows it; answers are shown, thoughts are not
        )["input_ids"]
        return found

    def _takes_system(self) -> bool:
        try:
            self._rendered([Message("system", "x"), Message("user", "x")])
        except TemplateError:
            return False
        return True


def _merged(messages: Sequence[Message]) -> list[Message]:
    """One message for each run of messages of the same role."""
    runs = groupby(messages, key=lambda message: message.role)
    return [Message(role, "\n".join(message.text for message in run)) for role, run in runs]


def _without_system(messages: Sequence[Message]) -> list[Message]:
    return [Message("user", message.text) if message.role == "system" else message for message in messages]
