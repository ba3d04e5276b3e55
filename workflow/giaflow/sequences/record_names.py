"""Genome coordinates in the names of FASTA records, in the forms that common tools write.

=====================  ==========================================  ========================
bedtools getfasta      ``chr1:100-160``, ``peak::chr1:100-160(-)``  `coordinates` decides
samtools faidx         ``chr1:101-160``, ``chr1:101-160/rc``        `coordinates` decides
genome browsers        ``chr1:1,000,101-1,000,160``                 `coordinates` decides
UCSC, description      ``range=chr1:101-160 ... strand=-``          always counted from 1
Ensembl                ``chromosome:GRCh38:1:101:160:-1``           always counted from 1
=====================  ==========================================  ========================
"""

import re

from giaflow.base.checks import InputError
from giaflow.sequences.places import NOWHERE, Place

COORDINATES = ("zero_based", "one_based", "none")

_NUMBER = r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+"
_SPAN = rf"(?P<contig>[^\s]+):(?P<start>{_NUMBER})-(?P<end>{_NUMBER})"
_LOCUS = re.compile(rf"(?:\S*::)?{_SPAN}(?:\((?P<strand>[+.-]?)\)|(?P<turned>/rc))?")
_UCSC = re.compile(rf"(?:^|\s)range={_SPAN}(?=\s|$)")
_UCSC_STRAND = re.compile(r"(?:^|\s)strand=(?P<strand>[+-])(?=\s|$)")
_ENSEMBL = re.compile(
    r"(?:chromosome|scaffold|contig|supercontig|primary_assembly):[^:\s]*:(?P<contig>[^:\s]+):"
    r"(?P<start>[0-9]+):(?P<end>[0-9]+):(?P<strand>-?1)"
)
_LARGEST = 2**63 - 1


def place_of(title, letters, where, coordinates="zero_based"):
    """The `Place` that a record's title gives, checked against its number of letters.

    Parameters
    ----------
    title : str
        The record's header line without ``>``: name and description.
    letters : int
        Letters of the record.
    where : str
        File and record, for messages.
    coordinates : {"zero_based", "one_based", "none"}
        How names ``contig:start-end`` count: from 0 and half-open as BED does, from 1 and with the
        last letter as samtools does, or not at all: then no record has a place.

    Returns
    -------
    Place
        `NOWHERE` if the title holds no coordinates.

    Raises
    ------
    InputError
        If the coordinates span another number of letters than the record has.
    """
    found = None if coordinates == "none" else _found(title)
    if found is None:
        return NOWHERE
    contig, first, end, strand, fixed = found
    one_based = fixed or coordinates == "one_based"
    start = first - one_based
    if end > _LARGEST:
        raise InputError(f"{where}: the end {end} in its name is too large for a position")
    if start < 0 or end - start != letters:
        raise InputError(f"{where}: {_mismatch(first, end, letters, one_based, fixed)}")
    return Place(contig, start, end, strand)


def _found(title):
    """(contig, start, end, strand, whether positions count from 1 in any case), or None."""
    name, _, description = title.partition(" ")
    name = name.split("\t")[0]
    if match := _LOCUS.fullmatch(name):
        strand = "-" if match["turned"] else match["strand"] or "."
        return match["contig"], _number(match["start"]), _number(match["end"]), strand, False
    if match := _ENSEMBL.fullmatch(name):
        strand = "-" if match["strand"] == "-1" else "+"
        return match["contig"], int(match["start"]), int(match["end"]), strand, True
    if match := _UCSC.search(description):
        turned = _UCSC_STRAND.search(description)
        strand = turned["strand"] if turned else "."
        return match["contig"], _number(match["start"]), _number(match["end"]), strand, True
    return None


def _number(text):
    return int(text.replace(",", ""))


def _mismatch(first, end, letters, one_based, fixed):
    """Both lengths, the likely reason, and what to do."""
    if one_based and first == 0:
        said = f"its name starts at 0, but positions counted from 1 start at 1 ({letters} letters)"
    else:
        counted = "from 1" if one_based else "from 0"
        said = (
            f"its name spans {end - first + one_based} letters, counted {counted}, "
            f"but the record has {letters}"
        )
    none = "set coordinates: none if names are not places"
    if fixed:
        return f"{said}; was another window cut? Correct the name, or {none}"
    if not one_based and end - first + 1 == letters:
        return (
            f"{said}; positions are probably counted from 1, as samtools and genome browsers "
            f"write them: then set coordinates: one_based; or {none}"
        )
    if one_based and end - first == letters:
        return (
            f"{said}; positions are probably counted from 0, as bedtools writes them: then set "
            f"coordinates: zero_based; or {none}"
        )
    return f"{said}; another window was probably cut than the name says: correct it, or {none}"
