"""Everything that the two services must not be able to do, and what forbids it."""

from __future__ import annotations

from typing import Final

from systemd.sandbox import Attack

LISTEN: Final = "earlid-listen.service"
UPLOAD: Final = "earlid-upload.service"
AS_ROOT: Final = {"User": None, "Group": None}
AS_LISTENER: Final = {"User": "earlid-listen", "Group": "earlid"}
AS_UPLOADER: Final = {"User": "earlid-upload", "Group": "earlid-upload"}
FAMILIES: Final = {"RestrictAddressFamilies": None}
PATHS: Final = {"InaccessiblePaths": None}
SYSTEM: Final = {"ProtectSystem": None}
TEMPORARY: Final = {"TemporaryFileSystem": None}
EXEC: Final = {"NoExecPaths": None, "ExecPaths": None}
CALLS: Final = {"SystemCallFilter": None}
USERS: Final = {"PrivateUsers": None}
LOADING: Final = AS_ROOT | CALLS | USERS | {"CapabilityBoundingSet": None, "ProtectKernelModules": None}
DENIED: Final = {"IPAddressDeny": None}

TOKEN: Final = "/etc/earlid/tokens/collector"
CONFIG: Final = "/etc/earlid/config.toml"
SEGMENT: Final = "/var/lib/earlid/spool/outbox/00000001-0123456789abcdef0123456789abcdef/segment.wav"
DRAFT: Final = "/var/lib/earlid/spool/draft/segment.wav"

ATTACKS: Final = (
    Attack(LISTEN, ("inet-socket", "AF_INET"), (FAMILIES,)),
    Attack(LISTEN, ("inet-socket", "AF_INET6"), (FAMILIES,)),
    Attack(LISTEN, ("connect", "127.0.0.1:8123"), (FAMILIES, {"PrivateNetwork": None}), DENIED),
    Attack(LISTEN, ("resolve", "attacker.test"), (FAMILIES, {"PrivateNetwork": None}), DENIED),
    Attack(LISTEN, ("read", TOKEN), (AS_ROOT, PATHS)),
    Attack(LISTEN, ("write", CONFIG), (AS_ROOT, SYSTEM)),
    Attack(LISTEN, ("write", "/opt/earlid/bin/earlid"), (AS_ROOT,), SYSTEM),
    Attack(LISTEN, ("write", "/usr/bin/earlid"), (AS_ROOT, SYSTEM)),
    Attack(
        LISTEN, ("write", "/var/lib/earlid/models/planted.onnx"), (AS_ROOT, SYSTEM | {"ReadOnlyPaths": None})
    ),
    Attack(LISTEN, ("read", "/home/ada/diary"), ({"ProtectHome": None},)),
    Attack(LISTEN, ("read", "/srv/ada/diary"), (AS_ROOT | USERS | {"CapabilityBoundingSet": None},)),
    Attack(LISTEN, ("read", "/var/lib/earlid/ledger/000000000001.jsonl"), (PATHS,)),
    Attack(LISTEN, ("read", "/var/lib/earlid/upload/alias.json"), (AS_UPLOADER, PATHS)),
    Attack(LISTEN, ("ptrace",), (CALLS, USERS)),
    Attack(LISTEN, ("load-module",), (LOADING,)),
    Attack(LISTEN, ("shell", "/bin/sh"), (EXEC,)),
    Attack(LISTEN, ("shell", "/tmp/../usr/bin/dash"), (EXEC,)),
    *(
        Attack(LISTEN, ("shell-copy", folder), (EXEC | TEMPORARY,))
        for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run/earlid", "/var/lib/earlid/spool/outbox")
    ),
    Attack(LISTEN, ("shell-copy", "/var/lib/earlid/listen"), (EXEC,)),
    Attack(LISTEN, ("shell-copy", "/var/lib/earlid/field"), (EXEC,)),
    Attack(LISTEN, ("shell-copy", "/var/lib/earlid/forget/requests"), (EXEC,)),
    Attack(LISTEN, ("namespace",), ({"RestrictNamespaces": None},)),
    Attack(LISTEN, ("writable-code",), ({"MemoryDenyWriteExecute": None},)),
    Attack(LISTEN, ("setuid-file",), ({"RestrictSUIDSGID": None},)),
    Attack(UPLOAD, ("device", "/dev/snd/controlC0"), ({"PrivateDevices": None},)),
    Attack(UPLOAD, ("device", "/dev/gpiochip0"), ({"PrivateDevices": None},)),
    Attack(UPLOAD, ("memory",), (AS_LISTENER, USERS)),
    Attack(UPLOAD, ("ptrace",), (AS_LISTENER, CALLS, USERS)),
    Attack(UPLOAD, ("read", "/var/lib/earlid/field/field.sqlite3"), (AS_LISTENER, PATHS)),
    Attack(UPLOAD, ("read", "/var/lib/earlid/listen/muted"), (AS_LISTENER, PATHS)),
    Attack(UPLOAD, ("read", DRAFT), (AS_LISTENER,)),
    Attack(UPLOAD, ("write", SEGMENT), (AS_LISTENER,)),
    Attack(UPLOAD, ("unmute",), (AS_LISTENER, PATHS)),
    Attack(UPLOAD, ("read", TOKEN), (AS_ROOT,)),
    Attack(UPLOAD, ("read", "/home/ada/diary"), ({"ProtectHome": None},)),
    Attack(UPLOAD, ("write", CONFIG), (AS_ROOT, SYSTEM)),
    Attack(UPLOAD, ("load-module",), (LOADING,)),
    Attack(UPLOAD, ("namespace",), ({"RestrictNamespaces": None},)),
    Attack(UPLOAD, ("writable-code",), ({"MemoryDenyWriteExecute": None},)),
    Attack(UPLOAD, ("setuid-file",), ({"RestrictSUIDSGID": None},)),
)
CONNECT: Final = Attack(UPLOAD, ("connect", "127.0.0.1:8123"), ())
ELSEWHERE: Final = "IPAddressDeny=any\nIPAddressAllow=192.0.2.7"
