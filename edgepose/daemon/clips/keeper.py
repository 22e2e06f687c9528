"""Makes files of what rings remember."""

import errno
import time

from edgepose.daemon.clips import document
from edgepose.daemon.clips.packets import PacketRing
from edgepose.daemon.clips.skeleton import SkeletonRing
from edgepose.daemon.clips.take import reach_s
from edgepose.daemon.clips.video import VideoClip
from edgepose.errors import ConfigError, SinkError

PACKET_BYTES = 16 << 20  # 16 s of a camera that sends 8 Mbit/s
_MS = 1_000_000
_MAX_SPARED = 8  # files that are given up for one new one, where the disk is full of other things


class Keeper:
    """One camera's rings, and the writing of clips from them onto a shelf.

    Parameters
    ----------
    camera, clips, skeleton, shelf, kept, clock_ns : as for Recorder

    Attributes
    ----------
    remember : callable(poses), of its SkeletonRing
    tap : callable(packet, stream) of its PacketRing, or None where no packets are kept

    Notes
    -----
    Raises nothing: what cannot be written is counted, and shown by `health`.
    """

    def __init__(self, camera, clips, skeleton, shelf, kept=None, clock_ns=time.monotonic_ns):
        self._camera, self._skeleton, self._shelf, self._kept = camera, skeleton, shelf, kept
        self._poses = SkeletonRing(reach_s(clips), camera.max_people, skeleton, camera.fps)
        self._packets = PacketRing(PACKET_BYTES, clock_ns) if clips.mode == "video" else None
        self.remember, self.tap = self._poses.remember, self._packets and self._packets.tap
        self._n_written = self._n_failed = 0
        self._last_error = None

    def use(self, camera):
        """Write the zones of these CameraSettings from now on."""
        self._camera = camera

    def health(self):
        """`n_written` and `n_failed` files, and the `last_error`."""
        refusal = self._packets and self._packets.refusal
        return {"n_written": self._n_written, "n_failed": self._n_failed, "last_error": refusal or self._last_error}

    def film(self, take):
        """Begin a video, where packets are kept."""
        if self._packets is not None:
            event_id, begin_ns = take.event.id, take.begin_ns
            take.video = VideoClip(event_id, self._packets, self._shelf, begin_ns, take.end_ns)

    def attend(self, take, now_ns):
        """Write what is due."""
        is_due = take.due_ns is not None and now_ns >= take.due_ns
        if take.video is not None:
            self._follow(take, is_over=is_due and now_ns >= take.end_ns)
        if is_due:
            self._guard(self._write, take, now_ns)
            take.wrote(now_ns)

    def finish(self, take, now_ns):
        """Write what there is, because the daemon stops."""
        if take.video is not None:
            self._follow(take, is_over=True)
        if not take.is_long:
            self._guard(self._write, take, now_ns, "stopped")

    def _follow(self, take, is_over):
        """Write packets that have come; at the end of what is recorded in one go, finish the file."""
        video, video.end_ns = take.video, take.end_ns
        if not self._guard(video.follow):
            video.give_up()
            take.video = None
        elif is_over or video.is_full:
            take.video = None
            if self._guard(video.close):
                self._tell(take)

    def _write(self, take, now_ns, ended=None):
        make = self._with_end if take.is_long else self._first_part
        data = make(take, now_ns, ended)
        if data is not None:
            self._put(f"{take.event.id}.json.gz", data)
            self._tell(take)

    def _first_part(self, take, now_ns, ended):
        """The clip from its beginning, as far as it has come: bytes of a file; None where no frame came."""
        times = take.times(now_ns, ended)
        cut = self._poses.cut(take.begin_ns, take.begin_ns + times["length_ms"] * _MS)
        if not len(cut):
            return None
        head = document.head(take.event, self._camera, self._skeleton, cut.size, times)
        return document.pack(head, cut.frames(take.begin_ns))

    def _with_end(self, take, *_):
        """The clip that is on the shelf, with the end of the event; None where it has gone, or another size came."""
        found, (begin_ns, end_ns) = self._shelf.find(take.event.id, "skeleton"), take.last_part
        cut = self._poses.cut(begin_ns, end_ns)
        clip = document.read(found["path"]) if found else None
        if clip is None or (len(cut) and cut.size != (clip["width"], clip["height"])):
            return None
        frames, gap = clip.pop("frames"), [clip["length_ms"], (begin_ns - take.begin_ns) // _MS]
        clip.update(event=take.event.as_table(), length_ms=(end_ns - take.begin_ns) // _MS, ended="closed",
                    closed_ms=(take.closed_ns - take.begin_ns) // _MS, gaps=[gap] if gap[0] < gap[1] else [])
        return document.pack(clip, frames + list(cut.frames(take.begin_ns)))

    def _put(self, name, data):
        """Write a file; where the disk is full, in place of older clips."""
        for _ in range(_MAX_SPARED):
            try:
                return self._shelf.put(name, data)
            except SinkError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT) or not self._shelf.spare():
                    raise
        return self._shelf.put(name, data)

    def _tell(self, take):
        self._n_written += 1
        if self._kept is not None:
            self._kept(take.event.id)

    def _guard(self, step, *args):
        """Whether a step went well; what went wrong is counted."""
        try:
            step(*args)
        except (OSError, ConfigError) as error:
            self._n_failed += 1
            self._last_error = str(error)
            return False
        return True
