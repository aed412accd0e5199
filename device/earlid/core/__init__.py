"""Pure rules: numpy and standard types; no clock, thread, file, socket, log or hardware."""
