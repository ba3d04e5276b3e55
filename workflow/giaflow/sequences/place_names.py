"""Places in the names of records, as bedtools, samtools and genome browsers write them.

``chr1:100-300``, ``chr1:100-300(-)``, ``chr1:100-300(.)``, ``chr1:100-300()`` and
``peak::chr1:100-300(+)`` are bedtools' (0-based), ``chr1:101-300`` and ``chr1:1,001-1,300`` those
of samtools and browsers (1-based). Which one a name is cannot be seen; the number of letters tells.
"""

import re

from giaflow.base.checks import InputError
from giaflow.sequences.places import NOWHERE, Place

COORDINATES = ("zero_based", "one_based", "none")
# The last colon parts the contig, whose own name may hold colons, from the span.
_LOCUS = re.compile(
    r"(?P<chrom>.+):(?P<start>\d[\d,]*)-(?P<end>\d[\d,]*)(?:\((?P<strand>[+.-]?)\))?"
)
# The UCSC table browser: >hg38_dna range=chr1:101-300 5'pad=0 3'pad=0 strand=- repeatMasking=none
_UCSC = re.compile(r"\brange=(?P<chrom>\S+):(?P<start>\d+)-(?P<end>\d+)\b")
_STRAND = re.compile(r"\bstrand=(?P<strand>[+-])")


def parse_place(name, length, coordinates="zero_based", description=""):
    """The `Place` that a record's name gives, or `NOWHERE` if it gives none.

    Parameters
    ----------
    name : str
        Up to the first blank.
    length : int
        Letters of the record.
    coordinates : {"zero_based", "one_based", "none"}
        How names count; ``none`` reads no name as a place.
    description : str
        The rest of the record's header line.

    Raises
    ------
    InputError
        If the span is not the record's length; says both, and the likely reason.
    """
    if coordinates == "none":
        return NOWHERE
    if found := _UCSC.search(description):
        strand = _STRAND.search(description)
        start = int(found["start"]) - 1
        place = Place(found["chrom"], start, int(found["end"]), strand["strand"] if strand else "+")
        return _checked(place, name, length, "one_based")
    # bedtools getfasta -name puts the name of the interval and two colons before the place.
    found = _LOCUS.fullmatch(name.rpartition("::")[2]) or _LOCUS.fullmatch(name)
    if not found:
        return NOWHERE
    start, end = (int(found[key].replace(",", "")) for key in ("start", "end"))
    place = Place(found["chrom"], start - (coordinates == "one_based"), end, found["strand"] or ".")
    return _checked(place, name, length, coordinates)


def _checked(place, name, length, coordinates):
    """The place, if it spans as many letters as the record has."""
    span = place.end - place.start
    if span == length and place.start >= 0:
        return place
    one_based = coordinates == "one_based"
    if place.start < 0:
        reason = "1-based coordinates begin with 1; set coordinates: zero_based"
    elif span == length - 1 and not one_based:
        reason = "the names count from 1, as samtools and browsers do; set coordinates: one_based"
    elif span == length + 1 and one_based:
        reason = "the names count from 0, as bedtools does; set coordinates: zero_based"
    else:
        reason = (
            "another window was cut than the name says; rename the records, or set "
            "coordinates: none to read no places"
        )
    counted = coordinates.replace("_", "-")
    raise InputError(
        f"record {name!r} spans {span} letters ({counted}), but has {length}: likely {reason}"
    )
