"""Pages out of templates. Whatever is put into one is text: no markup in it takes effect."""

from __future__ import annotations

from importlib import resources
from typing import Final

from earlid.errors import ConfigError

try:
    import jinja2
except ImportError:
    raise ConfigError("the page needs jinja2: pip install '.[field]' in the checkout") from None

_HERE: Final = resources.files("earlid.edge.page")
_KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class Sheets:
    """The templates of the page, read once, and the files that go with them."""

    def __init__(self) -> None:
        texts = {
            one.name.removesuffix(".j2"): one.read_text("utf-8")
            for one in (_HERE / "templates").iterdir()
            if one.name.endswith(".j2")
        }
        self._sheets = jinja2.Environment(
            loader=jinja2.DictLoader(texts),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.files: Final = {
            one.name: (one.read_bytes(), _KINDS[one.name[one.name.rindex(".") :]])
            for one in (_HERE / "static").iterdir()
            if one.is_file()
        }
        """Bytes and media type of each file by its name: what is not in here cannot be asked for."""

    def write(self, name: str, **values: object) -> bytes:
        """The page `name` with these `values` in it."""
        return self._sheets.get_template(name).render(values).encode()
