"""Home Assistant finds the node by itself: one device with all that it can show.

The format is Home Assistant's device-based MQTT discovery: https://www.home-assistant.io/integrations/mqtt/
"""

import json

from edgepose import __version__
from edgepose.daemon.config.settings import MODES
from edgepose.daemon.outlets.topics import plain

STATES = ("connecting", "live", "stalled", "down")
N_BYTES = 1 << 18  # of what is believed to be an earlier description
_CLASSES = {"enter": "occupancy", "loiter": "occupancy", "count": "occupancy", "fall": "safety", "lying": "safety",
            "missing": "safety", "alone": "safety", "blind": "problem"}


def discovery_topic(prefix, node):
    """Where Home Assistant looks for the description of a device."""
    return f"{prefix}/device/edgepose_{plain(node)}/config"


def describe(topics, cameras, about):
    """The device and its components, as plain values.

    Parameters
    ----------
    topics : Topics
    cameras, about : as `Hub.cameras` and `Hub.about` give them
    """
    components = {**_of_node(topics)}
    for camera in cameras:
        components.update(_of_camera(topics, camera))
    for key, component in components.items():
        component["unique_id"] = f"edgepose_{topics.node}_{key}"
    return {"device": {"identifiers": [f"edgepose_{topics.node}"], "name": f"edgepose {topics.node}",
                       "manufacturer": "edgepose", "model": str(about.get("board") or "edgepose"),
                       "sw_version": about.get("version", __version__)},
            "origin": {"name": "edgepose", "sw_version": __version__},
            "availability": [{"topic": topics.availability}], "qos": 1, "components": components}


def gone(before, now):
    """The description `now` with what is only in the description `before` marked as gone, or None where nothing is.

    Parameters
    ----------
    before : bytes or str, JSON that the broker kept, or anything else
    now : as `describe` gives it
    """
    try:
        old = json.loads(before[:N_BYTES])["components"]
        lost = {key: {"platform": str(old[key]["platform"])} for key in old if key not in now["components"]}
    except (ValueError, TypeError, KeyError, RecursionError, AttributeError):
        return None
    return {**now, "components": {**now["components"], **lost}} if lost else None


def _of_node(topics):
    diagnosis = {"platform": "sensor", "state_topic": topics.health, "entity_category": "diagnostic"}
    return {
        "mode": {"platform": "select", "name": "Mode", "options": list(MODES), "icon": "mdi:shield-home",
                 "state_topic": topics.mode, "command_topic": topics.set_mode},
        "prompt": {"platform": "sensor", "name": "Prompt", "icon": "mdi:message-question",
                   "state_topic": topics.prompt},
        "alarm": {"platform": "binary_sensor", "name": "Alarm to acknowledge", "device_class": "safety",
                  **_json_state(topics.alarm)},
        "temperature": {**diagnosis, "name": "Temperature", "device_class": "temperature",
                        "unit_of_measurement": "°C", "state_class": "measurement",
                        "value_template": "{{ value_json.temperature_c }}"},
        "memory": {**diagnosis, "name": "Memory", "device_class": "data_size", "unit_of_measurement": "MB",
                   "state_class": "measurement", "value_template": "{{ value_json.memory_mb }}"},
        "uptime": {**diagnosis, "name": "Uptime", "device_class": "duration", "unit_of_measurement": "s",
                   "value_template": "{{ value_json.uptime_s }}"},
        "store": {**diagnosis, "name": "Event store", "value_template": "{{ value_json.store }}"},
    }


def _of_camera(topics, camera):
    name, key, health = camera["name"], plain(camera["name"]), topics.of_camera(camera["name"], "health")
    found = {
        f"{key}_people": {"platform": "sensor", "name": f"{name} people", "icon": "mdi:account-group",
                          "state_class": "measurement", "state_topic": topics.of_camera(name, "people")},
        f"{key}_state": {"platform": "sensor", "name": f"{name} camera", "device_class": "enum",
                         "options": list(STATES), "entity_category": "diagnostic", "state_topic": health,
                         "value_template": "{{ value_json.state }}", "json_attributes_topic": health},
        f"{key}_blind": {"platform": "binary_sensor", "name": f"{name} blind", "device_class": "problem",
                         "entity_category": "diagnostic", "state_topic": health,
                         "value_template": "{{ 'ON' if value_json.blind else 'OFF' }}"},
    }
    for rule in camera["rules"]:
        component = {"platform": "binary_sensor", "name": f"{name} {rule['name']}",
                     **_json_state(topics.of_rule(name, rule["name"]))}
        if rule["kind"] in _CLASSES:
            component["device_class"] = _CLASSES[rule["kind"]]
        found[f"{key}_rule_{plain(rule['name'])}"] = component
    return found


def _json_state(topic):
    return {"state_topic": topic, "value_template": "{{ value_json.state }}", "json_attributes_topic": topic}
