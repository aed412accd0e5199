"""Leaves with 0 where a C extension can be compiled for the Python that runs this."""

import sys
import sysconfig
from pathlib import Path

sys.exit(not (Path(sysconfig.get_paths()["include"]) / "Python.h").exists())
