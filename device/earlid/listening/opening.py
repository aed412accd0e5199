"""The way by which sound comes in, and whether it is waited for where nothing comes."""

from __future__ import annotations

from earlid.edge.sound.source import Source
from earlid.errors import ConfigError, DeviceLost, NotConnected


class Opening:
    """Opens `source`. `comes_back` is whether one that was open is waited for, as microphones are.

    One that never was is waited for only if it `is_awaited`, by a service: somebody has to feel the hand and
    light the lamp meanwhile, and there is no terminal at which one line would be read.
    """

    def __init__(self, source: Source, *, comes_back: bool, is_awaited: bool) -> None:
        self._source = source
        self.comes_back = comes_back
        self._is_awaited = is_awaited
        self.was_open = False

    def open_or_wait(self) -> DeviceLost | ConfigError | None:
        """None once it is open, or what is amiss where that can be waited for; anything else is raised."""
        try:
            self._source.open()
        except (DeviceLost, ConfigError) as error:
            is_absent = isinstance(error, DeviceLost | NotConnected)
            if not (self.comes_back if self.was_open else self._is_awaited and is_absent):
                raise
            return error
        self.was_open = True
        return None
