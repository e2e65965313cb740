"""The parts of `hub.toml`, each read by a module of its own."""
