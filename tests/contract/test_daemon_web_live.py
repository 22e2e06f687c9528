"""The websocket: what comes, for whom, and that a slow browser costs nothing."""

import asyncio
import json
from contextlib import asynccontextmanager

import aiohttp
import pytest

from edgepose.daemon.web import live, viewers
from tests.daemon_hub import HubDouble, clip_lines, event_id, make_event
from tests.daemon_web import cheap_hash, serving


@pytest.fixture
def hub(tmp_path):
    return HubDouble(tmp_path)


@pytest.fixture
def caller(hub):
    with serving(hub) as caller:
        yield caller.meet()


@asynccontextmanager
async def watching(caller, **headers):
    """An open websocket that has had its first message."""
    headers = {**headers, **({"Cookie": caller.cookie} if caller.cookie else {})}
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(f"http://{caller.address}/api/live", headers=headers) as socket:
            yield socket, await hear(socket)


async def hear(socket):
    return json.loads(await socket.receive_str(timeout=20))


async def until(holds):
    """Let others work until something holds."""
    async def wait():
        while not holds():
            await asyncio.sleep(0.005)
    await asyncio.wait_for(wait(), 20)


def run(test):
    asyncio.run(test())


def test_live_says_the_whole_state_first(caller, hub):
    async def test():
        async with watching(caller) as (_, first):
            assert first["type"] == "state" and sorted(first["state"]) == ["about", "cameras", "health", "mode"]
    run(test)


def test_live_passes_on_what_the_hub_says(caller, hub):
    async def test():
        async with watching(caller) as (socket, _):
            hub.step()
            poses = [await hear(socket), await hear(socket)]
            assert {message["camera"] for message in poses} == {"garden", "hall"}
            assert poses[0]["poses"] == json.loads(clip_lines()[1])
            hub.put(make_event(70))
            assert (await hear(socket))["event"]["id"] == event_id(70)
            hub.set_mode("off", "test")
            assert (await hear(socket))["mode"]["mode"] == "off"
            hub.say("health", hub.health())
            health = await hear(socket)
            assert "***" in health["health"]["cameras"]["pool"]["last_error"]
    run(test)


def test_live_when_told_which_cameras_sends_those(caller, hub):
    async def test():
        async with watching(caller) as (socket, _):
            await socket.send_str('{"watch": ["hall"]}')
            await socket.send_str("no json")  # changes nothing, harms nothing
            await socket.ping()
            hub.set_mode("off", "test")
            await hear(socket)
            hub.step()
            hub.step()
            assert (await hear(socket))["camera"] == "hall"
    run(test)


def test_live_listens_to_the_hub_only_while_somebody_watches(caller, hub):
    async def test():
        assert hub.n_listeners == 0
        async with watching(caller), watching(caller):
            assert hub.n_listeners == 1
        await until(lambda: hub.n_listeners == 0)
    run(test)


def test_live_when_a_browser_takes_nothing_keeps_only_the_newest(caller, hub):
    async def test():
        async with watching(caller):  # and never reads again
            long = json.dumps("x" * 50_000)
            for _ in range(2000):
                hub.say("poses", ("hall", long))
                hub.put(make_event(70))
            server = caller.server
            (viewer,) = server._site.viewers._viewers
            await until(lambda: not server._site.viewers._ringing)
            assert len(viewer.mail._poses) <= 1 and len(viewer.mail._events) <= viewers.MAX_EVENTS
    run(test)


def test_live_when_a_browser_takes_nothing_for_long_drops_it(caller, hub, monkeypatch):
    monkeypatch.setattr(live, "STALL_S", 0.05)

    async def test():
        async with watching(caller) as (socket, _):
            transport = socket._response.connection.transport
            transport.pause_reading()
            long = json.dumps("x" * 1_000_000)
            for _ in range(200):
                hub.say("poses", ("hall", long))
                await asyncio.sleep(0.005)
                if hub.n_listeners == 0:
                    break
            await until(lambda: hub.n_listeners == 0)
            transport.abort()
    run(test)


def test_live_when_quiet_says_that_it_lives(caller, monkeypatch):
    monkeypatch.setattr(live, "LOOK_S", 0.02)

    async def test():
        async with watching(caller) as (socket, _):
            assert await hear(socket) == {"type": "tick"}
    run(test)


def test_live_when_too_many_watch_refuses_and_recovers(caller, hub, monkeypatch):
    monkeypatch.setattr(viewers, "MAX_VIEWERS", 1)

    async def test():
        async with watching(caller):
            with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
                async with watching(caller):
                    pass
        await until(lambda: hub.n_listeners == 0)
        async with watching(caller):
            pass
    run(test)


def test_live_of_another_sites_page_is_refused(caller):
    async def test():
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            async with watching(caller, Origin="http://evil.example"):
                pass
    run(test)


def test_live_without_a_session_is_refused_and_ends_with_it(hub):
    async def test(caller):
        with pytest.raises(aiohttp.WSServerHandshakeError, match="401"):
            async with watching(caller):
                pass
        caller.log_in()
        async with watching(caller) as (socket, _):
            caller.ask("POST", "/api/logout", {})
            assert (await socket.receive(timeout=20)).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
    with serving(hub, password=cheap_hash()) as caller:
        asyncio.run(test(caller))


def test_live_without_an_upgrade_says_what_it_is(caller):
    assert caller.get("/api/live").status == 426


def test_live_message_that_is_too_long_ends_it(caller, hub):
    async def test():
        async with watching(caller) as (socket, _):
            await socket.send_str("x" * 5000)
            assert (await socket.receive(timeout=20)).type is aiohttp.WSMsgType.CLOSE
        await until(lambda: hub.n_listeners == 0)
    run(test)
