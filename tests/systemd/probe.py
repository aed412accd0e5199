"""Tries one attack from inside a service's sandbox: `probe.py ATTACK [WHAT]`. Python's standard library only.

Leaves with 0 where the attack succeeded, 1 where something forbade it, 2 where it could not be tried: then
nothing is proven. One line says what happened. `probe.py` alone lists the attacks.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

SUCCEEDED, FORBIDDEN, NOT_TRIED = 0, 1, 2
VICTIM = "/run/earlid-probe/victim"
"""Where the number of the process to be spied on is written."""
WRITABLE = "/var/lib/earlid/listen"
"""Where the listener may write, on a real file system."""
HELD_S = 3.0
"""How long a process may be held by another probe, which looks just like being forbidden to hold it."""
_LIBC = ctypes.CDLL(None, use_errno=True)


class NotTriedError(Exception):
    """What the attack needs is not here, so that failing proves nothing."""


def inet_socket(family: str = "AF_INET") -> str:
    """Make a socket that could reach a network."""
    socket.socket(getattr(socket, family), socket.SOCK_DGRAM).close()
    return f"a socket of {family}"


def connect(address: str = "127.0.0.1:8123") -> str:
    """Connect to a server."""
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=3):
        return f"connected to {address}"


def resolve(name: str = "attacker.test") -> str:
    """Have a name looked up by a name server."""
    try:
        return f"{name} is {socket.getaddrinfo(name, 80)[0][4][0]}"
    except socket.gaierror as error:
        raise PermissionError(errno.EPERM, f"not looked up: {error.strerror}") from error


def read(path: str) -> str:
    """Read a file, a device or another process's memory map."""
    with Path(path).open("rb", buffering=0) as file:
        return f"read {len(file.read(16))} bytes of {path}"


def write(path: str) -> str:
    """Open an existing file, or a new one, for writing; nothing is changed in one that exists."""
    existed = os.path.lexists(path)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    if not existed:
        Path(path).unlink()
    return f"opened {path} for writing"


def device(path: str) -> str:
    """Open a device; the kernel looks at the permission before it looks for the driver."""
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
    except OSError as error:
        if error.errno not in (errno.ENXIO, errno.ENODEV, errno.EBUSY):
            raise
        return f"would have opened {path}: {os.strerror(error.errno)}"
    return f"opened {path}"


def device_number(number: str) -> str:
    """Make a device by its number, such as c:116:0, and open it: no name needed."""
    kind, major, minor = number.split(":")
    path = Path(WRITABLE, f"probe-{major}-{minor}-{os.getpid()}")
    mode = {"c": stat.S_IFCHR, "b": stat.S_IFBLK}[kind] | 0o600
    os.mknod(path, mode, os.makedev(int(major), int(minor)))
    try:
        return device(str(path))
    finally:
        path.unlink()


def memory(pid: str = "") -> str:
    """Read another process's memory."""
    number = _victim(pid)
    with Path(f"/proc/{number}/maps").open(encoding="ascii") as maps:
        start = int(next(maps).split("-")[0], 16)
    with Path(f"/proc/{number}/mem").open("rb", buffering=0) as held:
        held.seek(start)
        return f"read {len(held.read(16))} bytes of process {number}"


def ptrace(pid: str = "") -> str:
    """Take hold of another process of the same user."""
    seize, until_s = 0x4206, time.monotonic() + HELD_S
    while True:
        try:
            _called(_LIBC.ptrace(seize, _victim(pid), None, None))
        except PermissionError:
            if time.monotonic() > until_s:
                raise
            time.sleep(0.05)
        else:
            return "took hold of a process"


def load_module(_unused: str = "") -> str:
    """Load a kernel module; the kernel looks at the permission before it looks at the module."""
    number = {"x86_64": 175, "aarch64": 105}.get(os.uname().machine)
    if number is None:
        raise NotTriedError("unknown machine")
    if _LIBC.syscall(number, b"", 0, b"") == 0 or ctypes.get_errno() in (errno.ENOEXEC, errno.ENOSYS):
        return "the kernel itself answered, and would have loaded a module or has none"
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def shell(command: str = "/bin/sh") -> str:
    """Run a shell."""
    subprocess.run([command, "-c", "true"], check=True)
    return f"ran {command}"


