"""Checks of shapes, ranges and letters, and the one home of their messages."""

import difflib
import re

import numpy as np

# Control characters, the separators of lines and paragraphs, marks that turn the direction of text
# around on a terminal, lone surrogates, and what XML forbids beside those.
_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def control_characters(text):
    """The characters of a text that steer a terminal or make an XML file invalid, in order."""
    return _CONTROL.findall(text)


def printable(text):
    """A text with its control characters written as escapes (``\\x1b``); line ends are kept."""
    for letter in set(control_characters(text)) - {"\n"}:
        text = text.replace(letter, letter.encode("unicode_escape").decode())
    return text


class InputError(ValueError):
    """A fault in what the user gave; its message is one sentence that says how to mend it.

    Control characters of values that the message quotes are escaped.
    """

    def __init__(self, message):
        super().__init__(printable(str(message)))


def check_text(text, what):
    """Raise `InputError` if a text out of a file holds a control character; `what` names it."""
    if found := control_characters(text):
        shown = found[0].encode("unicode_escape").decode()
        raise InputError(
            f"{what} holds the control character {shown}, which cannot stand in tables and "
            f"figures: {text!r}; take it out"
        )


def nearest(name, allowed):
    """A hint that names the allowed value nearest to `name`, or an empty string."""
    close = difflib.get_close_matches(str(name), [str(a) for a in allowed], n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""


def check_name(name, allowed, kind):
    """Raise `InputError` unless `name` is one of `allowed`, naming the nearest."""
    if name not in allowed:
        listed = ", ".join(str(a) for a in allowed) or "none"
        raise InputError(f"unknown {kind} {name!r}; known are {listed}{nearest(name, allowed)}")


def check_codes(codes, length=None):
    """Raise unless `codes` is an (N, L) uint8 array of codes 0..4, with L = `length` if given."""
    if not isinstance(codes, np.ndarray) or codes.dtype != np.uint8 or codes.ndim != 2:
        found = (
            f"{codes.dtype} {codes.shape}"
            if isinstance(codes, np.ndarray)
            else type(codes).__name__
        )
        raise TypeError(f"codes must be a uint8 array with axes (N, L), got {found}")
    if codes.size and codes.max() > 4:
        raise ValueError(f"codes must be 0..4 (A, C, G, T, unknown), found {codes.max()}")
    if length is not None and codes.shape[1] != length:
        raise InputError(f"sequences have length {codes.shape[1]}, but {length} is needed")


def check_fits(text, start, length):
    """Raise unless the letters `text` placed at `start` lie within a sequence of `length`."""
    width = len(text)
    if width > length:
        raise InputError(
            f"pattern {text!r} has {width} letters, but sequences have length {length}"
        )
    if start < 0 or start + width > length:
        raise InputError(
            f"pattern {text!r} at start={start} needs positions {start}..{start + width - 1}, but "
            f"sequences have length {length}; allowed starts are 0..{length - width}"
        )


def check_finite(values, what):
    """Raise `InputError` if an array (N, ...) holds NaN or infinity, naming the first rows."""
    good = np.isfinite(values).all(axis=tuple(range(1, np.ndim(values))))
    if not good.all():
        rows = ", ".join(str(i) for i in np.flatnonzero(~good)[:5])
        raise InputError(
            f"{what} are not finite for {(~good).sum()} of {len(good)} rows (first: {rows})"
        )
