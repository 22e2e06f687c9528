"""paho-mqtt's client, set up as the configuration says."""

import ssl
from pathlib import Path

from edgepose.daemon.outlets.secrets import read_secret
from edgepose.errors import BackendUnavailable, ConfigError, first_line

KEEPALIVE_S = 30  # a silent broker is given up after twice that
CONNECT_S = 5.0
SUCCESS, QUEUE_SIZE = 0, 15  # MQTT_ERR_… of paho


def create(settings, will):
    """A client that is not connected yet.

    Parameters
    ----------
    settings : MqttSettings
    will : (topic, payload), retained

    Raises
    ------
    ConfigError : a file of the settings is missing or wrong
    BackendUnavailable : paho-mqtt is not installed
    """
    try:
        import paho.mqtt.client as mqtt
    except ImportError as error:
        raise BackendUnavailable("MQTT needs paho-mqtt 2: pip install 'edgepose[daemon]'") from error
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"edgepose-{settings.node}")
    client.connect_timeout = CONNECT_S
    client.will_set(*will, qos=1, retain=True)
    if settings.tls:
        client.tls_set_context(_context(settings.ca_file))
    log_in(client, settings)
    client.connect_async(settings.host, settings.port, KEEPALIVE_S)
    return client


def log_in(client, settings):
    """Use the password that the file holds now; ConfigError where there is none."""
    if settings.user is not None:
        password = read_secret(settings.password_file, "password") if settings.password_file else None
        client.username_pw_set(settings.user, password)


def _context(ca_file):
    """TLS that checks the broker's certificate and name, by the system's authorities or one file."""
    if ca_file is not None and not Path(ca_file).is_file():
        raise ConfigError(f"{ca_file}: the certificate authority's file (mqtt ca_file) is not there")
    try:
        return ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError as error:
        raise ConfigError(f"{ca_file}: holds no certificate (mqtt ca_file): {first_line(error)}") from error
