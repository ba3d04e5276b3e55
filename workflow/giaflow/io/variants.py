"""Variants out of VCF files and tables: every row checked, positions counted from 0."""

from typing import NamedTuple

from giaflow.base.checks import InputError, nearest
from giaflow.io.text_tables import read_lines, refuse

# The columns of a VCF that are read, which stand first.
_VCF = ("chrom", "pos", "id", "ref", "alt")
# Digits of the largest position that 64 bits hold for certain.
_DIGITS = 18
_NEEDED = ("chrom", "pos", "ref", "alt")
_LETTERS = set("ACGTU")


class Variant(NamedTuple):
    """A reference and an alternative allele of equal length, and where they were read."""

    chrom: str
    pos: int
    ref: str
    alt: str
    id: str
    where: str

    @property
    def name(self):
        """Such as ``chr7:1204 A>G``, its position counted from 0 like those of the tables."""
        return f"{self.chrom}:{self.pos} {self.ref}>{self.alt}"


def read_variants(path):
    """Read the variants of a VCF file or of a table (plain or gzip).

    A VCF counts positions from 1, a table (tab-separated, with a header line that has the columns
    chrom, pos, ref and alt, and perhaps id) from 0. Several alternative alleles of a row are
    several variants. Only alleles as long as their reference are read: single letters and stretches
    of letters that are replaced. Insertions, deletions and symbolic alleles would change a
    sequence's length; they are counted.

    Parameters
    ----------
    path : str or pathlib.Path

    Returns
    -------
    variants : list of Variant
    left_out : int
        Alternative alleles of another length, or without letters.

    Raises
    ------
    InputError
        With the line numbers of the first faulty rows, or if no variant is left.
    """
    lines = [one for one in enumerate(read_lines(path, "variants"), 1) if one[1].strip()]
    vcf = lines[0][1].startswith(("##fileformat=VCF", "#CHROM"))
    what = "VCF" if vcf else "table"
    rows = [(line, text) for line, text in lines if not text.startswith("#")]
    if vcf:
        columns = {name: at for at, name in enumerate(_VCF)}
        width = _vcf_width(lines, path)
    else:
        header = rows.pop(0)[1].split("\t") if rows else []
        columns, width = _columns(header, path), len(header)
    found, left_out, faults = {}, 0, []
    for line, text in rows:
        fields = text.split("\t")
        alleles = _alleles(fields, columns, 1 if vcf else 0)
        if not isinstance(alleles, str) and width not in (None, len(fields)):
            alleles = f"{len(fields)} columns, but the header has {width}"
        if isinstance(alleles, str):
            faults.append((line, alleles))
            continue
        for chrom, pos, ref, alt, name in alleles:
            if not (set(ref) | set(alt)) <= _LETTERS or len(ref) != len(alt):
                left_out += 1
            elif (chrom, pos, ref, alt) in found:
                faults.append((line, f"{ref}>{alt} at this place is given again"))
            else:
                one = Variant(chrom, pos, ref, alt, name, f"{what} {path} line {line}")
                found[chrom, pos, ref, alt] = one
    refuse(faults, path, what)
    if not found:
        raise InputError(
            f"{what} {path} holds no variant whose alleles have the same length "
            f"({left_out} of another length)"
        )
    return list(found.values()), left_out


def _vcf_width(lines, path):
    """The number of columns in the header line of a VCF, or None if it has no such line."""
    for line, text in lines:
        if text.startswith("#CHROM"):
            header = text[1:].split("\t")
            if tuple(name.lower() for name in header[: len(_VCF)]) != _VCF:
                raise InputError(
                    f"VCF {path} line {line}: the header must begin with #CHROM, POS, ID, REF and "
                    "ALT between tabs"
                )
            return len(header)
    return None


def _columns(header, path):
    """Column name to its place in a table."""
    for name in _NEEDED:
        if header.count(name) != 1:
            raise InputError(
                f"table {path} must have one column {name!r}; it has "
                f"{', '.join(map(repr, header))}{nearest(name, header)}"
            )
    return {name: header.index(name) for name in (*_NEEDED, "id") if name in header}


def _alleles(fields, columns, first):
    """(chrom, pos, ref, alt, id) of each alternative allele of a row, or what is wrong with it."""
    if len(fields) <= max(columns.values()):
        return f"{len(fields)} columns, but {max(columns.values()) + 1} are needed, between tabs"
    word = {name: fields[at].strip() for name, at in columns.items()}
    if word["pos"].isdecimal() and len(word["pos"]) > _DIGITS:
        return f"pos {word['pos'][:_DIGITS]}... is too large"
    if not (word["pos"].isascii() and word["pos"].isdigit()) or int(word["pos"]) < first:
        return f"pos {word['pos']!r} is not a whole number, {first} or greater"
    if not word["chrom"]:
        return "the chromosome has no name"
    ref = word["ref"].upper().replace("U", "T")
    if not ref or set(ref) - _LETTERS - {"N"}:
        return f"ref {word['ref']!r} is not written in A, C, G, T and N"
    name = "" if word.get("id", ".") == "." else word["id"]
    listed = []
    for alt in word["alt"].upper().split(","):
        alt = alt.replace("U", "T")
        if not alt:
            return "an alt is empty; a VCF writes . for none"
        if alt == ref:
            return f"alt {alt} is the reference"
        listed.append((word["chrom"], int(word["pos"]) - first, ref, alt, name))
    return listed
