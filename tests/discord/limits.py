"""What Discord takes, checked as it does: every fault is named in the tree of a "50035 Invalid Form Body"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import regex

from .errors import DiscordError, Json, invalid, wrong
from .world import parts_of

CONTENT, EMBEDS, EMBED_TOTAL, ROWS, V2 = 2000, 10, 6000, 5, 1 << 15
EMBED = {"title": 256, "description": 4096}
LOCALES = frozenset(
    "id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE vi tr cs el bg ru uk hi th zh-CN ja zh-TW "
    "ko".split()
)
COMMAND_NAME = regex.compile(r"[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}")
COMMANDS = {1: 100, 2: 15, 3: 15}
TOO_MANY_LETTERS = 8000


def check_message(body: Json, *, files: int = 0, kept: bool = False) -> None:
    """Raise DiscordError unless a message may be sent; `kept` is an edit, of which the rest stays as it was."""
    errors: Json = {}
    v2 = bool((body.get("flags") or 0) & V2)
    content = body.get("content") or ""
    if len(content) > CONTENT:
        errors["content"] = _too_long(CONTENT)
    if v2 and (content or body.get("embeds")):
        errors["content"] = wrong("MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "Not with components V2")
    _put(errors, "embeds", _embeds(body.get("embeds") or []))
    _put(errors, "components", _components(body.get("components") or [], v2=v2))
    if len(body.get("nonce") or "") > 25:
        errors["nonce"] = _too_long(25)
    if errors:
        raise invalid(errors)
    has = content.strip() or body.get("embeds") or body.get("attachments") or files or body.get("sticker_ids")
    if not (has or kept or (v2 and body.get("components"))):
        raise DiscordError(400, 50006, "Cannot send an empty message")


def check_modal(modal: Json) -> None:
    errors: Json = {}
    _put(errors, "title", _length(modal.get("title"), 1, 45))
    _put(errors, "custom_id", _length(modal.get("custom_id"), 1, 100))
    components = modal.get("components") or []
    if not 1 <= len(components) <= ROWS:
        errors["components"] = _between(1, ROWS)
    else:
        _put(errors, "components", _each(components, _modal_part))
    if errors:
        raise invalid({"data": errors})


def check_choices(choices: list[Json]) -> None:
    """What an autocompletion offers."""
    errors = _choices(choices)
    if errors:
        raise invalid({"data": {"choices": errors}})


def check_commands(commands: list[Json]) -> None:
    """Raise DiscordError unless an app may register these."""
    errors = _each(commands, _command)
    for kind, most in COMMANDS.items():
        if sum(each.get("type", 1) == kind for each in commands) > most:
            raise DiscordError(400, 30032, f"Maximum number of application commands reached ({most}).")
    names = [(each.get("type", 1), each["name"]) for each in commands]
    for place, name in enumerate(names):
        if name in names[:place]:
            errors[str(place)] = wrong("APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
    if errors:
        raise invalid(errors)


# Messages


def _embeds(embeds: list[Json]) -> Json:
    if len(embeds) > EMBEDS:
        return wrong("BASE_TYPE_MAX_LENGTH", f"Must be {EMBEDS} or fewer in length.")
    if errors := _each(embeds, _embed):
        return errors
    if sum(map(_letters, embeds)) > EMBED_TOTAL:
        return wrong("MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {EMBED_TOTAL}")
    return {}


def _embed(embed: Json) -> Json:
    errors: Json = {}
    for key, most in EMBED.items():
        if len(embed.get(key) or "") > most:
            errors[key] = _too_long(most)
    _put(errors, "footer", _inside("text", (embed.get("footer") or {}).get("text") or "", 2048))
    _put(errors, "author", _inside("name", (embed.get("author") or {}).get("name") or "", 256))
    fields = embed.get("fields") or []
    if len(fields) > 25:
        errors["fields"] = _too_long(25)
    else:
        _put(errors, "fields", _each(fields, _field))
    return errors


def _field(field: Json) -> Json:
    errors: Json = {}
    _put(errors, "name", _length(field.get("name"), 1, 256))
    _put(errors, "value", _length(field.get("value"), 1, 1024))
    return errors


def _letters(embed: Json) -> int:
    """What counts towards the 6,000 of all embeds together."""
    texts = [embed.get("title"), embed.get("description"), (embed.get("footer") or {}).get("text")]
    texts.append((embed.get("author") or {}).get("name"))
    for field in embed.get("fields") or []:
        texts += [field.get("name"), field.get("value")]
    return sum(len(text) for text in texts if text)


def _components(components: list[Json], *, v2: bool) -> Json:
    parts = list(parts_of(components))
    if not v2:
        if len(components) > ROWS:
            return _too_long(ROWS)
        if any(each.get("type") != 1 for each in components):
            return wrong("UNION_TYPE_CHOICES", 'Value of field "type" must be one of (1,).')
    elif len(parts) > 40 or sum(len(each.get("content", "")) for each in parts) > 4000:
        return wrong("COMPONENT_MAX_SIZE", "At most 40 components and 4000 letters")
    ids = [each["custom_id"] for each in parts if each.get("custom_id")]
    if len(ids) != len(set(ids)):
        return wrong("COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
    return _each(components, _component)


def _component(component: Json) -> Json:
    kind, errors = component.get("type"), dict[str, Any]()
    if kind == 2:
        return _button(component)
    if kind in {3, 5, 6, 7, 8}:
        return _select(component)
    inner = component.get("components")
    if kind == 1 and inner is not None:
        menus = sum(each.get("type") != 2 for each in inner)
        if not 1 <= len(inner) <= (1 if menus else 5):
            return {"components": _between(1, 1 if menus else 5)}
    if inner:
        _put(errors, "components", _each(inner, _component))
    if accessory := component.get("accessory"):
        _put(errors, "accessory", _component(accessory))
    return errors


def _button(button: Json) -> Json:
    errors: Json = {}
    if button.get("style") == 5:
        _put(errors, "url", _length(button.get("url"), 1, 512))
    else:
        _put(errors, "custom_id", _length(button.get("custom_id"), 1, 100))
    if not button.get("emoji") or button.get("label"):
        _put(errors, "label", _length(button.get("label"), 1, 80))
    return errors


def _select(menu: Json) -> Json:
    errors: Json = {}
    _put(errors, "custom_id", _length(menu.get("custom_id"), 1, 100))
    _put(errors, "placeholder", _length(menu.get("placeholder") or "", 0, 150))
    if menu["type"] == 3:
        options = menu.get("options") or []
        if not 1 <= len(options) <= 25:
            errors["options"] = _between(1, 25)
        else:
            _put(errors, "options", _each(options, _option))
    return errors


def _option(option: Json) -> Json:
    errors: Json = {}
    for key, least in (("label", 1), ("value", 1), ("description", 0)):
        _put(errors, key, _length(option.get(key) or "", least, 100))
    return errors


def _modal_part(part: Json) -> Json:
    """A text field in its row, or anything under a label."""
    if part.get("type") == 18:
        errors: Json = {}
        _put(errors, "label", _length(part.get("label"), 1, 45))
        _put(errors, "description", _length(part.get("description") or "", 0, 100))
        _put(errors, "component", _input(part.get("component") or {}, labelled=True))
        return errors
    if part.get("type") == 1:
        inner = part.get("components") or []
        return {"components": _each(inner, _input)} if _each(inner, _input) else {}
    return {} if part.get("type") == 10 else wrong("UNION_TYPE_CHOICES", "Not in a modal")


def _input(field: Json, *, labelled: bool = False) -> Json:
    if field.get("type") != 4:
        return _select(field) if field.get("type") in {3, 5, 6, 7, 8} else {}
    errors: Json = {}
    _put(errors, "custom_id", _length(field.get("custom_id"), 1, 100))
    _put(errors, "placeholder", _length(field.get("placeholder") or "", 0, 100))
    _put(errors, "value", _length(field.get("value") or "", 0, 4000))
    if not labelled:
        _put(errors, "label", _length(field.get("label"), 1, 45))
    return errors


# Commands


def _command(command: Json) -> Json:
    errors: Json = {}
    if command.get("type", 1) != 1:
        for key, name in _localised(command, "name"):
            _put(errors, key, _length(name, 1, 32))
        if command.get("description"):
            errors["description"] = wrong("APPLICATION_COMMAND_INVALID_DESCRIPTION", "Context menus have no description")
        return errors
    _described(errors, command)
    _put(errors, "options", _options(command.get("options") or []))
    if not errors and _command_letters(command) > TOO_MANY_LETTERS:
        return wrong("APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (8000)")
    return errors


def _options(options: list[Json]) -> Json:
    if len(options) > 25:
        return _too_long(25)
    needed = [bool(each.get("required")) for each in options]
    if needed != sorted(needed, reverse=True):
        return wrong("APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options must be placed before others")
    if len({each["name"] for each in options}) < len(options):
        return wrong("APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists")
    return _each(options, _command_option)


def _command_option(option: Json) -> Json:
    errors: Json = {}
    _described(errors, option)
    choices = option.get("choices") or []
    if choices and option.get("autocomplete"):
        errors["autocomplete"] = wrong("APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES", "Not together with choices")
    _put(errors, "choices", _choices(choices))
    _put(errors, "options", _options(option.get("options") or []))
    return errors


def _described(errors: Json, thing: Json) -> None:
    """A name and a description, in every language."""
    for key, name in _localised(thing, "name"):
        if not COMMAND_NAME.fullmatch(str(name)) or str(name) != str(name).lower():
            errors[key] = wrong("APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    for key, text in _localised(thing, "description"):
        _put(errors, key, _length(text, 1, 100))
    for key in ("name_localizations", "description_localizations"):
        if strange := set(thing.get(key) or {}) - LOCALES:
            errors[key] = wrong("ENUM_TYPE_COERCE", f"Not locales: {sorted(strange)}")


def _choices(choices: Sequence[Json]) -> Json:
    return _too_long(25) if len(choices) > 25 else _each(choices, _choice)


def _choice(choice: Json) -> Json:
    errors: Json = {}
    for key, name in _localised(choice, "name"):
        _put(errors, key, _length(name, 1, 100))
    if isinstance(choice.get("value"), str):
        _put(errors, "value", _length(choice["value"], 1, 100))
    return errors


def _command_letters(thing: Json) -> int:
    """The letters of names, descriptions and values; of the languages, the longest counts."""
    own = sum(max(len(str(text)) for _, text in _localised(thing, key)) for key in ("name", "description") if key in thing)
    own += len(str(thing["value"])) if "value" in thing else 0
    return own + sum(_command_letters(each) for key in ("options", "choices") for each in thing.get(key) or [])


def _localised(thing: Json, key: str) -> list[tuple[str, Any]]:
    others = (thing.get(f"{key}_localizations") or {}).items()
    return [(key, thing.get(key)), *((f"{key}_localizations.{locale}", text) for locale, text in others)]


# The tree


def _each(things: Sequence[Json], check: Any) -> Json:
    found = ((str(place), check(thing)) for place, thing in enumerate(things))
    return {place: errors for place, errors in found if errors}


def _put(errors: Json, key: str, fault: Json) -> None:
    if fault:
        errors[key] = fault


def _inside(key: str, text: str, most: int) -> Json:
    return {key: _too_long(most)} if len(text) > most else {}


def _length(text: Any, least: int, most: int) -> Json:
    if text is None:
        return wrong("BASE_TYPE_REQUIRED", "This field is required")
    return {} if least <= len(str(text)) <= most else _between(least, most)


def _too_long(most: int) -> Json:
    return wrong("BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")


def _between(least: int, most: int) -> Json:
    return wrong("BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
