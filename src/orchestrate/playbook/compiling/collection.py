"""Making a plan allocates hundreds of thousands of tuples, none of them garbage.

The cyclic collector would look at them again and again: it takes two thirds of the time.
"""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def without_collection() -> Generator[None, None, None]:
    """No cyclic garbage collection meanwhile."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
