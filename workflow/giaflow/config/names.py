"""What all parts of the configuration are made of: names, and unions of plug-ins."""

from typing import Annotated, Literal, Union

from pydantic import Field, StringConstraints, create_model

# Names become parts of paths: nothing that could leave the results folder or confuse a shell.
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]


def one_of(registry, key, base):
    """The union of a registry's plug-ins: `base` plus ``<key>: <name>`` and its ``settings``."""
    members = []
    for name in registry.names:
        settings = registry.load(name).Settings
        required = any(field.is_required() for field in settings.model_fields.values())
        default = ... if required else Field(default_factory=settings)
        members.append(
            create_model(
                f"{registry.package.rpartition('.')[2]}.{name}",
                __base__=base,
                # These have no docstrings of their own, for which pydantic would search long.
                __cls_kwargs__={"use_attribute_docstrings": False},
                **{key: (Literal[name], ...), "settings": (settings, default)},
            )
        )
    if len(members) == 1:
        return members[0]
    return Annotated[Union[tuple(members)], Field(discriminator=key)]  # noqa: UP007
