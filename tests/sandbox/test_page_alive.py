"""The page for people follows the sandbox, and leaves alone what the reader is at."""

from __future__ import annotations

from selenium.webdriver.common.by import By

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


def test_the_focus_stays_in_what_changes(opened: Page, asking: Ask) -> None:
    """On a link in a profile, and on one of the segments, while both are drawn anew."""
    order = {"type": "order", "action": "purchase", "identifiers": {"email": "grace@example.org"}}
    opened.tab("profiles")
    opened.unfold("Ada Lovelace").find_element(By.XPATH, ".//button[text()='buyers']").send_keys("")
    asking("POST", "/profiles", {"identifiers": {"email": "ada@example.com"}, "attributes": {"city": "Ockham"}})
    opened.sees("Ockham")
    assert opened.focused() == "buyers"
    opened.tab("segments").find_element(By.XPATH, ".//button[text()='buyers']").send_keys("")
    assert "purchase\n1" in opened.one("#panel-segments").text
    asking("POST", "/events", [order])
    opened.until(lambda: "purchase\n2" in opened.one("#panel-segments").text, "the new buyer is counted")
    assert opened.focused() == "buyers"


def test_what_is_looked_at_stays_where_it_is(opened: Page, asking: Ask) -> None:
    """Though requests come in above it, and though the profile that is read becomes the last changed."""
    for n in range(40):
        asking("POST", "/profiles", {"identifiers": {"email": f"{n}@example.com"}})
    opened.sees("Journal 40", where="#tab-journal")
    opened.run("window.scrollTo(0, 900)")
    row = opened.run("return document.elementFromPoint(600, 300).closest('li')")
    assert row.get_attribute("textContent")
    place = "return Math.round(arguments[0].getBoundingClientRect().top)"
    before = opened.run(place, row)
    for _ in range(5):
        asking("GET", "/segments")
    opened.sees("Journal 45", where="#tab-journal")
    assert opened.run(place, row) == before
    opened.tab("profiles")
    ada = opened.unfold("Ada Lovelace")
    opened.run("arguments[0].scrollIntoView()", ada)
    before = opened.run(place, ada)
    asking("POST", "/profiles", {"identifiers": {"email": "ada@example.com"}, "attributes": {"city": "Ockham"}})
    opened.until(lambda: opened.rows()[0] == "Ada Lovelace", "it is the last changed")
    opened.sees("Ockham")
    assert opened.run(place, ada) == before


def test_who_is_at_the_top_sees_what_comes(opened: Page, asking: Ask) -> None:
    for n in range(3):
        for _ in range(20):
            asking("GET", "/segments")
        opened.sees(f"Journal {20 * (n + 1)}", where="#tab-journal")
        assert opened.run("return scrollY") == 0


def test_a_command_can_be_selected_and_copied(page: Page, sandbox: Sandbox) -> None:
    """What did not change is not drawn anew, which would end the selection within the second."""
    with page.visiting(sandbox):
        page.run("getSelection().selectAllChildren(document.querySelector('#panel-journal pre'))")
        asked = "return performance.getEntriesByType('resource').filter((one) => /journal/.test(one.name)).length"
        before = page.run(asked)
        page.until(lambda: page.run(asked) >= before + 2, "the page has asked twice more")
        assert "curl -H" in page.run("return getSelection().toString()")
