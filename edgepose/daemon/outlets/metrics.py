"""Prometheus metrics, made of `Hub.health()` when somebody asks: nothing is counted on the hot path for them.

`loop.latency_us.buckets` are Prometheus': [[upper bound in us, how many took at most so long], ...], growing.
"""

from edgepose.errors import BackendUnavailable

US = 1_000_000  # in a second
STATES = ("connecting", "live", "stalled", "down")
BLIND = ("dark", "covered", "frozen", "moved")

# What a camera, the store and an outlet say: their key, the metric's name, its kind, its help.
CAMERA = (("n_frames", "frames", "counter", "Frames that the camera gave."),
          ("n_drops", "dropped_frames", "counter", "Frames that gave way to newer ones."),
          ("n_broken", "broken_frames", "counter", "Frames that could not be decoded."),
          ("n_reconnects", "reconnects", "counter", "Times that the camera was connected to again."),
          ("fps", "frames_per_second", "gauge", "Frames a second at the moment."))
STORE = (("n_waiting", "waiting_revisions", "gauge", "Revisions of events that wait for the disk."),
         ("n_written", "written_revisions", "counter", "Revisions of events that were put on disk."),
         ("n_lost", "lost_events", "counter", "Events that were lost because too many waited for the disk."),
         ("n_superseded", "superseded_revisions", "counter", "Revisions given up for later ones of the same event."),
         ("n_forgotten", "forgotten_events", "counter", "Old events that were removed."),
         ("n_failures", "failures", "counter", "Times that the disk took nothing."),
         ("n_moved_aside", "moved_aside", "counter", "Damaged files that were moved aside."),
         ("bytes", "bytes", "gauge", "Size of the file and its log."))
OUTLET = (("backlog", "backlog_revisions", "gauge", "Revisions of events that it has not had yet."),
          ("n_delivered", "delivered_revisions", "counter", "Revisions of events that it has had."),
          ("n_given_up", "given_up_revisions", "counter", "Revisions given up because too many waited for it."),
          ("n_refused", "refused_revisions", "counter", "Revisions given up because it refused them."),
          ("n_retries", "retries", "counter", "Deliveries that failed."),
          ("n_connects", "connects", "counter", "Times that a connection stood."),
          ("n_poses_dropped", "dropped_poses", "counter", "Poses that the line had no room for."),
          ("n_refused_commands", "refused_commands", "counter", "Commands that were not valid."))


class Metrics:
    """The daemon's metrics as text.

    Parameters
    ----------
    hub : Hub

    Raises
    ------
    BackendUnavailable : prometheus-client is not installed
    """

    def __init__(self, hub):
        try:
            from prometheus_client import CollectorRegistry, core, exposition
        except ImportError as error:
            raise BackendUnavailable("metrics need prometheus-client: pip install 'edgepose[daemon]'") from error
        self._hub, self._core, self._exposition = hub, core, exposition
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        self.content_type = exposition.CONTENT_TYPE_LATEST

    def text(self):
        """All metrics as bytes, to be sent with `content_type`."""
        return self._exposition.generate_latest(self._registry)

    def describe(self):
        """Nothing before it is asked for."""
        return []

    def collect(self):
        """The metrics, one family after another."""
        health, about = self._hub.health(), self._hub.about()
        yield self._family("gauge", "edgepose_build_info", "What runs here; always 1.",
                           [({key: str(about.get(key)) for key in ("version", "model", "backend")}, 1)])
        yield from self._of_process(health)
        yield from self._of_loop(health.get("loop") or {})
        yield from self._of_cameras(health.get("cameras") or {})
        yield from self._of_table("edgepose_store", STORE, {(): health.get("store") or {}}, ())
        yield from self._of_table("edgepose_outlet", OUTLET, _keyed(health.get("outlets")), ("outlet",))
        yield self._up("edgepose_outlet_up", "Whether it takes events at the moment.", health.get("outlets"), "outlet")
        yield from self._of_events(health.get("events") or {})

    def _of_process(self, health):
        for key, name, scale, words in (
                ("memory_bytes", "edgepose_resident_memory_bytes", 1, "Resident memory of the daemon."),
                ("temperature_mc", "edgepose_temperature_celsius", 1000, "Temperature of the board."),
                ("uptime_s", "edgepose_uptime_seconds", 1, "How long the daemon has run.")):
            if health.get(key) is not None:
                yield self._family("gauge", name, words, [({}, health[key] / scale)])

    def _of_loop(self, loop):
        yield from self._of_table("edgepose_loop", (
            ("n_frames", "frames", "counter", "Frames that were looked at."),
            ("busy_share", "busy_ratio", "gauge", "Share of the time in which the loop works.")), {(): loop}, ())
        if latency := loop.get("latency_us"):
            buckets = [*((str(le / US), n) for le, n in latency["buckets"]), ("+Inf", latency["count"])]
            yield self._core.HistogramMetricFamily("edgepose_frame_latency_seconds", "From capture to events.",
                                                   buckets=buckets, sum_value=latency["sum"] / US)

    def _of_cameras(self, cameras):
        yield from self._of_table("edgepose_camera", CAMERA, _keyed(cameras), ("camera",))
        yield self._up("edgepose_camera_up", "Whether frames come.", cameras, "camera")
        yield self._family("gauge", "edgepose_camera_state", "1 for the state that it is in.", [
            ({"camera": name, "state": state}, int(camera.get("state") == state))
            for name, camera in cameras.items() for state in STATES])
        yield self._family("gauge", "edgepose_camera_blind", "1 for the reason why it sees nothing.", [
            ({"camera": name, "reason": reason}, int(camera.get("blind") == reason))
            for name, camera in cameras.items() for reason in BLIND])

    def _of_events(self, events):
        opened = [(dict(zip(("camera", "rule", "kind"), key)), n) for *key, n in events.get("n_opened", ())]
        yield self._family("counter", "edgepose_events", "Events that opened.", opened)
        yield from self._of_table("edgepose_events", (
            ("n_open", "open", "gauge", "Events that are open."),
            ("n_unanswered", "unacknowledged", "gauge", "Alarms that nobody has acknowledged."),
            ("n_crowded_out", "crowded_out", "counter", "Events closed because too many were open.")), {(): events}, ())

    def _of_table(self, prefix, columns, rows, labels):
        """A family for each column; `rows`: {label values: {key: value}}. What is not said is left out."""
        for key, name, kind, words in columns:
            found = [(dict(zip(labels, values)), row[key]) for values, row in rows.items() if row.get(key) is not None]
            if found:
                yield self._family(kind, f"{prefix}_{name}", words, found)

    def _up(self, name, words, rows, label):
        return self._family("gauge", name, words, [({label: key}, int(row.get("state") == "live"))
                                                   for key, row in (rows or {}).items()])

    def _family(self, kind, name, words, samples):
        kinds = {"gauge": self._core.GaugeMetricFamily, "counter": self._core.CounterMetricFamily}
        labels = list(samples[0][0]) if samples else []
        family = kinds[kind](name, words, labels=labels)
        for values, value in samples:
            family.add_metric([values[label] for label in labels], value)
        return family


def _keyed(rows):
    return {(name,): row for name, row in (rows or {}).items()}
