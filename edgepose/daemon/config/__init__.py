"""What the daemon is told: one TOML file, checked whole."""