def shell_copy(folder: str = "/tmp") -> str:
    """Copy a shell to where this service may write, and run it there."""
    path = Path(folder, f"probe-shell-{os.getpid()}")  # several probes at once have one each
    try:
        path.write_bytes(Path("/bin/sh").read_bytes())
    except OSError as error:
        raise NotTriedError(f"nothing can be written to {folder}: {error}") from error
    try:
        path.chmod(0o755)
        return shell(str(path))
    finally:
        path.unlink()


def shell_in_memory(_unused: str = "") -> str:
    """Run a shell out of a file that no folder has."""
    with os.fdopen(os.memfd_create("shell"), "wb", buffering=0) as copy:
        copy.write(Path("/bin/sh").read_bytes())
        subprocess.run(
            ["sh", "-c", "true"],
            executable=f"/proc/self/fd/{copy.fileno()}",
            pass_fds=[copy.fileno()],
            check=True,
        )
    return "ran a shell that is no file"


def namespace(_unused: str = "") -> str:
    """Make a namespace of its own."""
    _called(_LIBC.unshare(0x10000000))
    return "made a user namespace"


def writable_code(_unused: str = "") -> str:
    """Have memory that can be written and run."""
    _LIBC.mmap.restype = ctypes.c_void_p
    got = _LIBC.mmap(None, ctypes.c_size_t(4096), 7, 0x22, -1, ctypes.c_long(0))
    if got in (None, ctypes.c_void_p(-1).value):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return "has memory to write code into"


def writable_code_seen_twice(_unused: str = "") -> str:
    """Have the same memory twice, once to write it and once to run it."""
    with os.fdopen(os.memfd_create("code"), "wb", buffering=0) as file:
        file.truncate(4096)
        for prot in (mmap.PROT_WRITE, mmap.PROT_EXEC):
            mmap.mmap(file.fileno(), 4096, mmap.MAP_SHARED, prot | mmap.PROT_READ)
    return "has memory to write code into"


def setuid_file(folder: str = "/tmp") -> str:
    """Leave a file behind that runs with its owner's rights."""
    path = Path(folder, f"probe-suid-{os.getpid()}")
    path.touch()
    try:
        path.chmod(0o4755)
        if not path.stat().st_mode & stat.S_ISUID:
            raise PermissionError(errno.EPERM, "the bit did not stay")
    finally:
        path.unlink()
    return "left a file with the setuid bit"


def unmute(path: str = "/run/earlid/control") -> str:
    """Ask the listener to listen again."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(3)
        line.connect(path)
        line.sendall(b'{"do":"unmute"}\n')
        if not line.recv(4096):
            raise PermissionError(errno.EPERM, "it hung up")
    return "was heard"


def _victim(pid: str) -> int:
    try:
        return int(pid or Path(VICTIM).read_text("ascii"))
    except (OSError, ValueError) as error:
        raise NotTriedError(f"no victim: {error}") from error


def _called(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


ATTACKS: dict[str, Callable[..., str]] = {
    "connect": connect,
    "device": device,
    "device-number": device_number,
    "inet-socket": inet_socket,
    "load-module": load_module,
    "memory": memory,
    "namespace": namespace,
    "ptrace": ptrace,
    "read": read,
    "resolve": resolve,
    "setuid-file": setuid_file,
    "shell": shell,
    "shell-copy": shell_copy,
    "shell-in-memory": shell_in_memory,
    "unmute": unmute,
    "writable-code": writable_code,
    "writable-code-seen-twice": writable_code_seen_twice,
    "write": write,
}


def main(words: list[str]) -> int:
    """Try what `words` say."""
    if not words or words[0] not in ATTACKS:
        print(
            "\n".join(
                f"{name:14} {(attack.__doc__ or '').splitlines()[0]}" for name, attack in ATTACKS.items()
            )
        )
        return NOT_TRIED
    try:
        said = ATTACKS[words[0]](*words[1:])
    except NotTriedError as error:
        print(f"not tried: {error}", flush=True)
        return NOT_TRIED
    except (OSError, subprocess.SubprocessError) as error:
        print(f"forbidden: {type(error).__name__}: {error}", flush=True)
        return FORBIDDEN
    print(f"succeeded: {said}", flush=True)
    return SUCCEEDED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
