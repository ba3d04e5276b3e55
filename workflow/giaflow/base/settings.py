"""The base of every settings class: frozen, strict about types, and closed to unknown keys."""

from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)

from giaflow.base.checks import check_text

# No count, length or position of a study is larger.
MOST = 1_000_000_000

# The first position of a stretch and the one after its last.
Window = Annotated[list[int], Field(min_length=2, max_length=2)]


class Settings(BaseModel):
    """Settings of one plug-in or config section.

    Field descriptions become the key table of config/README.md; unknown keys are errors.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True
    )

    @model_validator(mode="before")
    @classmethod
    def _no_control_characters(cls, values):
        """Refuse what YAML can write as ``"\\e"``: texts end in tables, figures and logs."""
        if isinstance(values, dict):
            for key, value in values.items():
                texts = value if isinstance(value, list) else [value]
                for text in texts:
                    if isinstance(text, str):
                        check_text(text.replace("\n", " "), f"the value of {key}")
                    if isinstance(text, int) and abs(text) > MOST and key != "seed":
                        raise ValueError(f"{key}: {text} is too large; at most {MOST:,}")
        return values


def _found(path, info: ValidationInfo):
    find = (info.context or {}).get("find")
    return path if find is None else find(path)


# A file of the user's: sought from the working directory, then beside the config file.
File = Annotated[str, AfterValidator(_found)]
