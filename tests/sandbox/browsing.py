"""A real browser before the page for people, and what the sandbox behind it holds."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from odp_dynamic.sandbox import Sandbox
from odp_dynamic.sandbox._server import Served

SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
)
TABS = ("journal", "profiles", "objects", "schema", "segments", "faults")
SEED: dict[str, Any] = {
    "schema": {"tickets": {"display_name": "Tickets", "fields": [_field := {"name": "subject", "type": "string"}]}},
    "segments": [
        {"name": "londoners", "description": "Live in London", "condition": {"attribute": {"city": "London"}}}
    ],
    "profiles": [
        {
            "identifiers": {"email": "ada@example.com", "customer_id": "C-1815"},
            "attributes": {"first_name": "Ada", "last_name": "Lovelace", "city": "London"},
        },
        {"identifiers": {"email": "ada@work.example"}, "attributes": {"country": "GB"}},
        {"identifiers": {"email": "grace@example.org"}, "attributes": {"name": "Grace Hopper"}},
    ],
    "objects": {"products": [{"object_id": "P-7", "fields": {"name": "Difference engine", "price": 1999.5}}]},
    "events": [
        {"type": "product", "action": "view", "identifiers": {"vuid": "5f1d"}, "data": {"product_id": "P-7"}},
        {"type": "order", "action": "purchase", "identifiers": {"email": "ada@example.com", "vuid": "5f1d"}},
        {"type": "account", "action": "login", "identifiers": {"email": "ada@work.example", "customer_id": "C-1815"}},
    ],
}
_field["display_name"] = "Subject"


class Page:
    """Is the page as a person has it before them."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def until(self, is_so: Callable[[], Any], words: str, seconds: float = 8) -> Any:
        return WebDriverWait(self.driver, seconds, poll_frequency=0.05).until(lambda _: is_so(), words)

    def open(self, url: str) -> None:
        self.driver.get(url)
        self.until(lambda: "at http" in self.one("#service").text, "the page asks the sandbox")

    @contextmanager
    def visiting(self, sandbox: Sandbox) -> Iterator[Served]:
        """Have a sandbox's page before oneself, and leave it before the sandbox goes away."""
        with sandbox.serve() as served:
            self.open(served.page)
            yield served
            self.leave()

    def leave(self) -> None:
        self.driver.get("about:blank")

    def one(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def tab(self, name: str) -> WebElement:
        """Choose a tab, and return its panel."""
        self.one(f"#tab-{name}").click()
        return self.one(f"#panel-{name}")

    def rows(self) -> list[str]:
        """Return the names of what is listed."""
        names = "[role=tabpanel]:not([hidden]) .listing > li > details > summary .name"
        rows: list[str] = self.run(
            "return [...document.querySelectorAll(arguments[0])].map((one) => one.innerText)", names
        )
        return rows

    def unfold(self, words: str) -> WebElement:
        """Open the row that says these words, and return it."""
        found = [row for row in self.all("[role=tabpanel]:not([hidden]) .listing > li > details") if words in row.text]
        summary = found[0].find_element(By.TAG_NAME, "summary")
        if found[0].get_attribute("open") is None:
            summary.click()
        self.until(lambda: found[0].find_element(By.CSS_SELECTOR, ".body").text, "it opens")
        return found[0]

    def unfold_all(self) -> None:
        """Open all that can be opened, and what is inside."""
        for selector in ("details", ".body details"):
            self.run(f"for (const one of document.querySelectorAll('{selector}')) one.open = true")
            self.run("return new Promise((resume) => setTimeout(resume))")  # what is inside is made then

    def sees(self, *words: str, where: str = "body") -> None:
        """Wait until the page says all of these words."""
        for word in words:
            self.until(partial(self._says, word, where), f"the page says {word!r}")

    def _says(self, words: str, where: str) -> bool:
        return words in self.one(where).text

    def press(self, *keys: str) -> None:
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()

    def focused(self) -> str:
        """Return the id of what has the focus, or what it says."""
        focused = self.driver.switch_to.active_element
        return focused.get_attribute("id") or focused.text

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def emulate(self, width: int = 1200, **media: str) -> None:
        features = [{"name": name.replace("_", "-"), "value": value} for name, value in media.items()]
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def complaints(self) -> list[str]:
        """Return what the console has got since it was asked last."""
        return [entry["message"] for entry in self.driver.get_log("browser")]  # type: ignore[no-untyped-call]  # theirs


def started(profile: Path) -> webdriver.Chrome:
    """Return a browser whose own files are in a folder; skip where this machine has none."""
    browser, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if not browser or not chromedriver:
        pytest.skip("no chromium and chromedriver on this machine (Debian: apt-get install chromium chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for switch in (*SWITCHES, f"--user-data-dir={profile}"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("no_proxy", "*")  # the driver is on this machine too
        return webdriver.Chrome(options=options, service=Service(chromedriver))
