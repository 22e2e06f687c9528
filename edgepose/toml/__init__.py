"""TOML that people write, read so strictly that every fault has its line; and where in the text each thing stands."""
