"""Lends decoded pictures as Frames, in the decoder's own planes wherever the letterbox can read them."""

from av.video.reformatter import VideoReformatter

from edgepose.frame import Frame

#: Pixel formats that pass as they are: our name, and how many chroma rows one of ours steps over. Of 4:2:2 every
#: second chroma row is read, by a line size twice as long, instead of being converted.
_DIRECT = {
    "yuv420p": ("yuv420p", 1), "yuvj420p": ("yuv420p", 1), "yuv422p": ("yuv420p", 2), "yuvj422p": ("yuv420p", 2),
    "nv12": ("nv12", 1), "nv16": ("nv12", 2), "yuyv422": ("yuyv422", 1), "gray": ("gray8", 1),
    "rgb24": ("rgb24", 1), "bgr24": ("bgr24", 1),
}
_BT709 = (1, 9, 10)  # AVCOL_SPC_BT709; BT.2020's two are nearer to it than to BT.601
_UNSPECIFIED = (0, 2, 3)  # 0 is RGB, which says nothing of what it is converted to
_FULL_RANGE = 2  # AVCOL_RANGE_JPEG


class PlaneLender:
    """Refills one Frame with picture after picture; a new one only where size or format change."""

    def __init__(self):
        self._frame, self._seen, self._n_skip = None, None, 1
        self._reformatter = VideoReformatter()

    def lend(self, picture):
        """The Frame of a picture, valid until the next call.

        Parameters
        ----------
        picture : PyAV's VideoFrame; kept alive by the planes
        """
        picture = self._readable(picture)
        seen = (picture.format.name, picture.width, picture.height)
        if seen != self._seen:
            self._frame, self._seen = self._new_frame(picture), seen
        else:
            self._frame.planes, self._frame.line_sizes = picture.planes, self._line_sizes(picture.planes)
        return self._frame

    def _readable(self, picture):
        """The picture itself, or one converted copy where the letterbox cannot read it."""
        format = picture.format
        if format.name in _DIRECT and all(plane.line_size > 0 for plane in picture.planes):
            return picture
        target = "rgb24" if format.is_rgb or format.has_palette else "yuv420p"
        return self._reformatter.reformat(picture, format=target, threads=1)

    def _new_frame(self, picture):
        format, self._n_skip = _DIRECT[picture.format.name]
        planes = picture.planes
        return Frame(format, picture.width, picture.height, planes, self._line_sizes(planes), colour_of(picture))

    def _line_sizes(self, planes):
        luma, *chroma = (plane.line_size for plane in planes)
        return (luma, *(line_size * self._n_skip for line_size in chroma))


def colour_of(picture):
    """The colour matrix of a picture, a key of `frame.COLOURS`.

    Notes
    -----
    Where the stream does not tell, it is BT.709 from 720 rows on, as players assume; raw camera pixels are BT.601.
    """
    name = picture.format.name
    guess = picture.height >= 720 and name not in ("yuyv422", "nv12", "nv16")
    hd = guess if picture.colorspace in _UNSPECIFIED else picture.colorspace in _BT709
    full = picture.color_range == _FULL_RANGE or name.startswith("yuvj")
    return ("bt709" if hd else "bt601") + ("-full" if full else "")
