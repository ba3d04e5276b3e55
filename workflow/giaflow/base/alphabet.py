"""Letters, codes and one-hot arrays.

A sequence is a row of codes: A, C, G, T (or U) are 0, 1, 2, 3 and every other letter is
`UNKNOWN` (4). DNA and RNA share the codes; the alphabet matters only when letters are shown.
"""

import numpy as np

from giaflow.base.checks import InputError, check_codes

DNA = "ACGT"
RNA = "ACGU"
ALPHABETS = (DNA, RNA)
UNKNOWN = 4
# Labels and columns whose values are letters, such as words and alleles; other ones hold names.
SPELLED = ("letters", "letter", "fill", "ref", "alt", "consensus", "kmer")

# Letters of the IUPAC code: each stands for the set of letters given here.
IUPAC = {
    "A": "A",
    "C": "C",
    "G": "G",
    "T": "T",
    "U": "T",
    "R": "AG",
    "Y": "CT",
    "S": "CG",
    "W": "AT",
    "K": "GT",
    "M": "AC",
    "B": "CGT",
    "D": "AGT",
    "H": "ACT",
    "V": "ACG",
    "N": "ACGT",
}


def _lookup_table():
    table = np.full(256, 255, np.uint8)
    for letter, members in IUPAC.items():
        code = DNA.index(members) if len(members) == 1 else UNKNOWN
        table[[ord(letter), ord(letter.lower())]] = code
    return table


_CODE_OF_BYTE = _lookup_table()


def encode(text, start=0):
    """Turn letters into codes.

    Parameters
    ----------
    text : str
        Nucleotide letters of either case; T and U are the same, IUPAC ambiguity letters allowed.
    start : int, optional
        Position of the first letter in what the text is a part of, for the message.

    Returns
    -------
    numpy.ndarray
        (L,) uint8 codes, ambiguity letters as `UNKNOWN`.

    Raises
    ------
    InputError
        If a character is not a nucleotide letter.
    """
    codes = _CODE_OF_BYTE[np.frombuffer(text.encode("latin-1", "replace"), np.uint8)]
    if (codes == 255).any():
        at = int(np.argmax(codes == 255))
        raise InputError(
            f"letter {text[at]!r} at position {start + at} is not a nucleotide; "
            f"allowed letters are {''.join(IUPAC)} in either case"
        )
    return codes


def spelled(labels, alphabet):
    """Labels (name to value) with U for T, in RNA, where a value is letters."""
    if alphabet == DNA:
        return labels
    return {
        key: in_rna(key, value) if isinstance(value, str) else value
        for key, value in labels.items()
    }


def in_rna(key, value):
    """The value (str) of a label or column as RNA writes it."""
    if key in SPELLED:
        return value.replace("T", "U")
    if key == "variant":
        # Names of variants end in their alleles, behind a contig that may hold any letter.
        where, space, alleles = value.rpartition(" ")
        return where + space + alleles.replace("T", "U")
    # Names of arms hold that of a fill: "5' AT repeat".
    return value.replace(" AT", " AU") if key == "arm" else value


def decode(codes, alphabet=DNA):
    """Turn codes (L,) into a string, `UNKNOWN` as N."""
    return np.frombuffer((alphabet + "N").encode(), np.uint8)[codes].tobytes().decode()


def one_hot(codes):
    """One-hot encode codes (N, L) as float32 (N, L, 4); an unknown letter is a row of zeros."""
    check_codes(codes)
    return np.eye(UNKNOWN + 1, UNKNOWN, dtype=np.float32)[codes]


def from_one_hot(onehot):
    """Codes (N, L) uint8 of a one-hot array (N, L, 4); rows of zeros become `UNKNOWN`."""
    known = onehot.sum(axis=-1) > 0
    return np.where(known, onehot.argmax(axis=-1), UNKNOWN).astype(np.uint8)


def reverse_complement(codes):
    """Reverse complement of codes (..., L); an unknown letter stays unknown."""
    return np.array([3, 2, 1, 0, UNKNOWN], np.uint8)[codes[..., ::-1]]
