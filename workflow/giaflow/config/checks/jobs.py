"""Whether a study can be cut into jobs as it asks."""


def job_faults(study):
    """Coarse jobs where they cannot be, and experiments that cannot be cut into shards."""
    if study.coarse and study.calibration:
        text = "coarse jobs cannot be held against known truths; allowed with calibration: fine"
        yield ("jobs", "grain"), text
    asked, where = study.jobs.experiment_shards, ("jobs", "experiment_shards")
    if study.coarse and any(study.jobs.shards(name) > 1 for name in study.experiments):
        yield where, "coarse jobs hold whole experiments; allowed with shards: `grain: fine`"
    for name, shards in asked.items() if isinstance(asked, dict) else ():
        if name not in study.experiments or shards == 1:
            continue
        if study.experiments[name].half_width is not None:
            yield (*where, name), f"{name!r} cannot be cut: `half_width` looks at all backgrounds"
        elif study.experiments[name].searches:
            yield (*where, name), f"{name!r} cannot be cut: its search looks at all backgrounds"
