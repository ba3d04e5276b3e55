"""The base of every settings class: frozen, strict about types, and closed to unknown keys."""

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Settings of one plug-in or config section.

    Field descriptions become the key table of config/README.md; unknown keys are errors.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True
    )
