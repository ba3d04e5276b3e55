"""TF-MoDISco: its input and output, and its motifs as MEME and BED."""

from pathlib import Path

import h5py
import numpy as np

from giaflow.base.checks import InputError
from giaflow.io.files import atomic, write_text

SIGNS = {"pos": "pos_patterns", "neg": "neg_patterns"}


def write_modisco_input(onehot, scores, folder):
    """Write one-hot sequences and hypothetical scores (N, L, 4) for ``modisco motifs``.

    Returns
    -------
    list of str
        The options that name the two files.
    """
    paths = {"-s": onehot, "-a": scores}
    for name, array in paths.items():
        # modisco-lite reads letters before positions: (N, 4, L).
        np.savez(Path(folder) / f"input{name}.npz", array.transpose(0, 2, 1).astype(np.float32))
    return [text for name in paths for text in (name, str(Path(folder) / f"input{name}.npz"))]


def write_no_patterns(path, reason):
    """Write a TF-MoDISco result without patterns that says why there are none."""
    with h5py.File(path, "w", track_order=True) as file:
        file.attrs["reason"] = reason


def why_no_patterns(path):
    """The reason that `write_no_patterns` wrote, or an empty string."""
    with h5py.File(path, "r") as file:
        return str(file.attrs.get("reason", ""))


def read_modisco(path):
    """Read the patterns of a TF-MoDISco result, strongest first within each sign.

    Returns
    -------
    list of dict
        ``sign``, ``ppm`` and ``cwm`` (W, 4), and per seqlet ``example``, ``start``, ``end``,
        ``reverse``. Empty if nothing was found.

    Raises
    ------
    InputError
        If the file is not a TF-MoDISco result.
    """
    found = []
    with h5py.File(path, "r") as file:
        if not set(file) <= set(SIGNS.values()):
            raise InputError(f"{path} is not a TF-MoDISco result: it holds {', '.join(file)}")
        for sign, group in SIGNS.items():
            # A group is absent if too few seqlets were called and empty if none clustered.
            patterns = file.get(group, {})
            for key in sorted(patterns, key=lambda name: int(name.rpartition("_")[2])):
                pattern = patterns[key]
                seqlets = pattern["seqlets"]
                found.append(
                    {
                        "sign": sign,
                        "ppm": pattern["sequence"][:],
                        "cwm": pattern["contrib_scores"][:],
                        "example": seqlets["example_idx"][:],
                        "start": seqlets["start"][:],
                        "end": seqlets["end"][:],
                        "reverse": seqlets["is_revcomp"][:].astype(bool),
                    }
                )
    return found


def write_meme(matrices, alphabet, path):
    """Write PFMs as a MEME motif file.

    Parameters
    ----------
    matrices : dict of str to numpy.ndarray
        Name to counts (w, 4).
    alphabet : {"ACGT", "ACGU"}
    path : str or pathlib.Path
    """
    lines = ["MEME version 5", "", f"ALPHABET= {alphabet}", ""]
    if alphabet == "ACGT":
        lines += ["strands: + -", ""]
    for name, counts in matrices.items():
        sites = int(counts.sum(axis=1).max())
        lines += [f"MOTIF {name}"]
        lines += [f"letter-probability matrix: alength= 4 w= {len(counts)} nsites= {sites} E= 0"]
        rows = counts / counts.sum(axis=1, keepdims=True)
        lines += [" ".join(f"{value:.6f}" for value in row) for row in rows] + [""]
    write_text("\n".join(lines) + "\n", path)


def write_bed(table, path):
    """Write hits as BED6, which genome browsers and bedtools read as it is.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns chrom, start, end, name, strand and ``contribution``, in model units. The score of
        a row is the size of its contribution, in thousandths of the largest.
    path : str or pathlib.Path
    """
    size = table["contribution"].abs().to_numpy(float)
    score = np.rint(1000 * size / max(size.max(initial=0), np.finfo(float).tiny)).astype(int)
    with atomic(path) as temporary:
        columns = ["chrom", "start", "end", "name", "score", "strand"]
        table.assign(score=score)[columns].to_csv(temporary, sep="\t", header=False, index=False)
