"""A real SLURM on this machine, for as long as a test needs it.

munge, slurmctld and two slurmd, started by hand as root: no systemd, cgroups or accounting. Their
state is in one folder and their ports are free ones. Two links outside it are needed, and removed
again: the SLURM plugin hands no SLURM_CONF to the step that runs a job, so the configuration must
stand where SLURM looks for it. Memory is enforced by polling: a job over its request is killed.
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

LINKS = (Path("/etc/slurm/slurm.conf"), Path("/etc/slurm/gres.conf"))
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel")
NODES, CPUS, SECONDS = 2, 4, 60

# Nodes promise more processors than there are: the test is about jobs, not about speed.
TEMPLATE = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
SlurmctldPort={control}
SlurmctldPidFile={folder}/slurmctld.pid
SlurmctldLogFile={folder}/slurmctld.log
StateSaveLocation={folder}/state
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmdSpoolDir={folder}/spool.%n
SlurmdLogFile={folder}/slurmd.%n.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
MailProg=/bin/true
PlugStackConfig={folder}/plugstack.conf
ReturnToService=2
KillWait=2
SchedulerParameters=sched_interval=1,sched_min_interval=0
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
MinJobAge=3600
GresTypes=gpu
{nodes}
PartitionName=main Nodes=ALL Default=YES MaxTime=300 DefaultTime=10 DefMemPerCPU=200 State=UP
"""
NODE = (
    "NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} "
    "CPUs={cpus} RealMemory={memory} Gres=gpu:1 State=UNKNOWN"
)


def why_not():
    """Why no cluster can be started here, or None."""
    if importlib.util.find_spec("snakemake_executor_plugin_slurm") is None:
        return "the environment has no snakemake-executor-plugin-slurm"
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        return f"SLURM is not installed (no {missing[0]}): apt-get install slurm-wlm munge"
    if os.geteuid():
        return "a test cluster is started by root"
    own = [str(link) for link in LINKS if os.path.lexists(link)]
    return f"this machine has a SLURM of its own ({own[0]})" if own else None


def free_ports(n):
    """Ports that nobody listens on now."""
    with contextlib.ExitStack() as stack:
        taken = [stack.enter_context(socket.socket()) for _ in range(n)]
        for one in taken:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in taken]


def run(*command):
    """Run a command; its output."""
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
    return done.stdout


class Cluster:
    """A started cluster.

    Parameters
    ----------
    folder : pathlib.Path
        Exists; takes the state, logs and process numbers of all daemons.
    """

    def __init__(self, folder):
        self.folder, self.names = folder, [f"n{i}" for i in range(1, NODES + 1)]

    def __enter__(self):
        try:
            self._start()
        except (AssertionError, OSError, RuntimeError) as error:
            self._stop()
            # No fault of the workflow: some machines let nobody start daemons.
            pytest.skip(f"SLURM does not start on this machine: {error}")
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *error):
        self._stop()

    def _write_configuration(self):
        host, (control, *ports) = socket.gethostname().partition(".")[0], free_ports(1 + NODES)
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        nodes = [
            NODE.format(name=name, host=host, port=port, cpus=CPUS, memory=memory)
            for name, port in zip(self.names, ports, strict=True)
        ]
        text = TEMPLATE.format(
            host=host, folder=self.folder, control=control, nodes="\n".join(nodes)
        )
        (self.folder / "slurm.conf").write_text(text)
        # No graphics card is touched: SLURM only counts this one.
        gpus = f"NodeName={','.join(self.names)} Name=gpu File=/dev/null\n"
        (self.folder / "gres.conf").write_text(gpus)
        (self.folder / "plugstack.conf").touch()
        for link in LINKS:
            link.parent.mkdir(exist_ok=True)
            link.symlink_to(self.folder / link.name)

    def _start(self):
        key = self.folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(128))
        run(
            "munged", "--force", f"--key-file={key}", f"--socket={self.folder}/munge.socket",
            f"--pid-file={self.folder}/munged.pid", f"--log-file={self.folder}/munged.log",
            f"--seed-file={self.folder}/munged.seed",
        )  # fmt: skip
        self._write_configuration()
        for name in ("state", *(f"spool.{name}" for name in self.names)):
            (self.folder / name).mkdir()
        run("slurmctld", "-c")
        for name in self.names:
            run("slurmd", "-c", "-N", name)
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            done = subprocess.run(["sinfo", "-hN", "-o", "%T"], capture_output=True, text=True)
            if done.stdout.split() == ["idle"] * NODES:
                return
            time.sleep(0.2)
        logs = "".join(path.read_text()[-2000:] for path in sorted(self.folder.glob("*.log")))
        raise RuntimeError(f"SLURM did not come up in {SECONDS} s\n{logs}")

    def _stop(self):
        """End every daemon that was started, jobs first, and remove the links."""
        subprocess.run(["scancel", "--user=root"], capture_output=True)
        for name in (*(f"slurmd.{name}" for name in self.names), "slurmctld", "munged"):
            file = self.folder / f"{name}.pid"
            if file.exists() and (text := file.read_text().strip()):
                end(int(text))
        for link in LINKS:
            if link.is_symlink() and link.readlink() == self.folder / link.name:
                link.unlink()

    def jobs(self):
        """Every job so far, as `scontrol` tells it: a dict of words each."""
        lines = run("scontrol", "--oneliner", "show", "jobs").splitlines()
        return [
            dict(word.split("=", 1) for word in line.split() if "=" in word)
            for line in lines
            if line.startswith("JobId")
        ]


def end(pid):
    """End a process, by force if it does not listen."""
    for sent in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sent)
            for _ in range(50):
                os.kill(pid, 0)
                time.sleep(0.1)
            continue
        return
