"""Where events and poses go: MQTT, webhooks, JSON lines, metrics.

An outlet has `name`, `open()`, `announce(event)` and `poses(camera, text)`, which return at once, `health()` and
`close()`. What it missed it takes from the store, under its name, whenever it can.
"""


def create(settings, hub, store):
    """The outlets that the configuration asks for; a vendor's package is loaded only where it is needed.

    Parameters
    ----------
    settings : Settings
    hub : Hub
    store : EventStore

    Raises
    ------
    ConfigError : an address or a name is wrong
    """
    outlets = []
    if settings.mqtt:
        from edgepose.daemon.outlets.mqtt import MqttOutlet

        outlets.append(MqttOutlet(settings.mqtt, hub, store))
    if settings.webhooks:
        from edgepose.daemon.outlets.webhook import WebhookOutlet

        outlets += [WebhookOutlet(one, store) for one in settings.webhooks]
    if settings.lines:
        from edgepose.daemon.outlets.lines import LinesOutlet

        outlets.append(LinesOutlet(settings.lines, store))
    return outlets
