"""Whether null models are given what they need, and nothing that they do not read."""

from giaflow import nulls

# What a null model may be given under `inputs` for each array that it needs: the keys that serve,
# all of one set or all of another, and those that may be added.
_SUPPLY = {
    "windows": ([{"genome"}], {"avoid"}),
    "candidates": ([{"fasta"}, {"genome", "regions"}], {"coordinates", "center"}),
    "values": ([{"values"}], set()),
    "predictions": ([{"model", "target"}], set()),
}


def ill_supplied(name, null):
    """A null model that lacks what its kind needs, or is given what it does not read."""
    module = nulls.REGISTRY.load(null.kind)
    needed = module.needs(null.settings) if hasattr(module, "needs") else ()
    if getattr(null.settings, "by", "") == "prediction":
        needed = ("predictions",)
    ways = {"coordinates", "center"}
    given = {key for key, value in null.inputs if value and key not in ways}
    given |= null.inputs.model_fields_set & ways
    choices, extra = [set()], {"target"} if null.options.band else set()
    for array in needed:
        choices, more = _SUPPLY[array]
        extra = extra | more
    if any(keys <= given <= keys | extra for keys in choices):
        return
    where, kind = ("nulls", name, "inputs"), f"null model kind {null.kind!r}"
    wanted = " or ".join(" and ".join(sorted(keys)) for keys in choices)
    unread = sorted(given - set().union(*choices) - extra)
    if unread:
        serves = f"; it reads {wanted}" if wanted else ""
        yield (*where, unread[0]), f"{kind} with these settings does not read this key{serves}"
    else:
        yield where, f"{kind} with these settings needs inputs: {wanted}"
