"""The page for people, in a real browser: what it shows, and how it is used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from itertools import pairwise

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from odp_dynamic.sandbox import Sandbox

from .browsing import TABS, Page
from .conftest import Ask


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

    def test_what_a_profile_was_merged_from_outlasts_any_number_of_events(self, opened: Page, asking: Ask) -> None:
        view = {"type": "product", "action": "view", "identifiers": {"email": "ada@example.com"}}
        asking("POST", "/events", [view] * 60)
        opened.tab("profiles")
        opened.until(lambda: "2 merged in" in opened.one("#panel-profiles").text, "the row tells it")
        opened.until(lambda: "Timeline 50 newest of 65" in opened.unfold("Ada Lovelace").text, "the cut is told")
        text = opened.unfold("Ada Lovelace").text
        assert "profile 2 became part of this one" not in text  # its timeline is full of what came later
        assert re.search(r"Merged from.*profile 2\nemail ada@work.example\ncountry GB", text, re.DOTALL)

    def test_lists_that_are_cut_say_so(self, page: Page, seeded: Sandbox, asking: Ask) -> None:
        seeded.seed({"events": [{"type": "t", "action": "a", "identifiers": {"email": f"{n}@x"}} for n in range(203)]})
        for _ in range(2003):
            asking("GET", "/nothing")
        with page.visiting(seeded):
            assert page.one("#tab-journal").text == "Journal 2,003"
            assert page.one("#shown").text == "2,000 newest of 2,003"
            page.one("#panel-journal > button").click()
            assert len(page.rows()) == 400
            assert page.run("return document.activeElement.innerText").startswith("1803\n")
            assert page.one("#panel-journal > button").text == "Show older requests (1,600 more)"
            page.tab("profiles")
            assert page.one("#shown").text == "200 last changed of 205"
            page.press("/", "77@x")
            assert page.one("#shown").text == "2 of the 200 last changed of 205"

    def test_objects_schema_and_segments(self, opened: Page) -> None:
        assert "Difference engine" in opened.tab("objects").text
        assert "object_id\nP-7" in opened.unfold("P-7").text
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
        with page.visiting(sandbox) as served:
            chosen = "return [...document.querySelectorAll('select')].map((one) => one.selectedOptions[0]?.text)"
            assert page.run(chosen) == ["All operations", "Any status", "Any outcome"]
            for tab, words in [
                ("journal", f"No requests yet. .*curl -H 'x-api-key: sandbox-private' {served.url}/segments"),
                ("profiles", f"No profiles yet.*curl .*{served.url}/profiles"),
                ("objects", f"No objects yet.*curl .*{served.url}/objects"),
                ("faults", f"No faults.*curl .*{served.page}faults"),
            ]:
                assert re.search(words, page.tab(tab).text, re.DOTALL)


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
        with seeded.fault(**fault), page.visiting(seeded):
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

    def test_headings_have_no_gaps(self, busy: Page) -> None:
        """Who goes from heading to heading finds each panel, and in it what stands in what is open."""
        for name in TABS:
            busy.tab(name)
            busy.unfold_all()
            levels = [int(level) for level in busy.run(HEADINGS)]
            assert levels[:2] == [1, 2], name
            assert all(after - before <= 1 for before, after in pairwise(levels)), name

    def test_the_focus_is_never_lost(self, busy: Page) -> None:
        """What had it may go: then the panel has it, from where the next step is short."""
        busy.tab("faults").find_element(By.TAG_NAME, "button").send_keys(Keys.ENTER)
        busy.sees("No faults are armed")
        assert busy.focused() == "panel-faults"
        busy.tab("journal")
        busy.unfold("sendEvents")
        busy.run("document.querySelector('#clear-journal').click()")  # as another page of the same sandbox would
        busy.sees("No requests yet")
        assert busy.focused() == "panel-journal"

    def test_what_is_found_is_read_out(self, busy: Page) -> None:
        busy.press("/", "nobody")
        assert busy.one("[aria-live=polite]").text == busy.one("#shown").text == "2 of 5"

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
HEADINGS = """
  return [...document.querySelectorAll("h1, h2, h3, h4")].filter((one) => one.checkVisibility())
    .map((one) => one.tagName[1]);
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
