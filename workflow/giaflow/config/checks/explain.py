"""What pydantic says of a configuration, in our words: what is known, what is nearest."""

import types
import typing

from giaflow.base.checks import nearest
from giaflow.config import Study


def _descend(annotation, step):
    """The annotation one step of a pydantic location further, and whether the step is a key."""
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if step == "[key]":
        # pydantic's mark that a mapping's key is at fault, not its value.
        return annotation, False
    if origin is typing.Annotated:
        return _descend(args[0], step)
    if origin in (typing.Union, types.UnionType):
        members = _members(annotation)
        if len(members) == 1:
            return _descend(members[0], step)
        # pydantic names the chosen member of a union, or the type, in the location;
        # that step is not a key.
        return next((m for m in members if _chosen(m, step)), annotation), False
    if origin in (dict, list):
        return args[-1], True
    fields = getattr(annotation, "model_fields", {})
    return (fields[step].annotation if step in fields else None), True


def _members(annotation):
    """The annotations that one may be of: several of a union, and not None."""
    union = typing.get_origin(annotation) in (typing.Union, types.UnionType)
    found = typing.get_args(annotation) if union else [annotation]
    return [member for member in found if member is not type(None)]


def _chosen(member, step):
    """Whether a member of a union is a plug-in of that name, has that tag, or is the mapping."""
    if typing.get_origin(member) is dict:
        return str(step).startswith("dict[")
    tags = [getattr(each, "tag", None) for each in getattr(member, "__metadata__", ())]
    return step in tags or getattr(member, "__name__", "").endswith(f".{step}")


def explanations(faults):
    """Key path and sentence of each pydantic error; a number or a word is one choice, no two.

    Nor are a number and a mapping: of these only what the value is nearer to is told.
    """
    # Where a whole number is one of several choices.
    numbers = {fault["loc"][:-1] for fault in faults if str(_last(fault)).endswith("int")}
    words = {
        fault["loc"][:-1]: fault["ctx"]["expected"]
        for fault in faults
        if fault["type"] == "literal_error" and str(_last(fault)).startswith("literal[")
    }
    # Where a mapping is another.
    mappings = {
        fault["loc"][:at]
        for fault in faults
        for at, step in enumerate(fault["loc"])
        if str(step).startswith("dict[")
    }
    numbers &= mappings
    found = []
    for fault in faults:
        place = fault["loc"][:-1]
        if place in words and str(_last(fault)).startswith("literal["):
            continue
        step, mapping = str(_last(fault)), isinstance(fault["input"], dict)
        if place in numbers and (step.endswith("int") if mapping else step.startswith("dict[")):
            continue
        path, text = _explain(fault)
        found.append((path, f"{text}; or {words[place]}" if place in words else text))
    return found


def _last(fault):
    """The last step to a fault; a fault of the whole study has none."""
    return fault["loc"][-1] if fault["loc"] else ""


def _explain(fault):
    """The key path and the sentence of one pydantic error."""
    path, annotation, holder = (), Study, Study
    for step in fault["loc"]:
        holder = _members(annotation)[0]
        annotation, is_key = _descend(annotation, step)
        path += (step,) if is_key else ()
    kind, value, context = fault["type"], fault["input"], fault.get("ctx", {})
    if kind == "extra_forbidden":
        known = sorted(holder.model_fields)
        listed = ", ".join(known) or "none"
        return path, f"unknown key {path[-1]!r}; known are {listed}{nearest(path[-1], known)}"
    if kind == "missing":
        return path, f"the key {path[-1]!r} is required"
    if kind.startswith("union_tag"):
        word = context["discriminator"].strip("'")
        if kind == "union_tag_not_found":
            return (*path, word), f"the key {word!r} is required"
        tag, known = context["tag"], context["expected_tags"].replace("'", "").split(", ")
        return (
            *path,
            word,
        ), f"unknown {word} {tag!r}; known are {', '.join(known)}{nearest(tag, known)}"
    if kind == "literal_error" and path[-1:] == ("kind",):
        return path, f"unknown kind {value!r}; known are {context['expected']}"
    if kind == "invalid_key":
        why = ""
        if isinstance(value, bool):
            why = f"; YAML reads {'on and yes' if value else 'off and no'} so: write it in quotes"
        return path[:-1], f"a key must be a word, got {value!r}{why}"
    if kind == "string_pattern_mismatch":
        return path, f"{value!r} is not a name: 1 to 64 letters, digits, '_', '.' or '-'"
    text = fault["msg"].removeprefix("Value error, ")
    named = isinstance(value, (dict, list)) or repr(value) in text
    shown = "" if named else f", got {value!r}"
    if kind == "string_type" and isinstance(value, (int, float)):
        shown += "; put it in quotes"
    if kind in ("int_type", "float_type") and isinstance(value, str) and _is_number(value):
        shown += ": YAML reads that as text; write it in full, without quotes"
    return path, text[:1].lower() + text[1:] + shown


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True
