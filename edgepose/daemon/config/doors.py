"""What lets people in and news out: the page, the broker, webhooks."""

from edgepose.daemon.config import checks, outside
from edgepose.daemon.config.sections import make, take
from edgepose.daemon.config.settings import MqttSettings, WebSettings
from edgepose.toml.values import attempt

TLS_PORT = 8883


def read_web(table):
    """WebSettings of [web], which may be missing; None where there shall be no page."""
    fields = take(table, "web")
    enabled = fields.pop("enabled", True)
    web = WebSettings(**fields)
    if enabled:
        checks.check_web(table, web)
    return web if enabled else None


def read_mqtt(table):
    """MqttSettings of [mqtt]; None where it is wrong."""
    fields = take(table, "mqtt")
    if fields is None:
        return None
    if fields.get("tls"):
        fields = {"port": TLS_PORT, **fields}
    mqtt = MqttSettings(**fields)
    _check_secret(table, "password_file", mqtt.password_file)
    if mqtt.password_file and not mqtt.user:
        table.fault("password_file", "has no use without `user`; give both")
    if mqtt.ca_file:
        attempt(table, "ca_file", outside.check_readable, mqtt.ca_file)
    if mqtt.ca_file and not mqtt.tls:
        table.fault("ca_file", "has no use without `tls = true`; give both")
    return mqtt


def read_webhooks(tables):
    """A WebhookSettings for every [[webhook]] that is whole."""
    found = [_webhook(table) for table in tables]
    return tuple(webhook for webhook in found if webhook is not None)


def _webhook(table):
    webhook = make(table, "webhook")
    if webhook is not None:
        _check_secret(table, "token_file", webhook.token_file)
    return webhook


def _check_secret(table, key, path):
    """Note a file with a secret that cannot be read, or that others may read."""
    if path is None:
        return
    attempt(table, key, outside.check_secret, path)
    if outside.is_open_to_others(path):
        table.warn(key, f"others may read {path}; `chmod 600 {path}` keeps it secret")
