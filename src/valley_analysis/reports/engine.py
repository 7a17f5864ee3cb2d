"""Our papermill engine: the kernel of this very interpreter, with an environment of its own.

Apart from the others so that papermill is imported only when a notebook is run.
"""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_event_loop
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines
from papermill.execute import execute_notebook

__all__ = ["ENGINE", "execute_notebook", "kernel_words", "stop_kernels"]

ENGINE = "valley"
_KERNEL_LOG = "kernel.log"
_LOG = logging.getLogger(__name__)
_LOG.addHandler(logging.NullHandler())
_LIVE: dict[Path, AsyncKernelManager] = {}
_SOCKET_PATH = 90  # a socket's path may have about a hundred bytes


class ValleyEngine(Engine):
    """Starts the kernel that belongs to this interpreter, whatever the user has installed."""

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> str:
        """Return the only kernel there is here, whatever the notebook was last saved with."""
        return "python3"

    @classmethod
    def execute_managed_notebook(  # type: ignore[no-untyped-def]
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        place: Path,
        kernel_env: dict[str, str],
        start_timeout: int,
        execution_timeout: int,
        **_,
    ) -> None:
        """Execute the notebook; whatever happens, no kernel outlives the call.

        To be called in a thread of its own, whose event loop is closed in the end.
        """
        manager = _manager(place)
        client = PapermillNotebookClient(
            nb_man,
            km=manager,
            kernel_name=kernel_name,
            startup_timeout=start_timeout,
            timeout=execution_timeout,
            shutdown_kernel="immediate",
            on_cell_execute=lambda cell, cell_index: reached.append(cell_index),
            log=_LOG,
        )
        words = place / _KERNEL_LOG
        reached: list[int] = []
        _LIVE[place] = manager
        try:
            with words.open("wb") as log:
                client.execute(
                    env=kernel_env, cwd=str(place / "cwd"), stdout=log, stderr=log, cleanup_kc=True
                )
        except Exception as error:
            # What the report of a failure says of a kernel that can no longer be asked.
            error.reached = reached  # type: ignore[attr-defined]
            error.last_words = _last_words(place)  # type: ignore[attr-defined]
            error.seconds = execution_timeout  # type: ignore[attr-defined]
            raise
        finally:
            _make_sure(manager)
            _LIVE.pop(place)
            _close_loop()


def _close_loop() -> None:
    """Close this thread's event loop; what still waits in it waits for a kernel that is gone."""
    loop = ensure_event_loop()
    waiting = asyncio.all_tasks(loop)
    for task in waiting:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*waiting, return_exceptions=True))
    loop.close()


def stop_kernels(place: Path | None = None) -> None:
    """Kill the kernel of a place, or every one that was started; who waits for it is told."""
    for where, manager in tuple(_LIVE.items()):
        if place in (None, where):
            _make_sure(manager)


def _manager(place: Path) -> AsyncKernelManager:
    specs = KernelSpecManager(kernel_dirs=[], ensure_native_kernel=True)
    manager = AsyncKernelManager(
        kernel_name="python3",
        kernel_spec_manager=specs,
        connection_file=str(place / "kernel.json"),
        client_factory=AsyncKernelClient,
        shutdown_wait_time=1.0,
    )
    if sys.platform != "win32" and len(str(place)) < _SOCKET_PATH:
        manager.transport = "ipc"
        manager.ip = str(place / "s")
    return manager


def _make_sure(manager: AsyncKernelManager) -> None:
    """Kill the kernel if closing it down did not."""
    process = getattr(getattr(manager, "provisioner", None), "process", None)
    if process is None or process.poll() is not None:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    for _ in range(50):
        if process.poll() is not None:
            return
        time.sleep(0.1)


def kernel_words(place: Path) -> str:
    """Return what a kernel's process wrote beside what its cells did: libraries, workers."""
    log = place / _KERNEL_LOG
    return log.read_text("utf-8", errors="replace").strip() if log.is_file() else ""


def _last_words(place: Path) -> str:
    text = kernel_words(place)
    return "; its last words: " + " | ".join(text.splitlines()[-3:]) if text else ""


papermill_engines.register(ENGINE, ValleyEngine)
