"""The page in a real browser: what a person does with it."""

import threading

import pytest

from tests.daemon_browser import NAMELESS, browsing
from tests.daemon_hub import HubDouble, event_id
from tests.daemon_web import PASSWORD, cheap_hash, serving

VIEWS = ("live", "live/hall", "events", f"events/{event_id(60)}", "zones/garden", "health")
GARDEN, HALL = '[data-camera="garden"] canvas', '[data-camera="hall"] canvas'


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with browsing(tmp_path_factory.mktemp("profile")) as browser:
        browser.resize(1280, 900)
        yield browser


@pytest.fixture
def hub(tmp_path):
    return HubDouble(tmp_path)


@pytest.fixture
def page(browser, hub):
    """The page's address, its cameras under way; in the end nobody has complained, and nobody else was asked."""
    stop, _ = threading.Event(), browser.hosts()
    player = threading.Thread(target=hub.play, args=(stop, 20.0))
    with serving(hub) as caller:
        player.start()
        yield f"http://{caller.address}/"
        faults, hosts = browser.faults(), browser.hosts()
        browser.go("about:blank")
        stop.set()
        player.join()
    assert faults == [] and hosts == {caller.address}


def test_page_lets_in_who_has_the_password(browser, hub):
    with serving(hub, password=cheap_hash()) as caller:
        browser.go(f"http://{caller.address}/")
        browser.find("input[type=password]").send_keys("wrong\n")
        browser.sees("That is not the password")
        assert ["401" in fault for fault in browser.faults()] == [True]
        browser.find("input[type=password]").send_keys(PASSWORD + "\n")
        browser.find('[data-camera="hall"]')
        assert browser.run("return document.cookie") == ""
        browser.go(f"http://{caller.address}/#/health")
        browser.press_word("Log out")
        browser.find("input[type=password]")
        browser.faults()


def test_skeletons_are_seen_and_move(browser, page):
    browser.go(page)
    first = browser.until(lambda: (seen := browser.look(GARDEN)) and seen[1] > 300 and seen, "a skeleton")
    browser.until(lambda: browser.look(GARDEN)[0] != first[0], "a skeleton that moves")
    assert browser.all('[data-camera="garden"] :is(img, video)') == []


def test_privacy_and_what_is_wrong_are_said_plainly(browser, page, hub):
    browser.go(page)
    browser.sees("Skeletons only")
    browser.sees("No picture for")
    hub.cameras()[0]["health"]["blind"] = "covered"
    hub.say("health", hub.health())
    browser.sees("The lens is covered")


def test_picture_is_shown_only_where_allowed_and_asked_for(browser, page):
    browser.go(page)
    assert browser.until(lambda: browser.look(HALL), "a camera")[1] < 20_000
    assert len([button for button in browser.all("button") if "Show picture" in button.text]) == 1
    browser.press_word("Show picture")
    browser.until(lambda: browser.look(HALL)[1] > 20_000, "the picture")
    browser.press_word("Hide picture")
    browser.until(lambda: browser.look(HALL)[1] < 20_000, "no picture")


def test_page_when_the_board_goes_away_says_so_and_comes_back(browser, hub):
    with serving(hub) as caller:
        address = caller.address
        browser.go(f"http://{address}/")
        browser.find(GARDEN)
    browser.sees("Connection lost")
    browser.sees("Not connected")
    with serving(hub, listen=address):
        browser.until(lambda: "Connection lost" not in browser.find("body").text, "the connection")
        assert browser.find(".link-state").get_attribute("data-state") == "open"
        browser.go("about:blank")
    browser.faults()


def test_alarm_is_acknowledged(browser, page, hub):
    browser.go(page)
    browser.press(".banner.alarm button")
    browser.until(lambda: hub.asked == [("acknowledge", event_id(60), "page")], "the acknowledgement")
    browser.until(lambda: not browser.all(".banner.alarm"), "no banner")


def test_mode_is_switched_and_back(browser, page, hub):
    browser.go(page)
    browser.press('[data-mode="off"]')
    browser.until(lambda: browser.find('[data-mode="off"]').get_attribute("aria-pressed") == "true", "off")
    browser.press_word("Undo")
    browser.until(lambda: [asked[1] for asked in hub.asked] == ["off", "away"], "away again")


def test_question_when_an_adult_arrives_is_answered(browser, page, hub):
    browser.go(page)
    browser.find(GARDEN)
    hub.prompt("adult-arrived")
    browser.sees("An adult has arrived.")
    browser.press_word("Switch to supervised")
    browser.until(lambda: hub.mode()["mode"] == "supervised", "supervised")


