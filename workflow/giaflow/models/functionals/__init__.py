"""Functionals: how the outputs of a network become the one number that a study reads.

A functional is one file here plus its name in `REGISTRY`. The file holds

    Settings                                a pydantic model of its options, the heads among them
    UNIT                                    what it is measured in
    heads(settings)                         names of the heads that it reads
    read(ops, heads, settings)              their arrays by name -> values (N,)

and, only where something must be known of the network first,

    prepare(settings, ask, length, rng)     settings with that filled in; ask(codes (N, L)) gives
                                            the arrays of the heads

A head is (N, L, C) by position or (N, C) without. `ops` is numpy where a plan runs and keras.ops
where the network itself does, which then also has its gradient. What is prepared is recorded when a
model is imported, so that every later job reads at the same place.
"""

from dataclasses import dataclass
from functools import partial

from giaflow.base.checks import InputError, check_name
from giaflow.base.registry import Registry

REGISTRY = Registry(
    "functional",
    "giaflow.models.functionals",
    (
        "column", "position", "logit", "log_counts", "counts_at_summit", "window_counts",
        "profile_distance", "wn",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """A target as a function of heads.

    Attributes
    ----------
    name : str
        Of the target.
    functional : str
        Name in `REGISTRY`.
    settings : giaflow.base.settings.Settings
        Those of the functional.
    """

    name: str
    functional: str
    settings: object

    @property
    def heads(self):
        """Names of the heads that are read."""
        return REGISTRY.load(self.functional).heads(self.settings)

    @property
    def read(self):
        """Function (ops, heads) to values (N,)."""
        return partial(REGISTRY.load(self.functional).read, settings=self.settings)

    def prepared(self, ask, length, rng):
        """The same reading with everything it must know of the network."""
        module = REGISTRY.load(self.functional)
        if not hasattr(module, "prepare"):
            return self
        try:
            found = module.prepare(self.settings, ask, length, rng)
        except InputError as error:
            raise InputError(f"target {self.name!r}: {error}") from None
        return Reading(self.name, self.functional, found)

    def dumped(self):
        """JSON values from which `readings` makes it again."""
        return {"functional": self.functional, "settings": self.settings.model_dump(mode="json")}


def readings(targets):
    """Readings of targets: dict of name to ``functional`` and ``settings`` as JSON values."""
    return [
        Reading(
            name,
            chosen["functional"],
            REGISTRY.load(chosen["functional"]).Settings(**chosen["settings"]),
        )
        for name, chosen in targets.items()
    ]


def check_heads(wanted, shapes):
    """Raise `InputError` unless the readings fit the heads of a network.

    Parameters
    ----------
    wanted : list of Reading
    shapes : dict of str to tuple
        Head to its axes without the sequences: (L, C) or (C,).
    """
    for one in wanted:
        where = f"target {one.name!r} ({one.functional})"
        for head in one.heads:
            check_name(head, tuple(shapes), f"model output of {where}")
        by_position = getattr(REGISTRY.load(one.functional), "PROFILE", "")
        if by_position and len(shapes[getattr(one.settings, by_position)]) != 2:
            head = getattr(one.settings, by_position)
            raise InputError(
                f"{where} reads output {head!r} by position, but it has axes {shapes[head]} per "
                "sequence; (length, strands) are needed"
            )
        check = getattr(REGISTRY.load(one.functional), "check", None)
        if check:
            try:
                check(one.settings, shapes)
            except InputError as error:
                raise InputError(f"{where}: {error}") from None
