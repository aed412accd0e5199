"""One method for each thing that can be asked of the page, by a browser that the guards let pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from earlid.core.field import Kind, Peak, Tag
from earlid.core.picture import picture
from earlid.edge.field.store import FieldStore, Wanted
from earlid.edge.page.app import View
from earlid.edge.page.asked import COOKIE, Answer, Asked, as_json, elsewhere
from earlid.edge.page.doings import GRACE_S, Doings
from earlid.edge.page.numbers import curve_of, facts_of, words_with_peaks
from earlid.edge.page.pairing import SESSION_S, Pairing, Tried, new_cookie
from earlid.edge.page.sheets import Sheets
from earlid.edge.page.shown import label_of, note_of, picture_of, row_of, tags_of, wanted_of, whole_of
from earlid.edge.page.sound import Open, answer_with, samples_of
from earlid.errors import UsageError

MOST_ROWS: Final = 500
SURE: Final = "erase everything"
"""What the owner types before everything is erased."""
_WAITING: Final = Wanted(kind=Kind.WAKE, has_label=False, is_erased=False)
_PAIR_STATUS: Final = {Tried.WRONG: 403, Tried.CLOSED: 410}


@dataclass(frozen=True, slots=True)
class Views:
    """The page of one folder of field recordings. `open` opens a clip; `erase_everything` leaves nothing."""

    store: FieldStore
    doings: Doings
    pairing: Pairing
    sheets: Sheets
    open: Open
    erase_everything: Callable[[], None]
    tried: Callable[[Tried, str], None]
    """Told of each attempt to pair, and from where."""
    patience: int = 1

    def all(self) -> Mapping[tuple[str, str], View]:
        """Each view, by method and path."""
        return {
            ("GET", "/"): self.review,
            ("GET", "/numbers"): self.numbers,
            ("GET", "/pair"): self.pair,
            ("POST", "/pair"): self.try_code,
            ("POST", "/leave"): self.leave,
            ("GET", "/static/{name}"): self.file,
            ("GET", "/sound/{name}"): self.sound,
            ("GET", "/api/peaks"): self.queue,
            ("GET", "/api/peaks/{name}"): self.peak,
            ("GET", "/api/peaks/{name}/picture"): self.picture,
            ("POST", "/api/peaks/{name}/label"): self.label,
            ("POST", "/api/peaks/{name}/tags"): self.tag,
            ("POST", "/api/peaks/{name}/note"): self.annotate,
            ("POST", "/api/peaks/{name}/erase"): self.erase,
            ("POST", "/api/undo"): self.undo,
            ("POST", "/api/erase-everything"): self.erase_all,
            ("GET", "/api/what-if/{name}"): self.curve,
        }

    # pages

    def review(self, asked: Asked, _name: str) -> Answer:
        """The queue, and the recording in front of its owner."""
        words = words_with_peaks(self.store.peaks(Wanted(is_erased=False)))
        return self._page("review.html", asked, "review", tags=list(Tag), words=words)

    def numbers(self, asked: Asked, _name: str) -> Answer:
        """The dashboard."""
        facts = facts_of(self.store, self.patience)
        return self._page("numbers.html", asked, "numbers", sure=SURE, facts=facts)

    def pair(self, asked: Asked, _name: str) -> Answer:
        """The page that asks for the code."""
        if self.pairing.knows(asked.cookie):
            return elsewhere("/")
        return self._ask_for_code(asked, None)

    def file(self, _asked: Asked, name: str) -> Answer:
        """A file of the page's own: all of them were read at the start, and no other is looked for."""
        body, kind = self.sheets.files.get(name, (b"", ""))
        if not kind:
            return as_json({"error": "there is nothing here: go back"}, 404)
        return Answer(body, kind, headers={"cache-control": "no-cache"})

    # who may look

    def try_code(self, asked: Asked, _name: str) -> Answer:
        """Pair the browser that knows the code."""
        how, cookie = self.pairing.pair(asked.form().get("code", ""))
        self.tried(how, asked.peer)
        if how is not Tried.PAIRED:
            return self._ask_for_code(asked, how)
        return elsewhere("/", _set_cookie(cookie))

    def leave(self, asked: Asked, _name: str) -> Answer:
        """Forget this browser."""
        self.pairing.part(asked.cookie)
        return elsewhere("/pair", {"set-cookie": f"{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"})

    # recordings

    def queue(self, asked: Asked, _name: str) -> Answer:
        """The rows that a filter asks for, newest first, and how many wakes wait for a label."""
        wanted, going = wanted_of(asked.query), self.doings.going
        rows = self.store.peaks(wanted, limit=MOST_ROWS + len(going))
        shown = [row_of(peak) for peak in rows if peak.id not in going][:MOST_ROWS]
        return as_json(
            {
                "peaks": shown,
                "count": max(len(shown), self.store.count(wanted) - len(going)),
                "waiting": self._waiting(),
                "all": self.store.count(Wanted(is_erased=False)) - len(going),
            }
        )

    def peak(self, _asked: Asked, name: str) -> Answer:
        """All that is drawn of one peak."""
        return as_json(whole_of(self._one(name)))

    def picture(self, _asked: Asked, name: str) -> Answer:
        """What the sound of one peak looks like."""
        return as_json(picture_of(picture(samples_of(self._wav(name)))))

    def sound(self, asked: Asked, name: str) -> Answer:
        """The sound of one peak, or the part of it that a player asks for."""
        return answer_with(self._wav(name.removesuffix(".wav")), asked.headers.get("range", ""))

    def label(self, asked: Asked, name: str) -> Answer:
        """Say what it was."""
        return self._changed(self.doings.label(self._one(name).id, label_of(asked.told().get("label"))))

    def tag(self, asked: Asked, name: str) -> Answer:
        """Say what set it off."""
        return self._changed(self.doings.tag(self._one(name).id, tags_of(asked.told().get("tags"))))

    def annotate(self, asked: Asked, name: str) -> Answer:
        """Write something beside it."""
        return self._changed(self.doings.annotate(self._one(name).id, note_of(asked.told().get("note"))))

    def erase(self, _asked: Asked, name: str) -> Answer:
        """Erase it in a moment."""
        peak = self.doings.erase(self._one(name).id)
        return as_json({"peak": row_of(peak), "waiting": self._waiting(), "grace": GRACE_S})

    def undo(self, _asked: Asked, _name: str) -> Answer:
        """Take back the last thing."""
        peak = self.doings.undo()
        return as_json({"peak": None}) if peak is None else self._changed(peak)

    def erase_all(self, asked: Asked, _name: str) -> Answer:
        """Erase everything, once the owner has typed that."""
        if asked.told().get("sure") != SURE:
            raise UsageError(f"type '{SURE}' to erase everything")
        self.doings.forget()
        self.erase_everything()
        return as_json({"erased": True})

    def curve(self, _asked: Asked, name: str) -> Answer:
        """What each threshold would have done."""
        return as_json(curve_of(self.store, name, self.patience))

    # the same for several

    def _page(self, sheet: str, asked: Asked, here: str, **values: Any) -> Answer:
        token = self.pairing.token_of(asked.cookie)
        return Answer(self.sheets.write(sheet, here=here, token=token, **values))

    def _ask_for_code(self, asked: Asked, how: Tried | None) -> Answer:
        cookie = asked.cookie or new_cookie()
        token, is_open = self.pairing.token_of(cookie), self.pairing.is_open
        body = self.sheets.write(
            "pair.html", here="pair", token=token, how=how and how.value, is_open=is_open
        )
        return Answer(body, status=_PAIR_STATUS[how] if how else 200, headers=_set_cookie(cookie))

    def _one(self, id_: str) -> Peak:
        """The peak `id_`, if there is still something to see of it."""
        peak = self.store.peak(id_)
        if peak.is_erased:
            raise UsageError("this recording is erased")
        return peak

    def _wav(self, id_: str) -> bytes:
        clip = self._one(id_).clip
        if clip is None:
            raise UsageError("of this only numbers were kept, no sound")
        return self.open(clip)

    def _changed(self, peak: Peak) -> Answer:
        return as_json({"peak": row_of(peak), "waiting": self._waiting()})

    def _waiting(self) -> int:
        going = self.doings.going
        return (
            sum(peak.id not in going for peak in self.store.peaks(_WAITING))
            if going
            else self.store.count(_WAITING)
        )


def _set_cookie(cookie: str) -> dict[str, str]:
    kept_s = round(SESSION_S)
    return {"set-cookie": f"{COOKIE}={cookie}; Path=/; Max-Age={kept_s}; HttpOnly; SameSite=Strict"}
