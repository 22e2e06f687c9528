"""One evaluation from end to end: what can be wrong with its inputs is found before the first picture."""

from contextlib import ExitStack
from types import SimpleNamespace

import edgepose
from edgepose import backends, model
from edgepose.errors import SourceError
from edgepose.evaluate import annotations, float_network, kept, precision, predict, protocols, report, results, score
from edgepose.sinks import paths


class Session:
    """What one call of `edgepose eval` opens and does.

    Parameters
    ----------
    options : as `edgepose.cli.eval` declares them; `settings` are those of the backend that were given
    command : str, for the report

    Raises
    ------
    ConfigError, ModelError, BackendUnavailable, BackendError, SinkError : one line each, before any work
    """

    def __init__(self, options, command):
        self._options, self._command = options, command
        precision.load()
        truth = annotations.read(options.annotations)
        pictures = protocols.select(truth, options.protocol, options.limit)
        if options.images:
            annotations.check_files(pictures, options.images)
        self.task = predict.Task(truth, pictures, options.protocol, options.images)
        _check_outputs(options)
        with ExitStack() as opened:
            self._open(opened)
            self._opened = opened.pop_all()

    def _open(self, opened):
        options, truth = self._options, self.task.annotations
        if options.results:
            self._read, about = results.read(options.results, truth, self.task.pictures)
            self._about = {"results": about}
            return
        chosen = model.load(options.model)
        backend = backends.create(options.backend, chosen, threads=options.threads, **options.settings)
        decode = predict.make_decode(chosen, options.decoder)
        self._predictor = opened.enter_context(predict.Predictor(chosen, backend, decode))
        about = predict.describe(self._predictor, options.decoder, options.protocol, truth)
        self._kept = opened.enter_context(kept.open_kept(options.resume, about))
        self._about = {"run": about | {"threads": options.threads}}
        floats = float_network.measured(chosen, options.protocol, truth, len(self.task.pictures))
        if floats:
            self._about["float_network"] = floats

    @property
    def n_done(self):
        """Pictures whose poses were there before this call."""
        return 0 if self._options.results else sum(picture.id in self._kept.poses for picture in self.task.pictures)

    def find(self, bar):
        """The poses of all pictures that can be read: {image id: Poses}."""
        if self._options.results:
            return self._read
        return predict.find_all(self._predictor, self.task, self._kept, bar)

    def judge(self, poses):
        """The report on them, a dict as JSON holds it; writes what was asked for. SourceError where there are none."""
        n_pictures, options = len(self.task.pictures), self._options
        if not poses:
            raise SourceError(f"{options.images}: none of the {n_pictures} images could be read")
        numbers, judged = score.evaluate(self.task.annotations, poses)
        numbers["counts"]["broken"] = n_pictures - len(poses)
        whole = self._head() | self._about | numbers
        if options.json:
            report.write(whole, options.json)
        if options.worst:
            self._draw(poses, judged)
        return whole

    def _head(self):
        options, truth = self._options, self.task.annotations
        return {"schema": report.SCHEMA, "edgepose": edgepose.__version__, "command": self._command,
                "protocol": options.protocol, "limit": options.limit,
                "annotations": {"file": truth.path, "sha256": truth.sha256}}

    def _draw(self, poses, judged):
        from edgepose.evaluate import worst

        pictures = self.task.annotations.pictures
        drawing = worst.WorstPictures(self._options.worst, self.task)
        for rank, image_id in enumerate(worst.order(judged)[:self._options.worst_count], 1):
            drawing.draw(rank, pictures[image_id], poses[image_id], judged[image_id])

    def close(self):
        """Free the backend and close files. Closing twice is fine."""
        self._opened.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _check_outputs(options):
    """Raise SinkError where something that is asked for could not be written at the end."""
    for path in filter(None, (options.json, options.resume)):
        paths.check_file(path, SimpleNamespace(source=options.annotations))
    if options.worst:
        paths.check_folder(options.worst, SimpleNamespace(source=options.images))
