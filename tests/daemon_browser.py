"""A real browser without a window, and what tests ask of it."""

import json
import os
import shutil
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage")
WAIT_S = 20
#: A number for what a canvas shows now, and how many of its pixels have colour.
LOOK = """const canvas = document.querySelector(arguments[0]);
if (!canvas || !canvas.width) return null;
const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', {willReadFrequently: true});
copy.drawImage(canvas, 0, 0);
const pixels = copy.getImageData(0, 0, canvas.width, canvas.height).data;
let sum = 0, coloured = 0;
for (let i = 0; i < pixels.length; i += 4) {
  const vivid = Math.max(pixels[i], pixels[i + 1], pixels[i + 2]) > 150 && pixels[i + 3] > 200;
  coloured += vivid;
  if (vivid) sum = (sum * 31 + i) % 1000003;
}
return [sum, coloured];"""
#: What can be pressed or filled in and has no name for those who listen.
NAMELESS = """const found = document.querySelectorAll('button, a, input:not([hidden]), select, [tabindex="0"]');
return [...found].filter((element) =>
  !(element.ariaLabel || element.getAttribute('aria-label') || element.textContent.trim() || element.labels?.length))
  .map((element) => element.outerHTML.slice(0, 120));"""


def find_browser():
    """Paths of Chromium and its driver; without them a skip, in CI a failure."""
    pytest.importorskip("selenium", reason="selenium is not installed")
    found = shutil.which("chromium"), shutil.which("chromedriver")
    if not all(found):
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no chromium with chromedriver here (packages chromium,"
                                                               " chromium-driver)")
    return found


@contextmanager
def browsing(folder):
    """A Browser with a profile of its own in a folder."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    chromium, driver = find_browser()
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={folder}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    opened = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield Browser(opened)
    finally:
        opened.quit()


class Browser:
    """Finds, waits, looks.

    Attributes
    ----------
    driver : selenium's WebDriver
    """

    def __init__(self, driver):
        self.driver = driver

    def resize(self, width, height, dark=False, sharpness=1):
        """Be a screen of this size, px, in light or dark."""
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": sharpness, "mobile": width < 600})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})

    def go(self, address):
        self.driver.get(address)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def find(self, css):
        """The first element that is shown, as soon as there is one."""
        return self.until(lambda: next((found for found in self.all(css) if found.is_displayed()), None), css)

    def all(self, css):
        return self.driver.find_elements("css selector", css)

    def press(self, css):
        self.find(css).click()

    def press_word(self, word, css="button"):
        """Press what has these words on it."""
        self.until(lambda: next((found for found in self.all(css) if word in found.text), None), word).click()

    def until(self, holds, what=""):
        """What a function gives once that is true; it may meet elements that have just gone."""
        from selenium.common.exceptions import StaleElementReferenceException
        from selenium.webdriver.support.ui import WebDriverWait

        wait = WebDriverWait(self.driver, WAIT_S, 0.03, [StaleElementReferenceException])
        return wait.until(lambda _: holds(), str(what))

    def sees(self, text):
        """Wait until the page shows a text."""
        return self.until(lambda: text in self.find("body").text, text)

    def look(self, css="canvas"):
        """[a number for what a canvas shows, how many of its pixels are bright], or None."""
        return self.run(LOOK, css)

    def keys(self, *keys):
        """Press keys where the focus is."""
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()

    def tap(self, css, *places, drag=False):
        """Press places of an element, in fractions of its size; or drag from the first to the last of them."""
        box = self.run("const {left, top, width, height} = arguments[0].getBoundingClientRect();"
                       "return [left, top, width, height]", self.find(css))
        points = [(box[0] + x * box[2], box[1] + y * box[3]) for x, y in places]
        for i, point in enumerate(points):
            kinds = ("mouseMoved", "mousePressed", "mouseReleased")
            if drag:
                kinds = ("mouseMoved",) + (("mousePressed",) * (i == 0)) + (("mouseReleased",) * (i == len(points) - 1))
            for kind in kinds:
                self._mouse(kind, *point, held=drag and i > 0)

    def _mouse(self, kind, x, y, held):
        button = "left" if kind != "mouseMoved" or held else "none"
        self.driver.execute_cdp_cmd("Input.dispatchMouseEvent", {
            "type": kind, "x": x, "y": y, "button": button, "buttons": int(kind == "mousePressed" or held),
            "clickCount": int(kind != "mouseMoved")})

    def faults(self):
        """What the browser complained of since the last time."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def hosts(self):
        """All hosts that the page has asked for something since the last time."""
        messages = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        asked = [message["params"] for message in messages
                 if message["method"] in ("Network.requestWillBeSent", "Network.webSocketCreated")]
        urls = [params["request"]["url"] if "request" in params else params["url"] for params in asked]
        return {urlsplit(url).netloc for url in urls if not url.startswith(("data:", "chrome:"))}
