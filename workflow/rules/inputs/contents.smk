"""Which files come from outside results/, and what they hold: rules depend on their content."""

import atexit
import json

from giaflow.io.contents import Contents
from giaflow.io.files import write_json

CONTENTS = Contents("results/logs/.contents")
# What the run began with, for its jobs on other machines.
BEGAN_WITH = "results/logs/.inputs"


def _texts(value):
    """Every text in a raw configuration."""
    if isinstance(value, dict):
        value = value.values()
    elif isinstance(value, str):
        return {value}
    elif not isinstance(value, list):
        return set()
    return set().union(*map(_texts, value))


# A file below results/ that the config names belongs to the user, too.
NAMED = _texts(config) | {model.path for model in study.models.values()}
# Folders whose files are not the user's, unless the config names them.
APART = ("results/", f"{os.path.relpath(workflow.basedir)}/", f"{workflow.basedir}/")
# Files that were read by now, as no job reads them: motif files and tables of models.
READ = [one.file for one in study.patterns.values() if getattr(one, "file", None)]
READ += [
    entry["each"]
    for entry in config["models"].values()
    if isinstance(entry, dict) and isinstance(entry.get("each"), str)
]


def is_given(file):
    """Whether a file is the user's: neither made below results/ nor a part of this workflow."""
    return file in NAMED or not os.path.normpath(file).startswith(APART)


def began_with(file):
    """SHA-256 of a file as it was when the run began to need it; None if it cannot be read.

    The config carries it to the jobs, where it reruns nothing.
    """
    known = config["content"]
    if file not in known:
        known[file] = CONTENTS.digest(file)
    return known[file]


def content_of(*entries):
    """A function to the SHA-256 of every file that inputs of a rule take from outside results/.

    As a parameter of the rule it has the rule rerun where a file has another content, whatever its
    date. It must not ask Snakemake for `input`: parameters that follow from it rerun nothing.

    Parameters
    ----------
    *entries : callable or list of str
        Input functions and files, as the rule has them.
    """

    def digests(wildcards):
        files = {}
        for entry in entries:
            some = entry(wildcards) if callable(entry) else entry
            files |= dict.fromkeys([some] if isinstance(some, str) else some)
        return [began_with(file) for file in files if is_given(file)]

    return digests


def remember_contents():
    """Tell jobs on other machines what this run began with, and later runs what was found."""
    for job in workflow.dag.needrun_jobs():
        for file in filter(is_given, map(str, job.input)):
            began_with(file)
    write_json(config["content"], BEGAN_WITH)
    CONTENTS.save()


def read_contents():
    """What the run of this job began with."""
    try:
        with open(BEGAN_WITH) as stream:
            return json.load(stream)
    except (OSError, ValueError):
        return {}


def unchanged(files):
    """SHA-256 of files that are read whenever the workflow is, in every job of a run too."""
    for file in files:
        if CONTENTS.digest(file) != began_with(file):
            raise WorkflowError(f"\n{file} changed since this run began; run the workflow again")
    return {file: began_with(file) for file in files if began_with(file)}


config["content"] = {} if workflow.is_main_process else read_contents()
READ_CONTENTS = unchanged(READ)
if workflow.is_main_process:
    # After a dry run and a run with nothing to do, too.
    atexit.register(CONTENTS.save)
