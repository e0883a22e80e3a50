"""The page for people: what it never does, and how it is served."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from odp_dynamic.sandbox import Sandbox, _page

from .browsing import TABS, Page
from .conftest import Ask, in_process

HOSTILE = "<img src=x onerror=document.title='owned'>"


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
        with sandbox.fault(body={HOSTILE: 1}, retry_after=HOSTILE, status=500), page.visiting(sandbox):
            ask("GET", "/segments")
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
