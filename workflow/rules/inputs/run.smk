"""What happens when a run of the study begins and when it ends. Not in its jobs, nor in dry runs."""

import time

from giaflow.io import runs as lock

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
        raise WorkflowError(f"\n{error}") from None
    if config["store"]:
        warn_of_store()


def warn_of_store():
    """Say so if nothing can be put into the store; the jobs themselves say it in their logs."""
    from stored import opened

    store = opened(config["store"]["folder"], config["store"]["max_gb"])
    if fault := store.fault():
        print(f"\nWARNING: nothing is kept in the store {store.folder}: {fault}")


def leave_run():
    lock.release("results", THIS_RUN["token"])


def name_killed_jobs():
    """Say which jobs ended without a word, and what is the most likely reason."""
    for log in lock.unfinished("results/logs", THIS_RUN["since"]):
        print(
            f"\nERROR: the job of {log} was killed, by the system if not by you: most often for "
            "want of memory (--set-resources RULE:mem_mb=...) or of time. The same command goes on."
        )


onstart:
    enter_run()


onsuccess:
    leave_run()
    print(WHERE_TO_LOOK)


onerror:
    leave_run()
    name_killed_jobs()
