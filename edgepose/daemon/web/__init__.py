"""The page on the board: a server in a thread of its own that knows the Hub and nothing else (docs/daemon/web.md)."""
