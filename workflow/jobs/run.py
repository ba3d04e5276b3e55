"""What every script of workflow/scripts/ shares: logging, errors, progress, provenance.

A script defines ``main(input, output, params, threads)`` and ends with ``run(main, snakemake)``.
"""

import errno
import logging
import os
import shutil
import sys
from pathlib import Path

from tqdm import tqdm

import giaflow
from giaflow.base.checks import InputError
from giaflow.io import run_lock
from giaflow.io.contents import Changed, Watch
from giaflow.io.files import check_before_renames, sha256
from giaflow.io.manifest import write_record

RESULTS = "results"
# Below it, what common.smk remembers of input files.
CONTENTS = "logs/.contents"
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
log = logging.getLogger("giaflow")
terminal = sys.stderr
# The section of the config, for jobs/store.py; no parameter of a rule, as no result depends on it.
store = None
# Digests of the input files from outside results/, as they were when the run began.
given = {}


def run(main, snakemake):
    """Run a script's main function as a Snakemake job.

    Everything printed, by TensorFlow's C++ too, goes to the rule's log. A mistake in what the
    user gave ends in one sentence on the terminal, any other fault in a traceback in the log;
    both end the job with an error.
    """
    global store
    config = snakemake.config
    given.update(
        {
            file: config["content"][file]
            for file in snakemake.input
            if config.get("content", {}).get(file)
        }
    )
    store, where = config["store"], str(snakemake.log[0])
    _send_output_to(where)
    log.info(
        "rule %s, giaflow %s, %d threads", snakemake.rule, giaflow.__version__, snakemake.threads
    )
    # Should this job outlive its run, it may not write over what the next run makes.
    token = run_lock.token(RESULTS)
    check_before_renames(lambda: run_lock.check_token(RESULTS, token))
    try:
        check_before_renames(Watch(given).check)
        main(snakemake.input, snakemake.output, snakemake.params, snakemake.threads)
        params = dict(snakemake.params.items())
        record = Path(where).with_suffix(".json")
        version, outputs = giaflow.__version__, list(snakemake.output)
        write_record(record, snakemake.rule, outputs, version, params, given)
    except Changed as error:
        # Should what is remembered of the file be wrong, the next run must not rely on it.
        (Path(RESULTS) / CONTENTS).unlink(missing_ok=True)
        _stop(snakemake.rule, error)
    except InputError as error:
        _stop(snakemake.rule, error)
    except MemoryError:
        _stop(
            snakemake.rule,
            f"out of memory; it asked for {snakemake.resources.get('mem_mb', 'no')} MB, "
            f"--set-resources {snakemake.rule}:mem_mb=... asks for more",
        )
    except Exception as error:
        if isinstance(error, OSError) and error.errno in FULL:
            free = shutil.disk_usage(RESULTS).free // 10**6
            _stop(
                snakemake.rule,
                f"{error.strerror}: {free} MB are free where {RESULTS} is; free some space and "
                "start again",
            )
        log.exception("rule %s failed", snakemake.rule)
        words = (str(error).strip().splitlines() or ["no message"])[0][:300]
        _stop(snakemake.rule, f"{type(error).__name__}: {words} (see {where})")
    log.info("done")


def warn(text):
    """Say what a person should know, on the terminal and in the log; the job goes on."""
    log.warning("%s", text)
    terminal.write(f"WARNING: {text}\n")


def _stop(rule, reason):
    """End the job with one sentence, in the log and on the terminal."""
    log.error("%s", reason)
    terminal.write(f"ERROR in rule {rule}: {reason}\n")
    sys.exit(1)


def _send_output_to(path):
    """Point standard output and error of this process at a log file; keep the terminal aside."""
    global terminal
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    terminal = os.fdopen(os.dup(2), "w", buffering=1)
    # A new file: a job of a killed run may still write to the old one.
    Path(path).unlink(missing_ok=True)
    with Path(path).open("w") as stream:
        os.dup2(stream.fileno(), 1)
        os.dup2(stream.fileno(), 2)
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    logging.captureWarnings(True)


def provenance(input, params):
    """What a result was made from: hashes of its input files, parameters, versions.

    Threads, paths and times are left out: they change nothing in the result. A file from outside
    results/ has the hash of what the job read: if it changes, the job ends without a result.
    """
    inputs = {}
    for name, files in input.items():
        files = [files] if isinstance(files, str) else list(files)
        inputs[name] = [given.get(file) or sha256(file) for file in files]
    return {"giaflow": giaflow.__version__, "inputs": inputs, "params": dict(params.items())}


def bar(iterable, total=None, unit="it"):
    """A progress bar on a terminal, nothing elsewhere."""
    return tqdm(
        iterable, total=total, unit=unit, leave=False, file=terminal, disable=not terminal.isatty()
    )
