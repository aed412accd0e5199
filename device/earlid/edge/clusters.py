"""Many machines for one piece of work after the other: a Dask cluster that somebody started."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final, TypeVar

from earlid.errors import ConfigError, DeviceLost

try:
    import distributed as _distributed
except ImportError:
    raise ConfigError("a cluster needs dask: pip install '.[cluster]' in the checkout") from None

distributed: Any = _distributed  # it ships types for some of it only
_Task = TypeVar("_Task")
_Result = TypeVar("_Result")

CONNECT_S = 20
"""How long the scheduler may take to answer, and the first of its machines to be there."""
_SCORING: Final = ("earlid", "numpy", "onnxruntime")
_NEEDS: Final = f"has no earlid {version('earlid')}: install that in its environment"


def on_cluster(
    address: str, work: Callable[[_Task], _Result]
) -> Callable[[Iterable[_Task]], Iterator[_Result]]:
    """`work` done on each task by the cluster whose scheduler is at `address`; results as they come.

    Its machines need this version of Earlid, and see recordings and models under the same paths as this
    one. A machine that goes away has its tasks done by another. DeviceLost if there is no scheduler, if it
    has no machines, and if it goes away.
    """

    def done(tasks: Iterable[_Task]) -> Iterator[_Result]:
        gone = distributed.CancelledError, distributed.comm.CommClosedError, asyncio.CancelledError
        try:
            with _client(address) as client:
                futures = client.map(work, list(tasks), pure=False)
                for future in distributed.as_completed(futures, loop=client.loop):
                    result: _Result = future.result()
                    yield result
                    future.release()
        except distributed.KilledWorker as error:
            raise DeviceLost(f"the cluster at {address} lost its machines: {error}") from error
        except RuntimeError as error:
            if "deserialization" not in str(error):  # what a scheduler says of work that it cannot read
                raise
            raise DeviceLost(f"the scheduler at {address} {_NEEDS}") from error
        except gone as error:
            raise DeviceLost(f"the cluster at {address} went away; run again, what it did is kept") from error

    return done


@contextmanager
def _client(address: str) -> Iterator[Any]:
    try:
        client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise DeviceLost(f"no dask scheduler answers at {address}: start one, or correct --dask") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=CONNECT_S)
        except TimeoutError as error:
            raise DeviceLost(
                f"the cluster at {address} has no machines: start 'dask worker {address}'"
            ) from error
        _compare_versions(client, address)
        yield client


def _compare_versions(client: Any, address: str) -> None:
    """Other code gives other results: DeviceLost where a machine has another version of what scores."""
    for package in _SCORING:
        try:
            theirs = client.run(version, package)
        except PackageNotFoundError as error:
            raise DeviceLost(f"a machine of the cluster at {address} {_NEEDS}") from error
        for machine, found in theirs.items():
            if found != version(package):
                raise DeviceLost(
                    f"{machine} has {package} {found}, and here it is {version(package)}: install that"
                )
