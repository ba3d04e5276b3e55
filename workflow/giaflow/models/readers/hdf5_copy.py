"""Copy the arrays of an HDF5 file that nobody vouches for: run as a program of its own.

The HDF5 library crashes on some damaged files and never returns from others, so this runs in a
child process with limits of memory and time. The copy holds plain arrays and attributes only, and
is written by our own HDF5 library, so other processes may open it. It imports nothing of giaflow,
for a quick start.
"""

import json
import resource
import sys
import unicodedata

import h5py
import numpy as np

MOST_OBJECTS, DEEPEST = 100_000, 64
SLAB = 2**24
# Numbers that training needs and a prediction does not.
LEFT_OUT = {"optimizer", "optimizer_weights"}


class Refused(Exception):
    """What a file holds beyond plain arrays."""


class Copier:
    """Copies groups, arrays and attributes, and counts what it copied.

    Parameters
    ----------
    most_bytes : int
        Largest sum of the sizes that arrays may declare.
    """

    def __init__(self, most_bytes):
        self.most_bytes, self.bytes, self.numbers, self.objects = most_bytes, 0, 0, 0
        self.open_groups = set()

    def group(self, source, target, depth=0):
        """Copy a group with everything below it."""
        address = h5py.h5o.get_info(source.id).addr
        if address in self.open_groups or depth > DEEPEST:
            raise Refused(f"group {source.name!r} holds itself, or groups nest over {DEEPEST} deep")
        self.open_groups.add(address)
        self.attributes(source, target)
        for name in source:
            if depth == 0 and name in LEFT_OUT:
                continue
            self.objects += 1
            if self.objects > MOST_OBJECTS:
                raise Refused(f"it holds over {MOST_OBJECTS} groups and arrays")
            if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name):
                raise Refused(f"the name {name!r} holds a control character")
            link = source.get(name, getlink=True)
            if not isinstance(link, h5py.HardLink):
                raise Refused(f"{name!r} is a link ({type(link).__name__}) to another place")
            found = source[name]
            if isinstance(found, h5py.Group):
                self.group(found, target.create_group(name), depth + 1)
            elif isinstance(found, h5py.Dataset):
                self.array(found, target, name)
            else:
                raise Refused(f"{name!r} is neither a group nor an array")
        self.open_groups.remove(address)

    def array(self, source, target, name):
        """Copy an array in slabs, so that memory does not depend on its size."""
        if source.is_virtual or source.external:
            raise Refused(f"the numbers of array {source.name!r} lie in another file")
        if source.dtype.kind not in "fiubS" or source.dtype.subdtype or source.shape is None:
            raise Refused(f"array {source.name!r} holds {source.dtype}, not numbers")
        self.bytes += source.size * source.dtype.itemsize
        self.numbers += source.size
        if self.bytes > self.most_bytes:
            raise Refused(
                f"its arrays declare over {self.most_bytes} bytes, far more than it stores"
            )
        copy = target.create_dataset(name, source.shape, source.dtype)
        self.attributes(source, copy)
        if source.ndim == 0:
            copy[()] = source[()]
        elif source.size:
            rows = max(1, SLAB * len(source) // (source.size * source.dtype.itemsize))
            for at in range(0, len(source), rows):
                copy[at : at + rows] = source[at : at + rows]

    def attributes(self, source, target):
        """Copy the attributes that are numbers or texts."""
        for name in source.attrs:
            value = source.attrs[name]
            if isinstance(value, h5py.Empty):
                target.attrs[name] = h5py.Empty(value.dtype)
                continue
            kind = np.asarray(value).dtype.kind
            if kind == "O" and all(isinstance(each, (str, bytes)) for each in np.ravel(value)):
                target.attrs.create(name, value, dtype=h5py.string_dtype())
            elif isinstance(value, (str, bytes)) or kind in "fiubS":
                target.attrs[name] = value
            else:
                raise Refused(f"attribute {name!r} of {source.name!r} is neither text nor number")


def main(source, target, most_bytes, memory, seconds):
    """Copy a file; write out what was copied, or why nothing was, as JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    copier = Copier(int(most_bytes))
    try:
        with h5py.File(source, "r") as file, h5py.File(target, "w", libver="latest") as clean:
            copier.group(file, clean)
    except Refused as refusal:
        answer = {"refused": str(refusal)}
    except Exception as error:
        # Any fault of the parser is a damaged file, and its words are for programmers.
        answer = {"damaged": f"{type(error).__name__}: {error}"}
    else:
        answer = {"numbers": int(copier.numbers)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
