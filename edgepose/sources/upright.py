"""Turns videos upright that a phone has recorded lying on its side."""

import av

from edgepose.errors import SourceError
from edgepose.sources.libav import rotation_deg

#: Filters by how far the picture must be turned counter-clockwise, degrees
_TURNS = {90: (("transpose", "cclock"),), 180: (("hflip",), ("vflip",)), 270: (("transpose", "clock"),)}


class Upright:
    """A filter graph of libavfilter that is only made where a picture says it is turned."""

    def __init__(self, name):
        self._name, self._graph, self._seen = name, None, None

    def turn(self, picture):
        """The picture upright; the very same one where it already is."""
        angle = round(rotation_deg(picture) / 90) * 90 % 360
        if not angle:
            return picture
        try:
            return self._run(picture, angle)
        except av.error.FFmpegError as error:
            raise SourceError(f"{self._name}: cannot be turned upright: {error.strerror}") from error

    def _run(self, picture, angle):
        seen = (angle, picture.format.name, picture.width, picture.height)
        if seen != self._seen:
            self._graph, self._seen = _make_graph(picture, angle), seen
        self._graph.vpush(picture)
        return self._graph.vpull()


def _make_graph(picture, angle):
    graph = av.filter.Graph()
    turns = [graph.add(*turn) for turn in _TURNS[angle]]
    graph.link_nodes(graph.add_buffer(template=picture), *turns, graph.add("buffersink")).configure()
    return graph
