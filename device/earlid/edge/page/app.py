"""Turns what arrives over HTTP into what may be asked, and answers: guards first, then a view a path."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from earlid.edge.page.asked import Answer, Asked, as_json
from earlid.edge.page.guards import HEADERS, LONGEST_BODY, refusal
from earlid.edge.page.pairing import Pairing
from earlid.errors import ConfigError, DiskTrouble, EarlidError, UsageError

try:
    from starlette.applications import Starlette
    from starlette.requests import ClientDisconnect, Request
    from starlette.responses import Response
    from starlette.routing import Route
except ImportError:
    raise ConfigError("the page needs starlette: pip install '.[field]' in the checkout") from None

View = Callable[[Asked, str], Answer]
"""Answers a request; the text is what the path's {name} stands for, or nothing. Runs in a thread."""

BODY_S: Final = 5.0
"""How long a body may take to arrive."""
THREADS: Final = 4
_LOG: Final = logging.getLogger("earlid.review")
_STATUS: Final[Mapping[type[EarlidError], int]] = {UsageError: 400, ConfigError: 409, DiskTrouble: 503}


def app_of(views: Mapping[tuple[str, str], View], pairing: Pairing) -> Any:
    """An ASGI application that answers `views`, by method and path, to whoever `pairing` knows."""
    threads = ThreadPoolExecutor(THREADS, "page")

    def endpoint(view: View | None) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            try:
                async with asyncio.timeout(BODY_S):
                    body = await _body_of(request)
            except (TimeoutError, ClientDisconnect):
                return _response(as_json({"error": "it took too long to arrive: try again"}, 408), ends=True)
            if body is None:
                return _response(as_json({"error": "this is too much at once: shorten it"}, 413), ends=True)
            asked = _asked(request, body)
            done = asyncio.get_running_loop().run_in_executor(threads, _answer, view, asked, pairing, request)
            return _response(await done)

        return answer

    routes = [Route(path, endpoint(view), methods=[method]) for (method, path), view in views.items()]
    nowhere = endpoint(None)
    return Starlette(routes=routes, exception_handlers={404: _ignoring(nowhere), 405: _ignoring(nowhere)})


def _ignoring(endpoint: Callable[[Request], Any]) -> Any:
    async def answer(request: Request, _error: Exception) -> Response:
        found: Response = await endpoint(request)
        return found

    return answer


def _answer(view: View | None, asked: Asked, pairing: Pairing, request: Request) -> Answer:
    try:
        no = refusal(asked, pairing)
        if no is not None:
            return no
        if view is None:
            return as_json({"error": "there is nothing here: go back"}, 404)
        return view(asked, request.path_params.get("name", ""))
    except EarlidError as error:
        return as_json({"error": str(error)}, _STATUS.get(type(error), 500))
    except Exception as error:  # noqa: BLE001 - one answer goes wrong, the page goes on
        _LOG.error(
            "path=%s unexpected=%s",
            request.scope["route"].path if "route" in request.scope else "-",
            type(error).__name__,
            exc_info=_LOG.isEnabledFor(logging.DEBUG),
        )
        return as_json({"error": "something went wrong here: the terminal says more"}, 500)


async def _body_of(request: Request) -> bytes | None:
    """All that was sent, or None once it is more than anybody needs to send."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LONGEST_BODY:
            return None
    return bytes(body)


def _asked(request: Request, body: bytes) -> Asked:
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name] = f"{headers[name]}, {value}" if name in headers else value  # twice is once too often
    return Asked(
        request.method,
        request.scope["path"],
        headers,
        dict(request.query_params),
        body,
        request.scope["server"],
        (request.scope["client"] or ("", 0))[0],
    )


def _response(answer: Answer, *, ends: bool = False) -> Response:
    headers = {**HEADERS, **answer.headers}
    if ends:
        headers["connection"] = "close"
    return Response(answer.body, answer.status, headers, media_type=answer.kind)
