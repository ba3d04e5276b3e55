"""What of a computer may decide the last bits of a result: its kind of processor and its cards."""

import platform
import re
from pathlib import Path

import llvmlite.binding
import numpy as np

CARDS = Path("/proc/driver/nvidia/gpus")


def processor():
    """Kind of this processor as list of str: compilers and BLAS choose their loops by it."""
    found = np.show_config(mode="dicts").get("SIMD Extensions", {}).get("found", [])
    return [platform.machine(), llvmlite.binding.get_host_cpu_name(), *found]


def cards(folder=CARDS):
    """Kinds of the NVIDIA graphics cards of this computer, in alphabetical order.

    Parameters
    ----------
    folder : pathlib.Path
        Where the driver tells of them.
    """
    texts = [path.read_text() for path in Path(folder).glob("*/information")]
    return sorted({kind for text in texts for kind in re.findall(r"Model:\s*(.*\S)", text)})
