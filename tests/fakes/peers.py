"""Real servers that segments are sent to, each started on a port of its own and ended by its owner."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fakes.waiting import SECONDS, until


@contextmanager
def nginx(folder: Path, tls: tuple[Path, Path] | None = None) -> Iterator[int]:
    """A web server with WebDAV: files under `folder`/www; /closed asks mrs for the password `sesame`."""
    program = _found("nginx", "nginx-light")
    port = free_port()
    for name in ("www/here", "www/closed", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "passwords").write_text("mrs:{PLAIN}sesame\n")
    secure = f"ssl_certificate {tls[0]}; ssl_certificate_key {tls[1]};" if tls else ""
    temporary = " ".join(
        f"{kind}_temp_path {folder}/tmp;" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"""daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
        {"user root;" if os.geteuid() == 0 else ""}
        events {{}}
        http {{ access_log off; {temporary}
          server {{ listen 127.0.0.1:{port}{" ssl" if tls else ""}; {secure}
            root {folder}/www; client_max_body_size 1m; dav_methods PUT DELETE;
            location /closed/ {{ auth_basic x; auth_basic_user_file {folder}/passwords; }}
            location /moved/ {{ return 301 /here/; }}
        }} }}"""
    )
    command = [program, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log"), "-p", str(folder)]
    with _running(command, port):
        yield port


@contextmanager
def mosquitto(folder: Path) -> Iterator[int]:
    """An MQTT broker that lets in mrs with the password `sesame` and nobody else."""
    program = _found("mosquitto", "mosquitto")
    port = free_port()
    passwords = folder / "passwords"
    subprocess.run(["mosquitto_passwd", "-c", "-b", str(passwords), "mrs", "sesame"], check=True)
    passwords.chmod(0o600)
    (folder / "broker.conf").write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\npersistence false\n"
        f"{'user root' if os.geteuid() == 0 else ''}\n"
    )
    with _running([program, "-c", str(folder / "broker.conf")], port):
        yield port


def free_port() -> int:
    """A port of loopback that nobody listened on just now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _found(program: str, package: str) -> str:
    path = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if path is None:
        pytest.skip(f"no {program} here: apt install {package}")
    return path


@contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as server:
        try:
            _wait_for(server, port)
            yield
        finally:
            server.terminate()
            server.communicate(timeout=SECONDS)


def _wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    """Return once somebody listens on `port`; fail with what the server said if it ends before."""

    def listens() -> bool:
        if server.poll() is not None:
            pytest.fail(f"{server.args!r} ended: {server.communicate()[1].decode(errors='replace')}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return False
        return True

    until(f"{server.args!r} does not listen", listens)
