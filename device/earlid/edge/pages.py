"""Pages out of templates in the package; whatever is put into one is text, unless the template trusts it."""

from __future__ import annotations

from importlib import resources
from typing import Any

from earlid.errors import ConfigError

try:
    from jinja2 import Environment, StrictUndefined
except ImportError:
    raise ConfigError("pages need jinja2: pip install '.[report]' in the checkout") from None


def page(package: str, template: str, **values: Any) -> str:
    """The page that `template` in `package` makes of `values`; one that it lacks is an error, not a blank."""
    text = (resources.files(package) / template).read_text(encoding="utf-8")
    made = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return made.from_string(text).render(**values)
