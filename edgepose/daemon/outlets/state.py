"""What is so at the moment, as retained MQTT messages: rules that hold, alarms, mode, people, health."""

import json

from edgepose.daemon.events.archive import is_unanswered

N_IDS = 20  # of unanswered alarms that are named


def rule_messages(topics, cameras, alive):
    """{topic: JSON} that say of every rule of every camera whether an event of it is open."""
    newest = {(event.camera, event.rule): event for event in alive if event.state == "open"}
    return {topics.of_rule(camera["name"], rule["name"]): rule_text(newest.get((camera["name"], rule["name"])))
            for camera in cameras for rule in camera["rules"]}


def rule_text(event):
    """The state of a rule: that of its newest open event, or none."""
    if event is None:
        return _json({"state": "OFF", "event": None})
    return _json({"state": "ON", "event": event.id, "severity": event.severity, "kind": event.kind,
                  "zone": event.zone, "people": event.people, "opened_ms": event.opened_ms,
                  "acknowledged": event.acknowledged_ms is not None, "escalations": event.escalations})


def alarm_text(alive):
    """Whether an alarm waits for somebody to acknowledge it, and which."""
    waiting = [event for event in alive if is_unanswered(event)]
    newest = waiting[-1] if waiting else None
    return _json({"state": "ON" if waiting else "OFF", "n": len(waiting), "event": newest and newest.id,
                  "camera": newest and newest.camera, "rule": newest and newest.rule,
                  "escalations": max((event.escalations for event in waiting), default=0),
                  "events": [event.id for event in reversed(waiting[-N_IDS:])]})


def health_messages(topics, health):
    """{topic: JSON} of what `Hub.health()` says, in the units that people read."""
    store = health.get("store", {})
    found = {topics.health: _json({
        "temperature_c": _scaled(health.get("temperature_mc"), 1000),
        "memory_mb": _scaled(health.get("memory_bytes"), 1_000_000), "uptime_s": int(health.get("uptime_s") or 0),
        "store": store.get("state"), "n_waiting": store.get("n_waiting", 0)})}
    for name, camera in health.get("cameras", {}).items():
        found[topics.of_camera(name, "health")] = _json({
            "state": camera.get("state"), "fps": round(camera.get("fps") or 0, 1), "blind": camera.get("blind"),
            "n_drops": camera.get("n_drops", 0), "n_reconnects": camera.get("n_reconnects", 0)})
    return found


def count_people(text):
    """How many people one line of poses holds."""
    return text.count('"track_id":')


def _scaled(value, one):
    return None if value is None else round(value / one, 1)


def _json(table):
    return json.dumps(table, separators=(",", ":"))
