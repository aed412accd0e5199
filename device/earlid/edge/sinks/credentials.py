"""How a token or a password is shown to a server."""

from __future__ import annotations

import base64


def authorization(user: str, token: str | None) -> dict[str, str]:
    """The header that carries `token`, as a bearer's or as the password of `user`; none for no token."""
    if token is None:
        return {}
    if not user:
        return {"Authorization": f"Bearer {token}"}
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{token}'.encode()).decode()}"}
