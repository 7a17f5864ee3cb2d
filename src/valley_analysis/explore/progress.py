"""A bar for long computations, in a notebook or a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Not tqdm.auto: it warns in every kernel that has no ipywidgets.
from tqdm import tqdm


@contextmanager
def progress_bar(label: str = "") -> Iterator[Callable[[int, int], None]]:
    """Show a bar; what is yielded is a `progress` callback (done, in all).

    Parameters
    ----------
    label
        Printed before the bar.

    Examples
    --------
    ::

        with progress_bar("replications") as progress:
            scoring.vary(indicators, spec, 2021, scope, plan, progress=progress)
    """
    with tqdm(desc=label or None) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show
