"""What happens when a run of the study begins and when it ends. Not in its jobs, nor in dry runs."""

import atexit
import time

from giaflow.io import run_lock as lock
from giaflow.io.failures import failures

THIS_RUN = {"token": None, "since": 0.0}


def enter_run():
    """Lock results/, tidy up after a killed run, and refuse files dated in the future."""
    try:
        THIS_RUN.update(token=lock.take("results"), since=time.time())
        lock.sweep("results")
        lock.check_dates(file for job in workflow.dag.needrun_jobs() for file in job.input)
        remember_contents()
    except InputError as error:
        leave_run()
        sys.exit(f"\nERROR: {error}")
    if config["store"]:
        warn_of_store()


def warn_of_store():
    """Say so if nothing can be put into the store; the jobs themselves say it in their logs."""
    from jobs.store import opened

    store = opened(config["store"]["folder"], config["store"]["max_gb"])
    if fault := store.fault():
        print(f"\nWARNING: nothing is kept in the store {store.folder}: {fault}")


def leave_run():
    lock.release("results", THIS_RUN["token"])


def say_why_at_the_end():
    """Say why jobs failed below all that Snakemake says, which ends after `onerror`."""
    reasons = failures("results/logs", THIS_RUN["since"]) if THIS_RUN["since"] else []
    if reasons:
        atexit.register(print, "\n" + "\n".join(reasons), file=sys.stderr)


onstart:
    enter_run()


onsuccess:
    leave_run()
    print(WHERE_TO_LOOK)


onerror:
    leave_run()
    say_why_at_the_end()
