"""What rules need to know of how a study is cut: coarse jobs of many runs, and shards of one."""

import re

from snakemake.iocontainers import Wildcards

# File of a run or of a null model -> what the index is called that stands for it in coarse jobs.
INDEX = {
    ("experiments", "predictions.nc"): "experiments",
    ("experiments", "importance.tsv"): "importance",
    ("experiments", "contrasts.tsv"): "importance",
    ("experiments", "figure.svg"): "figures",
    ("experiments", "figure.png"): "figures",
    ("nulls", "predictions.nc"): "null_predictions",
    ("nulls", "controls.tsv"): "positive_controls",
    ("nulls", "diagnostics.tsv"): "diagnostics",
    ("nulls", "positions.tsv"): "diagnostics",
    ("nulls", "quantiles.tsv"): "diagnostics",
    ("nulls", "diagnostics.svg"): "diagnostic_figures",
    ("nulls", "diagnostics.png"): "diagnostic_figures",
}
INDEXED = re.compile(r"(results/models/[^/]+)/(experiments|nulls)/(?:[^/]+/)+([^/]+)")
WILDCARD = re.compile(r"\{(\w+)[^}]*\}")


def held(files):
    """Files as rules ask for them: with coarse jobs, the indices that hold them."""
    if not study.coarse:
        return files
    if isinstance(files, str):
        of = INDEXED.fullmatch(files)
        index = of and INDEX.get((of[2], of[3]))
        return f"{of[1]}/index/{index}.json" if index else files
    return list(dict.fromkeys(map(held, files)))


def listed(**files):
    """The files that a script reads by input name, where rules ask for an index."""
    return files if study.coarse else {}


@cache
def _template(pattern):
    """A file pattern without the constraints of its wildcards, which Snakemake writes into it."""
    return WILDCARD.sub(r"{\1}", pattern)


def _filled(entries, wildcards):
    """Named entries of a rule for one run, functions called and wildcards filled in."""
    values = dict(wildcards.items())

    def fill(entry):
        if callable(entry):
            return entry(wildcards)
        return _template(str(entry)).format(**values) if isinstance(entry, str) else entry

    named = list(entries.items()) or enumerate(entries)
    return {
        str(name): [fill(part) for part in entry] if isinstance(entry, list) else fill(entry)
        for name, entry in named
    }


def singles(rule, model):
    """Name and wildcards of every job of a rule on a model, were jobs fine."""
    ran = "experiment" in workflow.get_rule(rule).wildcard_names
    for null in study.nulls:
        on = Wildcards(fromdict={"model": model, "null": null})
        names = experiments_on(on)
        for name in names if ran else []:
            named = {"model": model, "null": null, "experiment": name}
            yield f"{null}/{name}", Wildcards(fromdict=named)
        if names and not ran:
            yield null, on


def inputs_of(rule):
    """A function to all input files of a rule on a model."""
    entries = workflow.get_rule(rule).input

    def files(wildcards):
        found = {}
        for _, single in singles(rule, wildcards.model):
            for part in _filled(entries, single).values():
                found |= dict.fromkeys([part] if isinstance(part, str) else part)
        return held(found)

    return files


def plans_of(rule):
    """A function to what a rule would do for each run or null model of a model."""
    parts = {key: getattr(workflow.get_rule(rule), key) for key in ("input", "output", "params")}

    def plans(wildcards):
        return [
            {"name": name, **{key: _filled(part, single) for key, part in parts.items()}}
            for name, single in singles(rule, wildcards.model)
        ]

    return plans


def attribution_parts(wildcards):
    """Scores of all parts of the attributed sequences, if they are cut; else one job does all."""
    shards = study.jobs.attribution_shards
    if shards == 1:
        return []
    folder = f"results/models/{wildcards.model}/attribution/shards"
    return [
        f"{folder}/{part}_of_{shards}/{method}.nc"
        for part in range(1, shards + 1)
        for method in ATTRIBUTION_METHODS
    ]


def experiment_parts(wildcards):
    """Predictions of all parts of an experiment, if it is cut; else one job does all.

    An experiment that looks at all backgrounds before it knows what it predicts is never cut.
    """
    name = wildcards.experiment
    shards = study.jobs.shards(name)
    looks = half_width(wildcards) is not None or study.experiments[name].searches
    if shards == 1 or looks or study.coarse:
        return []
    folder = RUN.format(**dict(wildcards.items()))
    return [f"{folder}/shards/{part}_of_{shards}.nc" for part in range(1, shards + 1)]
