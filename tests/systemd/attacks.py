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
TEMPORARY: Final = {
    "TemporaryFileSystem": "/tmp:mode=1777 /var/tmp:mode=1777"
}  # writable as before, and not noexec
EXEC: Final[dict[str, str | None]] = {"NoExecPaths": None, "ExecPaths": None}
CALLS: Final = {"SystemCallFilter": None}
USERS: Final = {"PrivateUsers": None}
LOADING: Final = AS_ROOT | CALLS | USERS | {"CapabilityBoundingSet": None, "ProtectKernelModules": None}
MAKING: Final = AS_ROOT | CALLS | USERS | {"CapabilityBoundingSet": None}
DENIED: Final = {"IPAddressDeny": None}
DEVICES: Final = {"DevicePolicy": None, "DeviceAllow": None}
UPLOADER_S_DEVICES: Final = {"DevicePolicy": None}
PRIVATE: Final = {"PrivateDevices": None}
WRITABLE: Final = {"MemoryDenyWriteExecute": None}

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
    Attack(LISTEN, ("shell-in-memory",), (CALLS,)),
    Attack(LISTEN, ("device", "/dev/video0"), (DEVICES,)),
    Attack(LISTEN, ("device", "/dev/whole-disk"), (DEVICES,)),
    Attack(LISTEN, ("device-number", "c:81:0"), (MAKING, DEVICES)),
    Attack(LISTEN, ("namespace",), ({"RestrictNamespaces": None},)),
    Attack(LISTEN, ("writable-code",), (WRITABLE,)),
    Attack(LISTEN, ("writable-code-seen-twice",), (CALLS,)),
    Attack(LISTEN, ("setuid-file",), ({"RestrictSUIDSGID": None},)),
    Attack(UPLOAD, ("device", "/dev/snd/controlC0"), (PRIVATE, UPLOADER_S_DEVICES)),
    Attack(UPLOAD, ("device", "/dev/gpiochip0"), (PRIVATE, UPLOADER_S_DEVICES)),
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
    Attack(UPLOAD, ("writable-code",), (WRITABLE,)),
    Attack(UPLOAD, ("writable-code-seen-twice",), (CALLS,)),
    Attack(UPLOAD, ("shell-copy", "/tmp"), ({"NoExecPaths": None},)),
    Attack(UPLOAD, ("shell-copy", "/var/tmp"), ({"NoExecPaths": None},)),
    Attack(UPLOAD, ("shell-copy", "/dev/shm"), ({"NoExecPaths": None},)),
    Attack(UPLOAD, ("shell-copy", "/var/lib/earlid/upload"), ({"NoExecPaths": None},)),
    Attack(UPLOAD, ("shell-copy", "/var/lib/earlid/ledger"), ({"NoExecPaths": None},)),
    Attack(UPLOAD, ("shell-copy", "/var/lib/earlid/spool/outbox"), ({"NoExecPaths": None},)),
    Attack(UPLOAD, ("shell-copy", "/run/earlid/spool/outbox"), ({"NoExecPaths": None},)),
    Attack(UPLOAD, ("shell-copy", "/run/earlid/upload"), ({"NoExecPaths": None},)),
    Attack(UPLOAD, ("setuid-file",), ({"RestrictSUIDSGID": None},)),
)
CONNECT: Final = Attack(UPLOAD, ("connect", "127.0.0.1:8123"), ())
ELSEWHERE: Final = "IPAddressDeny=any\nIPAddressAllow=192.0.2.7"
