"""Where results of expensive steps are shared between work directories and users."""

from pathlib import PurePath

from pydantic import Field, field_validator

from giaflow.base.settings import Settings


class Store(Settings):
    """A store of expensive results, shared by work directories and users. It changes no result."""

    folder: str = Field(min_length=1)
    """Folder of the store, which all jobs must see; made if the folder that it lies in exists. `~`
    is your home. Results of whoever may write there are trusted."""
    max_gb: float = Field(50, gt=0, allow_inf_nan=False)
    """Bound of its size (GB); what was used least recently is removed first."""

    @field_validator("folder")
    @classmethod
    def _outside_results(cls, folder):
        if PurePath(folder).parts[:1] == ("results",):
            raise ValueError(
                f"{folder!r} lies in results/, which belongs to one study; name a folder outside"
            )
        return folder
