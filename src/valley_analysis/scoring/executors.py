"""Running tasks here, or on whatever executor is passed in; results in the tasks' order."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")
Progress = Callable[[int, int], None]


class Executor(Protocol):
    """What is needed of an executor: `concurrent.futures` pools and dask's have it."""

    def map(self, function: Callable[..., Any], /, *tasks: Iterable[Any]) -> Iterable[Any]:
        """Return the results in order."""


def run(
    function: Callable[[Task], Result], tasks: Sequence[Task], executor: Executor | None = None
) -> Iterator[Result]:
    """Yield the result of each task, in order.

    Parameters
    ----------
    function, tasks
        Picklable, if the executor has processes of its own.
    executor
        A `concurrent.futures` executor, `distributed.Client.get_executor()`, or None: one
        after the other, here.

    Examples
    --------
    >>> list(run(abs, [-1, 2]))
    [1, 2]
    """
    yield from map(function, tasks) if executor is None else executor.map(function, tasks)
