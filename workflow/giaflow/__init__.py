"""giaflow: global importance analysis of genomic neural networks.

The vocabulary, used everywhere in code, tables and documentation:

null model / background   the recipe / one sequence drawn from it
embed                     overwrite letters; the length is kept
edit, condition           one change; the labelled set of edits compared with the background
effect                    prediction with minus without, per background and target
global importance         mean effect over backgrounds with its interval, in model units
interaction               AB - A - B + empty on the same backgrounds, scale stated
gap / start distance / centre distance   motif end to next start / start to start / centre to centre
attribution               any per-letter score (N, L, 4); *hypothetical* = all four letters,
                          *contribution* = hypothetical times one-hot
saliency                  the input gradient, only that
ISM                       in silico mutagenesis: all single-letter changes
head / target             an output tensor / one scalar the study reads
seqlet, CWM, PFM, PPM     as in TF-MoDISco; counts (PFM) and probabilities (PPM)

Arrays have axes N (sequence), L (position), 4 (letter, in the order ACGT or ACGU), T (target) and
C (condition). Coordinates are 0-based and half-open. Letters travel as codes (N, L) uint8; one-hot
arrays exist only at the model's door and in attributions.

The library knows no Snakemake, command line or environment variable. Lower layers never import
higher ones (tests/test_layers.py holds the table).
"""

__version__ = "0.1.0"
