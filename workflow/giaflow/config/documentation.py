"""The JSON schema and the key table of the configuration, made from its pydantic models."""

import json
import types
import typing

from pydantic_core import PydanticUndefined

from giaflow.config import Study

START, END = "<!-- keys: start (make docs) -->", "<!-- keys: end -->"


def schema_text():
    """The JSON schema of a configuration, for editors and for `config/schema.json`."""
    return json.dumps(Study.model_json_schema(), indent=2) + "\n"


def _word(annotation):
    """A type in a reader's words."""
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _word(args[0])
    if origin in (typing.Union, types.UnionType):
        words = [_word(arg) for arg in args if arg is not type(None)]
        return " or ".join(dict.fromkeys(words)) + (" or null" if type(None) in args else "")
    if origin is typing.Literal:
        return " or ".join(f"`{arg}`" for arg in args)
    if origin is dict:
        return f"mapping of name to {_word(args[1])}"
    if origin is list:
        return f"list of {_word(args[0])}"
    plain = {int: "whole number", float: "number", str: "text", bool: "true or false"}
    return plain.get(annotation, "section")


def _default(field):
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined or hasattr(value, "model_dump"):
        return ""
    return f"`{json.dumps(value)}`"


def _members(annotation):
    """The settings classes directly inside an annotation, and the path to them."""
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if hasattr(annotation, "model_fields"):
        yield "", annotation
    elif origin is dict:
        yield from ((f".*{path}", member) for path, member in _members(args[1]))
    elif origin is list:
        yield from ((f"[]{path}", member) for path, member in _members(args[0]))
    else:
        for arg in args:
            yield from _members(arg)


def _tag(model):
    """Key and value by which a plug-in is chosen, such as ("kind", "spacing"), or None."""
    for name, field in model.model_fields.items():
        values = typing.get_args(field.annotation)
        if typing.get_origin(field.annotation) is typing.Literal and len(values) == 1:
            return name, values[0]
    return None


def _shared(members):
    """Names of the keys that all plug-ins of a union inherit from their common base."""
    bases = {member.__base__ for member in members}
    return set(bases.pop().model_fields) if len(members) > 1 and len(bases) == 1 else set()


def _rows(model, prefix, without=()):
    """(key, type, default, meaning) of every key below a settings class."""
    for name, field in model.model_fields.items():
        if name in without or (_tag(model) and name == _tag(model)[0]):
            continue
        key, meaning = f"{prefix}{name}", " ".join((field.description or "").split())
        if meaning:
            yield key, _word(field.annotation), _default(field), meaning
        members = list(_members(field.annotation))
        tags = [_tag(member) for _, member in members]
        if members and tags[0]:
            choices = " or ".join(f"`{value}`" for _, value in tags)
            yield (
                f"{key}{members[0][0]}.{tags[0][0]}",
                choices,
                "required",
                "Which plug-in is used.",
            )
        shared = _shared([member for _, member in members]) if members and tags[0] else set()
        if shared:
            yield from _rows(members[0][1].__base__, f"{key}{members[0][0]}.")
        for (path, member), tag in zip(members, tags, strict=True):
            chosen = f"({tag[0]}: {tag[1]})" if tag else ""
            yield from _rows(member, f"{key}{path}{chosen}.", shared)


def key_table():
    """The table of all keys as Markdown, between its two marks."""
    lines = ["| key | type | default | meaning |", "|---|---|---|---|"]
    for row in _rows(Study, ""):
        lines.append("| " + " | ".join((f"`{row[0]}`", *row[1:])).replace("\n", " ") + " |")
    return "\n".join([START, *lines, END])


def with_key_table(text):
    """A README's text with its key table made anew."""
    before, _, rest = text.partition(START)
    return before + key_table() + rest.partition(END)[2]
