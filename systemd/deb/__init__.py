"""Builds the Debian packages: `make deb`. Needs root and mmdebstrap, and qemu-user for other processors."""
