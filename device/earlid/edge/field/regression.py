"""A plane between two kinds of rows, by logistic regression: scikit-learn, only while something is taught."""

from __future__ import annotations

import warnings
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from earlid.errors import ConfigError

_STRENGTH: Final = 1e-3
"""The inverse of the L2 penalty: a hundred examples of 1,536 numbers each must not be believed in all."""
_LEAST_SPREAD: Final = 1e-3


def plane(
    rows: npt.NDArray[np.float32], is_call: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.float64], float]:
    """Weights and bias of the plane that has calls on its upper side, both kinds weighing the same.

    `rows` is (examples, numbers). Numbers are scaled to each other first; the plane is for unscaled ones.
    """
    kind, one_thread = _tools()
    regression = kind(C=_STRENGTH, class_weight="balanced", max_iter=2_000)
    wide = rows.astype(np.float64)
    middle, spread = wide.mean(axis=0), wide.std(axis=0) + _LEAST_SPREAD
    with warnings.catch_warnings(), one_thread(1):  # more would only wait for each other, and for who listens
        warnings.simplefilter("ignore")  # that it would need more steps, say: it is measured either way
        regression.fit((wide - middle) / spread, is_call)
    weights: npt.NDArray[np.float64] = regression.coef_[0] / spread
    return weights, float(regression.intercept_[0] - weights @ middle)


def need_it() -> None:
    """ConfigError where scikit-learn is not installed."""
    _tools()


def _tools() -> tuple[Any, Any]:
    try:
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - an extra, and slow to import
        from threadpoolctl import threadpool_limits  # noqa: PLC0415 - comes with it
    except ImportError:
        raise ConfigError("teaching needs scikit-learn: pip install '.[field]' in the checkout") from None
    return LogisticRegression, threadpool_limits
