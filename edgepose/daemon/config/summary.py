"""What was understood of a file, in a few lines for people."""

import re

from edgepose import board
from edgepose.sources.address import mask_password


def lines(settings):
    """The lines of a table: what runs where, a line a camera, a line a door."""
    rows = [("board", board.detect().title), ("model", _model(settings)), ("events", settings.directory),
            ("mode", _modes(settings.modes)), ("clips", _clips(settings.clips)), ("page", _page(settings.web)),
            ("mqtt", _mqtt(settings.mqtt)),
            *(("webhook", _host(webhook.url)) for webhook in settings.webhooks)]
    for camera in settings.cameras:
        rows += [("camera", f"{camera.name}: {mask_password(camera.source)}, up to {camera.fps:g} frames a second,"
                            f" zones: {_names(camera.zones)}"),
                 *(("  rule", _rule(rule)) for rule in camera.rules)]
    return [f"{name:8s} {text}" for name, text in rows]


def _names(things):
    return ", ".join(thing.name for thing in things) or "none"


def _model(settings):
    device = f" on {settings.device}" if settings.device else ""
    return f"{settings.model}, backend {settings.backend}{device}, {settings.threads} thread(s)"


def _modes(modes):
    return "; ".join([modes.initial, *(f"{at} {'+'.join(days)} {mode}" for days, at, mode in modes.schedule)])


def _clips(clips):
    if clips.mode == "none":
        return "none"
    return f"{clips.mode}, at most {clips.max_bytes / (1 << 20):g} MiB, {clips.max_age_s / 86400:g} days"


def _page(web):
    if web is None:
        return "none"
    return f"http://{web.listen}/, {'with a password' if web.password else 'no password, this machine only'}"


def _mqtt(mqtt):
    if mqtt is None:
        return "none"
    return f"{mqtt.user + '@' if mqtt.user else ''}{mqtt.host}:{mqtt.port}{' with TLS' if mqtt.tls else ''}"


def _host(url):
    """An address without what follows the host, which may be a secret."""
    scheme, _, rest = mask_password(url).partition("://")
    return f"{scheme}://{re.split('[/?#]', rest)[0]}/..."


def _rule(rule):
    """One rule: what it watches for, where, when."""
    parts = [f"{rule.name}: {rule.kind}"]
    parts += [f"in {', '.join(rule.zones)}"] if rule.zones else []
    parts += [f"not in {', '.join(rule.outside)}"] if rule.outside else []
    parts += [f"for {rule.for_s:g} s"] if rule.for_s else []
    parts += [f"{begin}-{end}" for begin, end in rule.hours]
    return " ".join([*parts, f"({'/'.join(rule.modes)}), {rule.severity}"])
