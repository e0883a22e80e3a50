"""The page for people, in a real browser: what it shows, how it is used, and what it never does."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from odp_dynamic.sandbox import Sandbox, _page

from .conftest import Ask, in_process

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
HOSTILE = "<img src=x onerror=document.title='owned'>"
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


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    browser, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if not browser or not chromedriver:
        pytest.skip("no chromium and chromedriver on this machine (Debian: apt-get install chromium chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for switch in (*SWITCHES, f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("no_proxy", "*")  # the driver is on this machine too
        started = webdriver.Chrome(options=options, service=Service(chromedriver))
    with started as driver:
        yield driver


@pytest.fixture
def page(driver: webdriver.Chrome) -> Iterator[Page]:
    """Is a browser whose console must be empty at the end."""
    page = Page(driver)
    page.emulate()
    yield page
    driver.get("about:blank")
    assert page.complaints() == []


@pytest.fixture
def seeded() -> Iterator[Sandbox]:
    with Sandbox(seed=SEED) as sandbox:
        yield sandbox


@pytest.fixture
def opened(page: Page, seeded: Sandbox) -> Iterator[Page]:
    with seeded.serve() as served:
        page.open(served.page)
        yield page


@pytest.fixture
def asking(seeded: Sandbox) -> Ask:
    return in_process(seeded)


class TestWhatItShows:
    def test_profiles_with_all_that_is_known_of_them(self, opened: Page) -> None:
        opened.tab("profiles")
        assert opened.rows() == ["Ada Lovelace", "Grace Hopper"]
        text = opened.unfold("Ada Lovelace").text
        for words in ("email · high confidence\nada@example.com", "vuid · low confidence\n5f1d", "Last seen"):
            assert words in text
        for words in ("city\nLondon", "londoners", "buyers", "order purchase", "product view\nvuid 5f1d"):
            assert words in text
        assert re.search(r"Merged from.*profile \d+\nemail ada@work.example\ncountry GB", text, re.DOTALL)
        assert re.search(r"merged profile \d+ became part of this one", text)

    def test_objects_schema_and_segments(self, opened: Page) -> None:
        assert "Difference engine" in opened.tab("objects").text
        assert "price\n1999.5" in opened.unfold("P-7").text
        opened.tab("schema")
        assert opened.rows() == ["customers", "products", "orders", "events", "tickets"]
        assert "subject Subject string" in opened.unfold("tickets").text
        assert "product_id primary key Product ID string" in opened.unfold("products").text
        assert "londoners\nLive in London\n1" in opened.tab("segments").text
        opened.one("#panel-segments tr:last-child button").click()
        assert (opened.focused(), opened.rows()) == ("tab-profiles", ["Ada Lovelace"])

    def test_a_request_with_what_became_of_each_item(self, opened: Page, asking: Ask) -> None:
        events = [
            {"type": "page", "action": "view", "identifiers": {"email": "ada@example.com"}, "data": {"titel": "Home"}},
            {"type": "page", "action": "view", "identifiers": {"emial": "ada@example.com"}},
        ]
        asking("POST", "/events", events)
        opened.sees("sendEvents")
        assert "1 dropped" in opened.one("#panel-journal").text
        entry = opened.unfold("sendEvents")
        for words in ("Accepted.", "With the private key", "POST /v3/events", '"emial": "ada@example.com"'):
            assert words in entry.text
        assert re.search(r"\n1 dropped [A-Z]", entry.text)
        assert "the closest is 'title' data.titel" in entry.text
        assert '"title": "Accepted"' in entry.text
        assert "sandbox-private" not in opened.run("return document.documentElement.textContent")
        entry.find_element(By.CSS_SELECTOR, ".body details > summary").click()
        assert "x-api-key" in entry.text
        entry.find_element(By.CSS_SELECTOR, "button.link").click()
        assert opened.rows() == ["Ada Lovelace"]
        assert "Identities" in opened.one("#panel-profiles").text

    def test_a_refusal_with_its_places(self, opened: Page, asking: Ask) -> None:
        asking("POST", "/events", [{"type": 1}], key="sandbox-public")
        opened.sees("refused")
        entry = opened.unfold("sendEvents").text
        assert "With the public key" in entry
        assert re.search(r"body /0/type .*string", entry)

    def test_faults_that_are_armed_and_those_that_hit(self, opened: Page, seeded: Sandbox, asking: Ask) -> None:
        with seeded.fault(operation="listSegments", status=503, times=2, retry_after=3):
            opened.until(lambda: opened.one("#tab-faults").text == "Faults 1", "the tab counts it")
            asking("GET", "/segments")
            opened.sees("fault: 503, before the work")
            assert "A fault was injected" in opened.unfold("listSegments").text
            faults = opened.tab("faults")
            opened.until(lambda: "1 of 2" in faults.text, "it is told how often it hit")
            assert "listSegments · retry after 3" in faults.text
            faults.find_element(By.TAG_NAME, "button").click()
            opened.sees("No faults are armed")
            assert len(seeded.faults) == 0

    def test_what_to_do_where_nothing_is(self, page: Page, sandbox: Sandbox) -> None:
        with sandbox.serve() as served:
            page.open(served.page)
            for tab, words in [
                ("journal", f"No requests yet. .*curl -H 'x-api-key: sandbox-private' {served.url}/segments"),
                ("profiles", f"No profiles yet.*curl .*{served.url}/profiles"),
                ("objects", f"No objects yet.*curl .*{served.url}/objects"),
                ("faults", f"No faults.*curl .*{served.page}faults"),
            ]:
                assert re.search(words, page.tab(tab).text, re.DOTALL)


class TestItIsAlive:
    def test_the_journal_grows_and_is_read_out(self, opened: Page, asking: Ask) -> None:
        """What is open stays open, and the focus stays where it is."""
        asking("GET", "/segments")
        opened.sees("listSegments")
        opened.unfold("listSegments")
        row = opened.driver.switch_to.active_element
        asking("GET", "/schema/objects")
        opened.until(lambda: opened.rows() == ["listSchemaObjects", "listSegments"], "the newest stands first")
        assert opened.driver.switch_to.active_element == row
        assert "Accepted." in opened.one("#panel-journal").text
        assert opened.one("[aria-live=polite]").text == "New request: listSchemaObjects 200 accepted"
        assert opened.one("#tab-journal").text == "Journal 2"

    def test_what_is_stored_is_followed(self, opened: Page, seeded: Sandbox, asking: Ask) -> None:
        opened.tab("profiles")
        ada = opened.unfold("Ada Lovelace")
        profile = {"identifiers": {"email": "ada@example.com"}, "attributes": {"city": "Ockham"}}
        asking("POST", "/profiles", profile)
        opened.sees("Ockham")
        assert ada.get_attribute("open")
        seeded.reset()
        opened.sees("London")
        assert opened.one("#tab-journal").text == "Journal 0"

    def test_it_rests_while_nobody_looks(self, opened: Page, asking: Ask) -> None:
        opened.run("Object.defineProperty(document, 'hidden', {configurable: true, get: () => true})")
        count = "return performance.getEntriesByType('resource').length"
        opened.run("return new Promise((resume) => setTimeout(resume, 1100))")
        before = opened.run(count)
        asking("GET", "/segments")
        opened.run("return new Promise((resume) => setTimeout(resume, 1500))")
        assert opened.run(count) == before
        opened.run("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
        opened.sees("listSegments")

    def test_a_sandbox_that_goes_away_and_comes_back(self, page: Page, seeded: Sandbox) -> None:
        served = seeded.serve()
        in_process(seeded)("GET", "/segments")
        page.open(served.page)
        page.sees("listSegments")
        served.close()
        page.sees("The sandbox is not reachable; trying again.")
        assert page.one("#banner").get_attribute("role") == "alert"
        assert page.rows() == ["listSegments"]
        with Sandbox() as another, another.serve(served.port):
            in_process(another)("GET", "/schema/objects")
            page.until(lambda: not page.one("#banner").is_displayed(), "the banner goes")
            assert page.rows() == ["listSchemaObjects"]
        assert all("ERR_" in complaint for complaint in page.complaints())


class TestHowItIsUsed:
    @pytest.fixture
    def busy(self, page: Page, seeded: Sandbox, asking: Ask) -> Iterator[Page]:
        """Has a journal of five requests, and a fault that waits for one more."""
        asking("GET", "/segments")
        asking("GET", "/profiles/email/ada@example.com")
        asking("GET", "/profiles/email/nobody@example.com")
        asking("POST", "/events", [{"type": "t", "action": "a", "identifiers": {"emial": "x"}}])
        asking("GET", "/nothing")
        fault = {"operation": "createSchemaObject", "status": 503, "times": 2, "content_type": "application/json"}
        with seeded.fault(**fault), seeded.serve() as served:
            page.open(served.page)
            assert len(page.rows()) == 5
            yield page

    @pytest.mark.parametrize(
        ("select", "choice", "rows"),
        [
            ("operation", "getProfile", ["getProfile", "getProfile"]),
            ("operation", "(no operation)", ["GET /v3/nothing"]),
            ("status", "4xx", ["GET /v3/nothing", "getProfile"]),
            ("outcome", "dropped", ["sendEvents"]),
        ],
    )
    def test_filters(self, busy: Page, select: str, choice: str, rows: list[str]) -> None:
        busy.one(f"#{select} option[value='{choice}']").click()
        assert busy.rows() == rows
        assert busy.one("#shown").text == f"{len(rows)} of 5"

    def test_search(self, busy: Page) -> None:
        busy.one("#search").send_keys("NOBODY getprofile")
        assert busy.rows() == ["getProfile"]
        busy.one("#status option[value='2xx']").click()
        assert "No request matches" in busy.one("#panel-journal").text
        busy.tab("profiles")
        assert "Nothing here matches" in busy.one("#panel-profiles").text
        busy.press("/", "grace", Keys.ENTER)
        assert busy.rows() == ["Grace Hopper"]

    def test_keys(self, busy: Page) -> None:
        busy.one("#tab-journal").send_keys(Keys.ARROW_RIGHT)
        assert (busy.focused(), busy.one("#panel-profiles").is_displayed()) == ("tab-profiles", True)
        busy.press(Keys.ARROW_LEFT, Keys.ARROW_LEFT)
        assert busy.focused() == "tab-faults"
        busy.press(Keys.HOME)
        assert [busy.one(f"#tab-{name}").get_attribute("tabindex") for name in TABS] == ["0", *["-1"] * 5]
        for place in ("search", "operation", "status", "outcome", "panel-journal"):
            busy.press(Keys.TAB)
            assert busy.focused() == place
            assert busy.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
        busy.press(Keys.TAB, Keys.ARROW_DOWN, Keys.ENTER)
        opened = "#panel-journal li > details[open]"
        assert "sendEvents" in busy.one(opened).text
        busy.press(Keys.TAB, Keys.ESCAPE)
        assert busy.all(opened) == []
        assert "sendEvents" in busy.focused()
        busy.press("/", "nothing")
        assert (busy.focused(), busy.rows()) == ("search", ["GET /v3/nothing"])
        busy.press(Keys.ESCAPE)
        assert len(busy.rows()) == 5

    def test_reset_asks_first(self, busy: Page, asking: Ask) -> None:
        asking("POST", "/profiles", {"identifiers": {"email": "new@example.com"}})
        busy.tab("profiles")
        busy.sees("new@example.com")
        for answer in (Keys.ESCAPE, Keys.ENTER):  # the focus is on Cancel
            busy.one("#reset").click()
            busy.press(answer)
            assert not busy.one("dialog").is_displayed()
        assert "new@example.com" in busy.rows()
        busy.one("#reset").click()
        busy.press(Keys.TAB, Keys.ENTER)
        busy.until(lambda: busy.rows() == ["Ada Lovelace", "Grace Hopper"], "the first state is back")

    def test_the_journal_can_be_cleared(self, busy: Page, seeded: Sandbox) -> None:
        busy.one("#clear-journal").click()
        busy.sees("No requests yet")
        assert len(seeded.journal) == 0

    def test_a_reload_stays_where_one_was(self, opened: Page) -> None:
        opened.tab("segments")
        opened.driver.refresh()
        opened.sees("londoners")

    def test_a_phone_is_wide_enough(self, busy: Page) -> None:
        """Nothing reaches out at the side, also with all open, and all letters are 16 pixels high or more."""
        busy.emulate(360)
        for name in TABS:
            busy.tab(name)
            busy.unfold_all()
            assert busy.run("return document.documentElement.scrollWidth") == 360, name
            assert busy.run(SMALLEST) >= 16, name

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_contrast(self, busy: Page, scheme: str) -> None:
        """WCAG 2.2, 1.4.3: at least 4.5 to 1."""
        busy.emulate(prefers_color_scheme=scheme)
        for name in TABS:
            busy.tab(name)
            busy.unfold_all()
            ratio, words = busy.run(CONTRAST)
            assert ratio >= 4.5, words
        ground = busy.run("return getComputedStyle(document.body).backgroundColor")
        assert (ground == "rgb(21, 23, 26)") == (scheme == "dark")

    def test_nothing_moves_for_who_does_not_want_it(self, opened: Page, asking: Ask) -> None:
        moves = "[...document.querySelectorAll('.new')].map((one) => getComputedStyle(one).animationName)"
        for wish, animation in (("reduce", "none"), ("no-preference", "news")):
            opened.emulate(prefers_reduced_motion=wish)
            asking("GET", "/segments")
            opened.until(partial(opened.run, f"return ({moves}).includes('{animation}')"), wish)


_TEXTS = """
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walk.nextNode()) {
    const parent = walk.currentNode.parentElement;
    if (walk.currentNode.data.trim() && parent.checkVisibility() && !parent.closest(".unseen")) texts.push(parent);
  }
