"""A small study through a real SLURM: lost jobs, lack of memory, and the bytes of a local run."""

import subprocess
import time

import pytest
from cluster import Cluster, run, why_not
from conftest import STUDY, make_project, with_one_null

pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))

# Each job of a cluster costs seconds before it works: one null model, experiment and attribution.
SMALL = {key: value for key, value in with_one_null(STUDY).items() if key != "motifs"}
SMALL["attribution"] = {"sequences": {"peaks": 30}, "methods": [{"method": "saliency"}]}
SMALL["experiments"] = {"halves": STUDY["experiments"]["halves"]}
# Too little for TensorFlow when first tried; enough, with what Snakemake takes, the second time.
STARVED = "attribution:mem_mb=500 + 2500 * (attempt - 1)"
SECONDS = 1200


def wait_for(condition, process):
    """The first true answer while a process runs."""
    deadline = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.5)
    raise AssertionError("the run ended before what was waited for")


def made(project):
    """Bytes of every result but what tells times: logs, benchmarks, report and their hashes."""
    folder, times = (
        project.folder / "results",
        ("logs", "benchmarks", "report.html", "manifest.json"),
    )
    files = (path for path in folder.rglob("*") if path.is_file())
    named = {str(path.relative_to(folder)): path for path in files}
    return {
        name: path.read_bytes()
        for name, path in named.items()
        if name.partition("/")[0] not in times
    }


def of(jobs, rule):
    """The SLURM jobs of a rule, first try first."""
    return [job for job in jobs if job["Comment"].startswith(f"rule_{rule}")]


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    """The small study, run on a cluster; its training is cancelled once: project, jobs, output.

    A second project, in which nothing was run yet, holds the same code whoever edits it meanwhile.
    """
    folder = tmp_path_factory.mktemp("slurm")
    project, local = (make_project(folder / name, SMALL) for name in ("project", "local"))
    log = project.folder / "output.txt"
    command = [
        *("--profile", "workflow/profiles/slurm", "--default-resources", "slurm_partition=main"),
        *("--set-resources", STARVED, "train:gpu=1", "--slurm-init-seconds-before-status-checks=2"),
    ]
    with Cluster(tmp_path_factory.mktemp("cluster")) as cluster, log.open("w") as stream:

        def training():
            return [
                job["JobId"]
                for job in of(cluster.jobs(), "train")
                if job["JobState"] == "RUNNING" and (project.folder / "results/logs/train").exists()
            ]

        process = project.started(*command, stdout=stream, stderr=subprocess.STDOUT)
        try:
            run("scancel", *wait_for(training, process))
            process.wait(SECONDS)
        finally:
            process.terminate()
        output, jobs = log.read_text(), cluster.jobs()
    assert process.returncode == 0, output[-5000:]
    return project, jobs, output, local


def test_a_cancelled_job_is_tried_again(slurm):
    _, jobs, output, _ = slurm
    assert [job["JobState"] for job in of(jobs, "train")] == ["CANCELLED", "COMPLETED"]
    assert "Trying to restart job" in output


def test_a_job_out_of_memory_gets_more(slurm):
    _, jobs, *_ = slurm
    first, second = of(jobs, "attribution")
    assert first["JobState"] in ("FAILED", "OUT_OF_MEMORY") and second["JobState"] == "COMPLETED"
    assert (first["MinMemoryNode"], second["MinMemoryNode"]) == ("500M", "3000M")


def test_results_are_those_of_a_local_run_on_one_core(slurm):
    project, _, _, local = slurm
    done = local.snakemake("--cores", "1")
    assert done.returncode == 0, done.stderr[-3000:]
    local, mine = made(local), made(project)
    assert len(mine) > 30 and "models/small/attribution/saliency.nc" in mine
    assert set(mine) == set(local)
    different = [name for name in mine if mine[name] != local[name]]
    assert different == []
    assert project.planned() == set()


def test_short_jobs_share_one_and_cards_are_asked_for(slurm):
    _, jobs, *_ = slurm
    assert len(of(jobs, "statistics_figure_importance_positive_controls")) == 1
    assert all("gres:gpu:1" in job["TresPerJob"] for job in of(jobs, "train"))
    assert not any("TresPerJob" in job for job in of(jobs, "attribution"))
