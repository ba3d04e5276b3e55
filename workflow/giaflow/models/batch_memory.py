"""As many sequences at a time as memory holds, on a graphics card or without one."""

import contextlib
import logging

from giaflow.base.checks import InputError

log = logging.getLogger(__name__)


def share_cards():
    """Let TensorFlow take a card's memory as it needs it, not all of it at once.

    Does nothing without a card, or if TensorFlow uses it already in this process.
    """
    import tensorflow as tf

    for card in tf.config.list_physical_devices("GPU"):
        with contextlib.suppress(RuntimeError):
            tf.config.experimental.set_memory_growth(card, True)


def has_card():
    """Whether TensorFlow has a graphics card."""
    import tensorflow as tf

    return bool(tf.config.list_logical_devices("GPU"))


class Batches:
    """A batch size that halves whenever memory did not suffice.

    Where a card does not hold a single sequence, the work goes on without it, at the first size.

    Parameters
    ----------
    size : int
        Sequences per call to begin with.

    Attributes
    ----------
    size : int
        Sequences per call now.
    processor : bool
        Whether the card was given up.
    """

    def __init__(self, size):
        self.size, self.first, self.processor = size, size, False

    def run(self, function):
        """``function(size)``, as often as memory does not suffice with a smaller size.

        Raises
        ------
        InputError
            If one sequence is too many.
        """
        import tensorflow as tf

        while True:
            place = tf.device("CPU:0") if self.processor else contextlib.nullcontext()
            try:
                with place:
                    return function(self.size)
            except tf.errors.ResourceExhaustedError as error:
                self._shrink(error)

    def _shrink(self, error):
        if self.size > 1:
            self.size //= 2
            log.warning("memory does not suffice; now %d sequences at a time", self.size)
        elif not self.processor and has_card():
            self.size, self.processor = self.first, True
            log.warning("the graphics card does not hold one sequence; now without it")
        else:
            raise InputError(
                "the model needs more memory for one sequence than there is; give the job more "
                "(mem_mb) or take a smaller model"
            ) from error
