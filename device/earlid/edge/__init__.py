"""One file for each thing outside: microphone, engine, disk, collector, terminal."""