"""
SMALLEST = f"""{_TEXTS}
  return Math.min(...texts.map((one) => parseFloat(getComputedStyle(one).fontSize)));
"""
CONTRAST = f"""{_TEXTS}
  const parts = (color) => color.match(/[\\d.]+/g).map(Number);
  const ground = (one) => {{
    const [r, g, b, alpha = 1] = parts(getComputedStyle(one).backgroundColor);
    return alpha ? [r, g, b] : ground(one.parentElement);
  }};
  const light = (rgb) => {{
    const [r, g, b] = rgb.map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  }};
  const ratio = (one) => {{
    const [a, b] = [light(parts(getComputedStyle(one).color)), light(ground(one))];
    return Math.max(a, b) / Math.min(a, b);
  }};
  return texts.map((one) => [ratio(one), one.textContent]).sort((a, b) => a[0] - b[0])[0];
"""


class TestWhatItNeverDoes:
    def test_what_is_stored_is_text_whatever_it_is(self, page: Page, sandbox: Sandbox) -> None:
        told = {"name": HOSTILE, "city": HOSTILE}
        sandbox.seed(
            {
                "segments": [{"name": HOSTILE, "description": HOSTILE, "condition": {"identifier": "email"}}],
                "profiles": [{"identifiers": {"email": HOSTILE, "vuid": HOSTILE}, "attributes": told}],
                "objects": {"products": [{"object_id": HOSTILE, "fields": {"name": HOSTILE}}]},
                "events": [{"type": HOSTILE, "action": HOSTILE, "identifiers": {"email": HOSTILE}}],
            }
        )
        ask = in_process(sandbox)
        ask("POST", "/schema/objects/tickets", {"display_name": HOSTILE, "description": HOSTILE})
        ask("POST", "/events", [{HOSTILE: HOSTILE, "type": 1}], user_agent=HOSTILE)
        ask("GET", f"/{HOSTILE}")
        with sandbox.fault(body={HOSTILE: 1}, retry_after=HOSTILE, status=500), sandbox.serve() as served:
            ask("GET", "/segments")
            page.open(served.page)
            for name in TABS:
                page.tab(name)
                page.unfold_all()
                page.sees(HOSTILE, where=f"#panel-{name}")
            assert page.all("img") == []
            assert page.driver.title == "ODP sandbox"

    def test_no_other_host_is_asked(self, opened: Page, asking: Ask) -> None:
        asking("GET", "/segments")
        opened.sees("listSegments")
        here = opened.run("return location.origin")
        asked = opened.run("return performance.getEntriesByType('resource').map((one) => one.name)")
        assert {url.removeprefix(here).partition("?")[0] for url in asked} == {
            *(f"/_sandbox/{name}" for name in ("journal", "state", "faults")),
            *(f"/_sandbox/{name}" for name in _page.ASSETS if not name.endswith(".svg")),
        } | ({"/_sandbox/icon.svg"} & {url.removeprefix(here) for url in asked})
        assert opened.one("#tab-journal").text == "Journal 1"  # its own questions, and its icon, are no requests

    def test_the_browser_itself_would_refuse(self, opened: Page) -> None:
        """Markup made of text, another host, a script or a style in the page."""
        tried = opened.run(
            """
            const refused = [];
            document.addEventListener("securitypolicyviolation", (event) => refused.push(event.effectiveDirective));
            try { document.body.innerHTML = "<b>"; } catch (error) { refused.push(error.name); }
            for (const name of ["script", "style"]) {
              const element = document.createElement(name);
              element.append("body { color: red }");
              try { document.head.append(element); } catch (error) { refused.push(error.name); }
            }
            return fetch("http://127.0.0.2:9/").then(() => refused.push("fetched"), () => {})
              .then(() => new Promise((resume) => setTimeout(resume, 50))).then(() => refused);
            """
        )
        assert {"TypeError", "connect-src", "style-src-elem"} <= set(tried)
        assert "fetched" not in tried
        assert opened.complaints()


class TestHowItIsServed:
    @pytest.mark.parametrize(
        ("accept", "kind"),
        [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8"),
            ("text/html", "text/html; charset=utf-8"),
            ("application/json", "application/json"),
            ("application/json, text/html;q=0.5", "application/json"),
            ("*/*", "application/json"),
            ("", "application/json"),
            ("nonsense;;", "application/json"),
        ],
    )
    @pytest.mark.parametrize("path", ["/_sandbox", "/_sandbox/"])
    def test_browsers_get_the_page_and_tools_get_json(
        self, sandbox: Sandbox, path: str, accept: str, kind: str
    ) -> None:
        assert _got(sandbox, path, accept)["Content-Type"] == kind

    @pytest.mark.parametrize(
        ("name", "kind"), [("page.css", "text/css"), ("page.js", "text/javascript"), ("icon.svg", "image/svg+xml")]
    )
    def test_files(self, sandbox: Sandbox, name: str, kind: str) -> None:
        headers = _got(sandbox, f"/_sandbox/{name}", "*/*")
        assert headers["Content-Type"].partition(";")[0] == kind
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self';")
        assert "unsafe" not in headers["Content-Security-Policy"]

    def test_no_other_file_is_given(self, sandbox: Sandbox) -> None:
        from werkzeug.test import EnvironBuilder, run_wsgi_app

        for name in ("index.html", "../_page.py", "%2e%2e/_page.py", "page.css/"):
            environ = EnvironBuilder(f"/_sandbox/{name}", base_url="http://127.0.0.1").get_environ()
            assert run_wsgi_app(sandbox, environ)[1].startswith("404")

    def test_its_files_have_no_script_or_style_inside_and_no_other_host(self) -> None:
        for path in Path(_page.__file__).with_name("page").iterdir():
            text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")  # a name, not a place
            assert len(text.splitlines()) < 400
            assert not re.search(r"https?://|innerHTML|insertAdjacent|document\.write|\beval\b", text), path
            assert path.suffix != ".html" or not re.search(r"\son\w+=|\sstyle=|<style|javascript:", text)


def _got(sandbox: Sandbox, path: str, accept: str) -> dict[str, str]:
    from werkzeug.test import EnvironBuilder, run_wsgi_app

    headers = [("Accept", accept)] if accept else []
    environ = EnvironBuilder(path, base_url="http://127.0.0.1", headers=headers).get_environ()
    _, status, answered = run_wsgi_app(sandbox, environ)
    assert status == "200 OK"
    return dict(answered)
