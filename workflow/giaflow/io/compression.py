"""Compressed files of the user: whether one is whole, and what packed it."""

import stat

from giaflow.base.checks import InputError

GZIP = b"\x1f\x8b"
# Every bgzip file ends with this empty block, so a file that was cut short between two blocks,
# which unpacks without an error, is still recognised (SAM specification, section 4.1).
BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
# How files begin that other programs packed.
OTHERS = {
    GZIP: "gzip twice",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"PK\x03\x04": "zip",
    b"\x28\xb5\x2f\xfd": "zstd",
}


def check_regular(path, what):
    """Raise `InputError` if a path is a folder, a pipe or a device, which would be read for ever.

    A path that is not there raises the operating system's `OSError`.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        kind = "a folder" if path.is_dir() else "not a regular file"
        raise InputError(f"{what} {path} is {kind}; give a file")


def check_bgzip_end(path, what):
    """Raise `InputError` if a gzip file was made by bgzip and is without its last block."""
    with path.open("rb") as stream:
        head = stream.read(18)
        if head[3:4] != b"\x04" or head[12:14] != b"BC":
            return
        stream.seek(-min(len(BGZF_END), path.stat().st_size), 2)
        if stream.read() != BGZF_END:
            raise InputError(
                f"{what} {path} is compressed with bgzip and cut short: its last block is missing; "
                "copy it again"
            )


def packed_by(head):
    """The program whose mark the first bytes of unpacked text still bear, or an empty string."""
    return next((name for mark, name in OTHERS.items() if head.startswith(mark)), "")
