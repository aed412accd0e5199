"""Many machines for one piece of work after the other: a Dask cluster that somebody started."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from earlid.errors import ConfigError, DeviceLost

try:
    import distributed as _distributed
except ImportError:
    raise ConfigError("a cluster needs dask: pip install 'earlid[cluster]'") from None

distributed: Any = _distributed  # it ships types for some of it only
_Task = TypeVar("_Task")
_Result = TypeVar("_Result")

CONNECT_S = 20
"""How long the scheduler may take to answer."""


def on_cluster(
    address: str, work: Callable[[_Task], _Result]
) -> Callable[[Iterable[_Task]], Iterator[_Result]]:
    """`work` done on each task by the cluster whose scheduler is at `address`; results as they come.

    Its machines need this version of Earlid, and see recordings and models under the same paths as this
    one. A machine that goes away has its tasks done by another. DeviceLost if there is no scheduler.
    """

    def done(tasks: Iterable[_Task]) -> Iterator[_Result]:
        with _client(address) as client:
            futures = client.map(work, list(tasks), pure=False)
            for future in distributed.as_completed(futures):
                try:
                    result: _Result = future.result()
                except distributed.KilledWorker as error:
                    raise DeviceLost(f"the cluster at {address} lost its machines: {error}") from error
                yield result
                future.release()

    return done


def _client(address: str) -> Any:
    try:
        return distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise DeviceLost(f"no dask scheduler answers at {address}: start one, or correct --dask") from error
