"""Lends decoded pictures as Frames, in the decoder's own planes wherever the letterbox can read them."""

from av.video.reformatter import VideoReformatter

from edgepose.frame import Frame
from edgepose.sources.libav import ONE_THREAD, colour_tags

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
        planes = picture.planes
        if picture.format.name not in _DIRECT or planes[0].line_size < 0:  # some raw AVIs begin at the bottom
            picture = self._convert(picture)
            planes = picture.planes
        seen = (picture.format.name, picture.width, picture.height)
        if seen != self._seen:
            self._frame, self._seen = self._new_frame(picture, planes), seen
        else:
            self._frame.planes, self._frame.line_sizes = planes, self._line_sizes(planes)
        return self._frame

    def _convert(self, picture):
        """One copy in a format that the letterbox reads."""
        format = picture.format
        target = "rgb24" if format.is_rgb or format.has_palette else "yuv420p"
        if format.name == target:  # nothing would be done to it
            target = "yuv420p" if target == "rgb24" else "nv12"
        return self._reformatter.reformat(picture, format=target, **ONE_THREAD)

    def _new_frame(self, picture, planes):
        format, self._n_skip = _DIRECT[picture.format.name]
        return Frame(format, picture.width, picture.height, planes, self._line_sizes(planes), colour_of(picture))

    def _line_sizes(self, planes):
        luma, *chroma = planes
        return (luma.line_size, *[plane.line_size * self._n_skip for plane in chroma])


def colour_of(picture):
    """The colour matrix of a picture, a key of `frame.COLOURS`.

    Notes
    -----
    Where the stream does not tell, it is BT.709 from 720 rows on, as players assume; raw camera pixels are BT.601.
    """
    name = picture.format.name
    guess = picture.height >= 720 and name not in ("yuyv422", "nv12", "nv16")
    matrix, spread = colour_tags(picture)
    hd = guess if matrix in _UNSPECIFIED else matrix in _BT709
    full = spread == _FULL_RANGE or name.startswith("yuvj")
    return ("bt709" if hd else "bt601") + ("-full" if full else "")
