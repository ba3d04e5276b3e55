"""Many runs in one job: the same script, run by run, with an index of what it made.

A study of thousands of runs cannot have a job, nor even an output that Snakemake knows, for each
file of each run: 55,000 outputs take it minutes to look at. A coarse job therefore declares one
index, written last, that holds the hash of every file it made. A later job reads the index as its
input, and checks that each file it reads is the one in the index.
"""

import os
from pathlib import Path

from giaflow.base.checks import InputError
from giaflow.io.files import read_json, sha256, write_json
from jobs.run import log


class Named(list):
    """Values by name, and all files in a row, as scripts know them from Snakemake."""

    def __init__(self, named):
        parts = (part if isinstance(part, list) else [part] for part in named.values())
        super().__init__(one for part in parts for one in part)
        self._named = named

    def __getattr__(self, name):
        try:
            return self._named[name]
        except KeyError:
            raise AttributeError(name) from None

    def items(self):
        """Names and values."""
        return self._named.items()


def each(main):
    """A script's main function for one run, and for a job of many runs.

    Parameters
    ----------
    main : callable
        (input, output, params, threads).

    Returns
    -------
    callable
        The same. Of ``params`` it takes away ``runs``, a list of ``input``, ``output`` and
        ``params`` to call `main` with in turn, and ``files``, input name to the files which
        indices among the inputs stand for.
    """

    def whole(input, output, params, threads):
        given = dict(params.items())
        plans, files = given.pop("runs", None), given.pop("files", {})
        indices = [file for file in input if Path(file).parent.name == "index"]
        known = {file: digest for index in indices for file, digest in read_json(index).items()}
        direct = set(input)
        if plans is None:
            _check([file for some in files.values() for file in some], known)
            main(Named({**dict(input.items()), **files}), output, Named(given), threads)
            return
        made = {}
        for plan in plans:
            log.info("run %s", plan["name"])
            inputs = Named(plan["input"])
            # What is in no index is an input that Snakemake knows of.
            _check([file for file in inputs if file not in direct], known)
            main(inputs, Named(plan["output"]), Named(plan["params"]), threads)
            for file in plan["output"].values():
                made[file] = sha256(file)
                # Snakemake does not know of this file: should it be asked for it one day, with
                # `jobs.grain: fine`, it shall not take it for up to date.
                os.utime(file, (0, 0))
        write_json(made, output[0])

    return whole


def _check(files, known):
    """Raise `InputError` if a file is not the one that an index holds the hash of."""
    for file in files:
        if file not in known or sha256(file) != known[file]:
            model = "/".join(Path(file).parts[:3])
            raise InputError(
                f"{file} is not the file that was made: it was changed or removed since; "
                f"remove {model}/index and run the workflow again"
            )
