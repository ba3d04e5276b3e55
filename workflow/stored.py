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
import job
from giaflow.io.files import sha256
from giaflow.io.machine import cards, processor
from giaflow.io.store import Damaged, Store, key
from giaflow.software import versions

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

    def asked(input, output, params, threads):
        # The parts of a whole were kept one by one: to gather them again costs nothing.
        if job.store is None or dict(input.items()).get("parts"):
            main(input, output, params, threads)
            return
        store, question = opened(**job.store), asked_of(input, output, params)
        files, name = list(output), key(question)
        try:
            if store.take(question, files):
                job.log.info("from the store: key %s", name)
                return
            job.log.info("not in the store: key %s", name)
        except Damaged as damage:
            job.log.warning("not in the store: key %s is damaged (%s)", name, damage)
        except OSError as error:
            job.log.warning("the store %s cannot be read: %s", store.folder, error.strerror)
        main(input, output, params, threads)
        try:
            if not store.keep(question, files):
                job.log.warning("not kept in the store: max_gb leaves no room")
        except OSError as error:
            job.log.warning("the store %s cannot be written: %s", store.folder, error.strerror)

    return asked


# A coarse job asks in every run.
@functools.cache
def opened(folder, max_gb):
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
