"""Thresholds and sizes of the diagnostics."""

from pydantic import Field

from giaflow.base.settings import Settings as Base


class Settings(Base):
    """Where a difference is worth a warning, and how hard to look for it."""

    jsd_warn: float = Field(0.002, ge=0)
    """Excess Jensen-Shannon divergence of 1- to 3-mers to warn at (bits)."""

    jsd_fail: float = Field(0.01, ge=0)
    """Excess Jensen-Shannon divergence of 1- to 3-mers above which a null fails (bits)."""

    position_warn: float = Field(0.05, ge=0, le=1)
    """Largest total variation of a position's letters to warn at (0..1)."""

    position_fail: float = Field(0.15, ge=0, le=1)
    """Largest total variation of a position's letters above which a null fails (0..1)."""

    position_q: float = Field(0.05, gt=0, lt=1)
    """Only positions whose chi-square test has an adjusted p-value (BH) below this are judged."""

    coverage_warn: float = Field(0.98, ge=0, le=1)
    """Share of predictions within the data's central 99 % below which to warn; one minus it is
    the limit for the share of a construct beyond the data's range, in excess of the backgrounds'.
    With fewer than some 500 backgrounds chance alone may warn."""

    coverage_fail: float = Field(0.90, ge=0, le=1)
    """Share of predictions within the data's central 99 % below which a null fails."""

    distinct_warn: float = Field(0.95, ge=0, le=1)
    """Share of distinct sequences among the backgrounds below which to warn."""

    distinct_fail: float = Field(0.5, ge=0, le=1)
    """Share of distinct sequences among the backgrounds below which a null fails."""

    unchanged_warn: float = Field(0.01, gt=0, le=1)
    """Share of shuffles that equal the sequence they were made of to warn at."""

    unchanged_fail: float = Field(0.1, gt=0, le=1)
    """Share of shuffles that equal the sequence they were made of above which a null fails."""

    auc_warn: float = Field(0.60, ge=0.5, le=1)
    """Area under the curve of a classifier of background against data to warn at."""

    auc_fail: float = Field(0.75, ge=0.5, le=1)
    """Area under the curve of a classifier of background against data above which a null fails."""

    mmd_warn: float = Field(3.0, ge=0)
    """Squared maximum mean discrepancy of embeddings to warn at, in units of that between random
    halves of the data."""

    mmd_p: float = Field(0.01, gt=0, lt=1)
    """The discrepancy warns only if its permutation p-value is below this."""

    splits: int = Field(20, ge=2)
    """Random halves of the data that measure the noise."""

    largest_k: int = Field(6, ge=1, le=8)
    """Longest words compared (letters)."""

    top_kmers: int = Field(5, ge=0)
    """How many over- and under-represented words of largest_k letters are listed."""

    max_sequences: int = Field(10_000, ge=2)
    """At most this many data sequences are split to measure the noise."""

    two_sample_sequences: int = Field(1_000, ge=10)
    """At most this many sequences of each kind enter the classifier and the discrepancy."""

    mmd_permutations: int = Field(500, ge=100)
    """Permutations behind the p-value of the discrepancy."""

    auc_permutations: int = Field(200, ge=0)
    """Permutations behind the p-value of the classifier; 0 leaves it out."""
