"""Cameras in; poses, zones and events out; for months. `docs/daemon.md` tells how it fits together."""
