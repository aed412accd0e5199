"""What is mounted for a folder is told from what the system has mounted for itself, in a sandbox, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from earlid.edge.sinks.mounts import is_meant, is_mounted, mounts_in

CARD = "20 1 179:2 / / rw,noatime shared:1 - ext4 /dev/mmcblk0p2 rw\n21 20 0:25 / /run rw - tmpfs tmpfs rw\n"
HOME = "22 20 8:5 / /home rw - ext4 /dev/sda5 rw\n"
NAS = "30 20 0:52 / /mnt/nas rw shared:9 - nfs4 nas:/export rw\n"
STRICT = CARD + "25 20 179:2 /var/lib/earlid/spool /var/lib/earlid/spool rw - ext4 /dev/mmcblk0p2 rw\n"
TENT = CARD + "26 20 0:60 / /home ro - tmpfs tmpfs ro\n"


@pytest.mark.parametrize(
    ("folder", "table"),
    [
        ("/mnt/nas/voice", CARD + NAS),
        ("/mnt/nas", CARD + NAS),
        ("/media/ada/MY STICK/voice", CARD + "30 20 8:1 / /media/ada/MY\\040STICK rw - vfat /dev/sda1 rw\n"),
        ("/run/media/ada/STICK/voice", CARD + "30 21 8:1 / /run/media/ada/STICK rw - vfat /dev/sda1 rw\n"),
        ("/srv/nas/voice", CARD + "30 20 0:52 / /srv/nas rw - cifs //nas/voice rw\n"),
        ("/srv", CARD + "30 20 8:1 / /srv rw - ext4 /dev/sda1 rw\n"),
        ("/home/ada/nas/voice", CARD + HOME + "30 22 0:52 / /home/ada/nas rw - fuse.sshfs nas: rw\n"),
        (
            "/mnt/ssd/voice",
            CARD + "30 20 8:1 / /mnt/ssd rw - ext4 x rw\n31 20 8:1 /home /home rw - ext4 x rw\n",
        ),
        (
            "/srv/voice",
            CARD + "29 20 8:1 / /mnt/usb rw - ext4 x rw\n30 20 8:1 /voice /srv/voice rw - ext4 x rw\n",
        ),
        ("/mnt/nas/voice", CARD + "29 20 0:50 / /mnt/nas rw - autofs systemd-1 rw\n" + NAS),
        (
            "/mnt/nas/voice",
            STRICT + NAS.replace("30", "29") + "30 29 0:52 / /mnt/nas/voice rw - nfs4 nas:/ rw\n",
        ),
        ("/mnt/usb/voice", STRICT + "30 20 8:1 /voice /mnt/usb/voice rw - ext4 /dev/sda1 rw\n"),
        ("/home/ada/usb/voice", TENT + "30 26 8:1 /voice /home/ada/usb/voice rw - ext4 /dev/sda1 rw\n"),
        ("/srv", STRICT + "29 20 8:1 / /srv rw - ext4 x rw\n30 29 8:1 / /srv rw - ext4 x rw\n"),
    ],
)
def test_what_was_mounted_for_it_is_known(folder: str, table: str) -> None:
    assert is_meant(folder, 30, mounts_in(table))


@pytest.mark.parametrize(
    ("folder", "table"),
    [
        ("/mnt/nas/voice", CARD.replace("20 1", "30 1")),
        ("/home/ada/voice", CARD + HOME.replace("22", "30")),
        ("/dev/shm/voice", CARD + "30 20 0:26 / /dev/shm rw - tmpfs tmpfs rw\n"),
        ("/run/user/1000/voice", CARD + "30 21 0:70 / /run/user/1000 rw - tmpfs tmpfs rw\n"),
        ("/boot/firmware/voice", CARD + "30 20 179:1 / /boot/firmware rw - vfat /dev/mmcblk0p1 rw\n"),
        ("/var/voice", CARD + "30 20 8:6 / /var rw - ext4 /dev/sda6 rw\n"),
        ("/mnt/nas/voice", CARD + "30 20 0:50 / /mnt/nas rw - autofs systemd-1 rw\n"),
        (
            "/mnt/nas/voice",
            STRICT + "30 20 179:2 /mnt/nas/voice /mnt/nas/voice rw - ext4 /dev/mmcblk0p2 rw\n",
        ),
        ("/srv", STRICT + "30 20 179:2 /srv /srv rw - ext4 /dev/mmcblk0p2 rw\n"),
        ("/home/ada/voice", TENT + "30 26 179:2 /home/ada/voice /home/ada/voice rw - ext4 x rw\n"),
        ("/home/ada/voice", TENT + "30 26 8:5 /ada/voice /home/ada/voice rw - ext4 /dev/sda5 rw\n"),
        ("/mnt/b", "20 1 0:31 /@ / rw - btrfs x rw\n30 20 0:31 /@/mnt/b /mnt/b rw - btrfs x rw\n"),
        ("/mnt/nas/voice", CARD),
    ],
)
def test_what_the_system_has_for_itself_does_not_count(folder: str, table: str) -> None:
    assert not is_meant(folder, 30, mounts_in(table))


@pytest.mark.skipif(not Path("/dev/shm").is_mount(), reason="needs a mount that every Linux has: /dev/shm")
def test_the_kernel_is_asked_by_whatever_name_the_folder_has(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/dev/shm")
    assert is_mounted(tmp_path / "link")
    assert not is_mounted(tmp_path)
    with pytest.raises(FileNotFoundError):
        is_mounted(tmp_path / "absent")
