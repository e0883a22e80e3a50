"""The page for people follows the sandbox, and leaves alone what the reader is at."""

from __future__ import annotations

from odp_dynamic.sandbox import Sandbox

from .browsing import Page
from .conftest import Ask, in_process


def test_the_journal_grows_and_is_read_out(opened: Page, asking: Ask) -> None:
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


def test_what_is_stored_is_followed(opened: Page, seeded: Sandbox, asking: Ask) -> None:
    opened.tab("profiles")
    ada = opened.unfold("Ada Lovelace")
    profile = {"identifiers": {"email": "ada@example.com"}, "attributes": {"city": "Ockham"}}
    asking("POST", "/profiles", profile)
    opened.sees("Ockham")
    assert ada.get_attribute("open")
    seeded.reset()
    opened.sees("London")
    assert opened.one("#tab-journal").text == "Journal 0"


def test_it_rests_while_nobody_looks(opened: Page, asking: Ask) -> None:
    opened.run("Object.defineProperty(document, 'hidden', {configurable: true, get: () => true})")
    count = "return performance.getEntriesByType('resource').length"
    opened.run("return new Promise((resume) => setTimeout(resume, 1100))")
    before = opened.run(count)
    asking("GET", "/segments")
    opened.run("return new Promise((resume) => setTimeout(resume, 1500))")
    assert opened.run(count) == before
    opened.run("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    opened.sees("listSegments")


def test_a_sandbox_that_goes_away_and_comes_back(page: Page, seeded: Sandbox) -> None:
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
