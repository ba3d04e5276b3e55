"""What rules need to know of coarse jobs: which runs they hold, and what stands for their files."""

import re

from snakemake.io import apply_wildcards
from snakemake.iocontainers import Wildcards

# Of a coarse job, Snakemake knows one file, that lists the others: see workflow/runs.py.
INDEX = {
    "predictions.nc": "index_predictions.json",
    "importance.tsv": "index_tables.json",
    "contrasts.tsv": "index_tables.json",
    "figure.svg": "index_figures.json",
    "figure.png": "index_figures.json",
}
OF_A_RUN = re.compile(r"(results/models/[^/]+/experiments/[^/]+)/[^/]+/([^/]+)")


def held(files):
    """Files as rules ask for them: with coarse jobs, the indices that hold those of runs."""
    if not study.coarse:
        return files
    parts = [(file, OF_A_RUN.fullmatch(file)) for file in files]
    return list(dict.fromkeys(f"{of[1]}/{INDEX[of[2]]}" if of else file for file, of in parts))


def listed(**files):
    """The files that a script reads by input name, where rules ask for an index."""
    return files if study.coarse else {}


def _filled(entries, wildcards):
    """Named entries of a rule for one run, functions called and wildcards filled in."""

    def fill(entry):
        if callable(entry):
            return entry(wildcards)
        # As Snakemake holds them, outputs carry the constraints of their wildcards.
        return apply_wildcards(str(entry), wildcards) if isinstance(entry, str) else entry

    named = entries.items() or enumerate(entries)
    return {
        name: [fill(part) for part in entry] if isinstance(entry, list) else fill(entry)
        for name, entry in named
    }


def single_runs(wildcards):
    """Name and wildcards of every run of a model on a null model."""
    for name in experiments_on(wildcards):
        named = {"model": wildcards.model, "null": wildcards.null, "experiment": name}
        yield name, Wildcards(fromdict=named)


def inputs_of(name):
    """A function to all input files of a rule's runs on a model and a null model."""
    entries = workflow.get_rule(name).input

    def files(wildcards):
        found = {}
        for _, single in single_runs(wildcards):
            for part in _filled(entries, single).values():
                found |= dict.fromkeys([part] if isinstance(part, str) else part)
        return held(found)

    return files


def plans_of(name):
    """A function to what a rule would do for each run on a model and a null model."""
    parts = {key: getattr(workflow.get_rule(name), key) for key in ("input", "output", "params")}

    def plans(wildcards):
        return [
            {"name": name, **{key: _filled(part, single) for key, part in parts.items()}}
            for name, single in single_runs(wildcards)
        ]

    return plans
