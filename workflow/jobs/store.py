"""Results of expensive steps, shared between work directories and users (`store:` in the config).

A script whose last line is ``run(stored(main), snakemake)``, or ``run(each(stored(main)),
snakemake)`` for coarse jobs, computes only what the store does not have. The store is no
parameter of a rule: to change it reruns nothing.
"""

import functools
import os
import platform
from pathlib import Path

import giaflow
from giaflow.base.code_digest import tree_digest
from giaflow.base.versions import versions
from giaflow.io.files import sha256
from giaflow.io.hardware import cards, processor
from giaflow.io.store import Damaged, Store, key
from jobs import run as job

# What computes or writes in every step; a rule's `software` names the rest.
SOFTWARE = ("h5netcdf", "h5py", "llvmlite", "numba", "numpy", "pandas", "scipy", "xarray")
# Set by users, these change how a processor or a graphics card adds up.
SWITCHES = (
    "NPY_DISABLE_CPU_FEATURES",
    "NUMBA_CPU_NAME",
    "NVIDIA_TF32_OVERRIDE",
    "OPENBLAS_CORETYPE",
    "TF_ENABLE_ONEDNN_OPTS",
    "XLA_FLAGS",
)


def stored(main):
    """A script's main function that takes its outputs from the store where it has them.

    Parameters
    ----------
    main : callable
        (input, output, params, threads); ``params`` holds ``code`` and ``software``.

    Returns
    -------
    callable
        The same.
    """

    def run(input, output, params, threads):
        question = _question(input, output, params)
        if question and _taken(question, list(output)):
            return
        main(input, output, params, threads)
        if question and _question(input, output, params) == question:
            _keep(question, list(output))
        elif question:
            job.log.warning("not kept in the store: the code or an input changed while this ran")

    return run


def _question(input, output, params):
    """What the store is asked; None if it is not asked at all."""
    # The parts of a whole were kept one by one: to gather them again costs nothing.
    if job.store is None or dict(input.items()).get("parts"):
        return None
    # The rule's `code` was taken when the run began.
    if tree_digest() != job.store["code"]:
        job.log.warning("the store is not used: the code changed since this run began")
        return None
    return asked_of(input, output, params)


def _taken(question, files):
    """Whether the store had the files; what is wrong with it costs no more than a warning."""
    store, name = opened(job.store["folder"], job.store["max_gb"]), key(question)
    try:
        found = store.take(question, files)
    except Damaged as damage:
        job.log.warning("not in the store: key %s is damaged (%s)", name, damage)
    except OSError as error:
        job.log.warning("the store %s cannot be read: %s", store.folder, error.strerror)
    else:
        job.log.info("%s the store: key %s", "from" if found else "not in", name)
        return found
    return False


def _keep(question, files):
    """Put the files into the store, if that can be."""
    store = opened(job.store["folder"], job.store["max_gb"])
    try:
        if not store.keep(question, files):
            job.log.warning("not kept in the store: max_gb leaves no room")
    except OSError as error:
        job.log.warning("the store %s cannot be written: %s", store.folder, error.strerror)


# A coarse job asks in every run.
@functools.cache
def opened(folder, max_gb):
    """The store of the config."""
    return Store(Path(folder).expanduser(), int(max_gb * 1e9))


def asked_of(input, output, params):
    """Everything that the bytes of a step's outputs depend on, as JSON values.

    Contents count, not names of files or folders. The order of files and of parameters counts, as
    that of a mapping may be the order of the rows it leads to.
    """
    digests, roles = {file: sha256(file) for file in input}, _roles(input)
    named = {file for files in roles.values() for file in files}
    return {
        "giaflow": giaflow.__version__,
        "inputs": {role: [digests[file] for file in files] for role, files in roles.items()},
        "unnamed": [digests[file] for file in input if file not in named],
        "outputs": [list(_roles(output)), [Path(file).name for file in output]],
        "params": dict(params.items()),
        "software": [f"python={platform.python_version()}", *versions(*SOFTWARE)],
        "machine": _machine(),
    }


def _roles(files):
    """Lists of files by name; what has no name is numbered in a coarse job."""
    return {
        role: [some] if isinstance(some, str) else list(some)
        for role, some in files.items()
        if not role.isdigit()
    }


@functools.cache
def _machine():
    """What of this computer, as this job sees it, may decide the last bits."""
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    seen = "all" if chosen is None else "none" if chosen in ("", "-1") else "some"
    return {
        "processor": processor(),
        "cards": [seen, *cards()] if cards() else [],
        "switches": {name: os.environ[name] for name in SWITCHES if name in os.environ},
    }
