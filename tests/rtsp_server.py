"""A real RTSP server for tests: plays an H.264 MP4 once to every client. Runs under Debian's own Python.

    /usr/bin/python3 tests/rtsp_server.py CLIP [USER:PASSWORD [PORT]]

Prints `ready rtsp://…` when it listens, on a port of its own or a given one; ends when its standard input closes.
Needs the Debian packages python3-gi and gir1.2-gst-rtsp-server-1.0, which brings GStreamer's plugins.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402  gi wants the versions first


def main(clip, login=None, port="0"):
    """Serve until standard input closes."""
    Gst.init(None)
    server = GstRtspServer.RTSPServer(address="127.0.0.1", service=port)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(f'( filesrc location="{clip}" ! qtdemux ! rtph264pay name=pay0 pt=96 config-interval=-1 )')
    if login:
        lock(server, factory, *login.split(":"))
    server.get_mount_points().add_factory("/clip", factory)
    server.attach(None)
    loop = GLib.MainLoop()
    GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IO_HUP | GLib.IO_IN, lambda *_: loop.quit())
    print(f"ready rtsp://127.0.0.1:{server.get_bound_port()}/clip", flush=True)
    loop.run()


def lock(server, factory, user, password):
    """Let in only those who know the password."""
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "user")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("user", "media.factory.access", True)
    permissions.add_permission_for_role("user", "media.factory.construct", True)
    factory.set_permissions(permissions)


if __name__ == "__main__":
    main(*sys.argv[1:])