def test_events_are_filtered_and_replayed(browser, page):
    from selenium.webdriver.support.ui import Select

    browser.go(page + "#/events")
    browser.until(lambda: len(browser.all(".event")) == 30, "thirty events")
    browser.press_word("Older events")
    browser.until(lambda: len(browser.all(".event")) == 60, "sixty events")
    Select(browser.all(".filters select")[1]).select_by_value("line")
    browser.until(lambda: len(browser.all(".event")) == 12, "twelve crossings")
    browser.all(".event > a")[0].click()
    browser.find(".player")
    first = browser.until(lambda: (seen := browser.look(".player canvas")) and seen[1] > 300 and seen, "a replay")
    browser.until(lambda: browser.look(".player canvas")[0] != first[0], "a replay that moves")


def test_replay_is_paused_and_scrubbed_by_keys(browser, page):
    browser.go(page + f"#/events/{event_id(60)}")
    browser.press('[aria-label="Pause"]')
    browser.run("const slider = document.querySelector('.player input'); slider.value = 1000;"
                "slider.dispatchEvent(new Event('input')); slider.focus()")
    before = browser.look(".player canvas")
    browser.keys("\ue014")  # the right arrow
    assert browser.find(".player input").get_attribute("value") == "1500"
    assert browser.look(".player canvas")[0] != before[0]


def test_new_event_comes_to_the_top_of_the_list(browser, page, hub):
    from tests.daemon_hub import make_event

    browser.go(page + "#/events")
    browser.until(lambda: len(browser.all(".event")) == 30, "thirty events")
    hub.put(make_event(61, rule="new", zone="porch"))
    browser.until(lambda: "porch" in browser.all(".event")[0].text, "the new event")


def test_zone_is_drawn_moved_and_saved(browser, page, hub):
    browser.go(page + "#/zones/hall")
    browser.press_word("Area")
    browser.tap(".paper", (0.2, 0.3), (0.7, 0.3), (0.7, 0.8), (0.2, 0.8), (0.2, 0.3))
    browser.tap(".paper", (0.7, 0.8), (0.8, 0.85), (0.9, 0.9), drag=True)
    name = browser.find(".zone-item input")
    name.clear()
    name.send_keys("rug")
    browser.press_word("Save")
    browser.sees("Saved")
    (kind, camera, (zone,), by), = hub.asked
    assert (kind, camera, zone["name"], by) == ("zones", "hall", "rug", "page")
    points = [value for point in zone["points"] for value in point]
    assert points == pytest.approx([0.2, 0.3, 0.7, 0.3, 0.9, 0.9, 0.2, 0.8], abs=0.01)


def test_zone_is_drawn_with_keys_alone(browser, page, hub):
    browser.go(page + "#/zones/hall")
    browser.find('.keys button:not([hidden])').send_keys("\n")
    right, down, enter = "\ue014", "\ue015", "\ue007"
    browser.keys(enter, *[right] * 20, enter, *[down] * 20, enter)
    browser.press_word("Finish")
    browser.find('[data-corner="0"]')
    browser.run("document.querySelector('[data-corner=\"1\"]').focus()")
    browser.keys(right, right, down)
    assert browser.run("return document.activeElement.dataset.corner") == "1"
    browser.press_word("Save")
    browser.sees("Saved")
    assert hub.asked[0][2][0]["points"] == [[0.5, 0.5], [0.72, 0.51], [0.7, 0.7]]


def test_zone_changes_are_undone(browser, page, hub):
    browser.go(page + "#/zones/garden")
    browser.find(".paper .zone")
    browser.press('[aria-label="Delete gate"]')
    browser.until(lambda: len(browser.all(".paper .zone")) == 1, "one zone")
    browser.press('[aria-label="Undo"]')
    browser.until(lambda: len(browser.all(".paper .zone")) == 2, "two zones")
    assert not browser.find(".button.main").is_enabled() and hub.asked == []


def test_zone_that_the_configuration_refuses_says_why_in_its_place(browser, hub):
    with serving(hub) as caller:
        browser.go(f"http://{caller.address}/#/zones/garden")
        browser.press('[aria-label="Delete gate"]')
        browser.press_word("Save")
        browser.sees("'gate-crossed' looks at the zone 'gate', which is not there")
        browser.press('[aria-label="Undo"]')
        browser.go("about:blank")
    assert ["422" in fault for fault in browser.faults()] == [True]


@pytest.mark.parametrize("dark", [False, True])
def test_page_fits_a_phone_and_names_all_that_can_be_pressed(browser, page, dark, tmp_path):
    browser.resize(360, 740, dark, 2)
    try:
        for view in VIEWS:
            browser.go(page + "#/" + view)
            browser.find("h1")
            assert browser.run("return document.documentElement.scrollWidth") <= 360, view
            assert browser.run(NAMELESS) == [], view
            assert browser.driver.save_screenshot(str(tmp_path / f"{view.replace('/', '-')}.png"))
    finally:
        browser.resize(1280, 900)
