"""How a camera's packets are to be understood, beyond the life of the container that they came in."""

import os
from dataclasses import dataclass
from fractions import Fraction

import av

from edgepose.daemon.clips.looks import look_of


@dataclass(frozen=True)
class Stream:
    """What is known of a camera's stream; two are equal where their packets go into one file.

    Attributes
    ----------
    codec : str, FFmpeg's name
    size : (width, height) int, px, as the stream began
    extradata : bytes, what the stream said of itself before its first packet
    look : bytes, parameter sets or size as the packets themselves say, or empty
    time_base : Fraction, s
    template : PyAV's stream, in a container of our own that is never written
    """

    codec: str
    size: tuple
    extradata: bytes
    look: bytes
    time_base: Fraction
    template: object

    @classmethod
    def of(cls, stream, look):
        """Copy what matters of PyAV's stream, which is open.

        Raises
        ------
        ValueError, av.FFmpegError : an MP4 cannot hold it, or this PyAV cannot make one of packets
        """
        keeper = av.open(os.devnull, "w", format="mp4")
        if not hasattr(keeper, "add_stream_from_template"):
            raise ValueError(f"PyAV {av.__version__} cannot copy packets, 14 and newer can")
        template = keeper.add_stream_from_template(stream, opaque=True)
        own, codec = template.codec_context, codec_of(stream)
        extradata = bytes(own.extradata or b"")
        return cls(codec, (own.width, own.height), extradata, look or look_of(codec, extradata), stream.time_base,
                   template)

    def __eq__(self, other):
        return self._key() == other._key()

    def __hash__(self):
        return hash(self._key())

    def _key(self):
        return self.codec, self.size, self.extradata, self.look, self.time_base

    @property
    def is_changed(self):
        """Whether packets brought other parameters than the stream began with."""
        return self.look != look_of(self.codec, self.extradata) and self.look != b""

    def add_to(self, container, first):
        """Its stream in an MP4 that is being written, fit for packets from `first` on, bytes of a key frame."""
        out = container.add_stream_from_template(self.template, opaque=True)
        if self.is_changed:
            if self.codec != "mjpeg":
                out.codec_context.extradata = self.look
            out.codec_context.width, out.codec_context.height = self._size_now(first)
        return out

    def _size_now(self, first):
        """(width, height) px of the picture in a key frame; the stream's own where it cannot be decoded."""
        decoder = av.CodecContext.create(self.codec, "r")
        try:
            pictures = decoder.decode(av.Packet(first)) + decoder.decode(None)
        except av.FFmpegError:
            pictures = []
        return (pictures[0].width, pictures[0].height) if pictures else self.size


def codec_of(stream):
    """FFmpeg's name of what a stream is coded in."""
    codec = stream.codec_context.codec
    return getattr(codec, "canonical_name", codec.name)
