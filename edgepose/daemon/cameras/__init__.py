"""Cameras: a thread each that captures, comes back after every fault, and tells how it is doing."""
