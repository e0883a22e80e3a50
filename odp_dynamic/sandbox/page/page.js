// The page of the sandbox: it asks the sandbox about once a second, and shows what came.

import { extent, grouped, make } from "./elements.js";
import { Journal, JournalView, spoken } from "./journal.js";
import { faultsPanel, objectsPanel, profilesPanel, schemaPanel, segmentsPanel } from "./state.js";

const EACH = 1000; // milliseconds between questions
const STATE_EACH = 5; // questions between two about the state that nothing in the journal gave rise to
const TABS = ["journal", "profiles", "objects", "schema", "segments", "faults"];

const part = (id) => document.getElementById(id);
const panel = (name) => part(`panel-${name}`);

const journal = new Journal();
const known = { state: null, faults: [], asked: 0 };
let current = "journal";

// ---- asking the sandbox

/** Says in a sentence why an answer is missing. */
class Missed extends Error {}

async function ask(path, method = "GET") {
  const unreachable = { problem: "The sandbox is not reachable; trying again." };
  const { problem, data } = await read(path, method).catch(() => unreachable);
  if (problem) throw new Missed(problem);
  return data;
}

async function read(path, method) {
  const signal = AbortSignal.timeout(10_000);
  const answer = await fetch(`/_sandbox/${path}`, { method, signal, headers: { accept: "application/json" } });
  if (!answer.ok) return { problem: `The sandbox answers ${answer.status} to ${method} ${path}; trying again.` };
  return { data: answer.status === 204 ? null : await answer.json() };
}

/** Ask what is new, and show it; the state only when something may have changed it. */
async function refresh() {
  const before = journal.count;
  const fresh = await journal.follow(ask);
  known.faults = await ask("faults");
  if (fresh === null || fresh.length || journal.count !== before || ++known.asked >= STATE_EACH) {
    known.state = await ask("state");
    known.asked = 0;
  }
  draw();
  announce(fresh ?? []);
}

let turn = Promise.resolve();

/** Refresh once all who asked before are done: two at a time would both take the same news. */
function refreshed() {
  turn = turn.then(refresh).then(reached, missed);
  return turn;
}

async function follow() {
  for (;;) {
    await untilVisible();
    await refreshed();
    await new Promise((resume) => setTimeout(resume, EACH));
  }
}

/** Wait while nobody looks; what was missed meanwhile may be much, so all is read anew. */
async function untilVisible() {
  if (!document.hidden) return;
  await new Promise((resume) => document.addEventListener("visibilitychange", resume, { once: true }));
  journal.distrust();
}

function reached() {
  const banner = part("banner");
  if (!banner.hidden) part("news").textContent = "The sandbox is back.";
  banner.textContent = "";
  banner.hidden = true;
}

function missed(error) {
  journal.distrust();
  if (!(error instanceof Missed)) return reportError(error); // a mistake of this page, for the console
  const banner = part("banner");
  if (banner.textContent !== error.message) banner.textContent = error.message; // said once, not each second
  banner.hidden = false;
  return undefined;
}

/** Do something to the sandbox, and show what it led to at once. */
async function act(method, path) {
  const isDone = await ask(path, method).then(() => true, missed);
  if (!isDone) return;
  journal.distrust();
  await refreshed();
}

// ---- showing it

const show = {
  journal: new JournalView(panel("journal"), visitProfile, () => draw()),
  profiles: profilesPanel(panel("profiles"), (words) => visit("profiles", words)),
  objects: objectsPanel(panel("objects")),
  schema: schemaPanel(panel("schema")),
  segments: segmentsPanel(panel("segments"), (name) => visit("profiles", `in:${name}`)),
  faults: faultsPanel(panel("faults"), () => act("DELETE", "faults")),
};

/** Draw the panel that is seen, and the counts of all. */
function draw() {
  if (!known.state) return; // the first answer has not come
  part("shown").textContent = toldOf(...drawn(current));
  drawCounts();
  drawService();
}

/** Tell how many of a list are shown: nothing where that is all that there is. */
function toldOf(shown, here) {
  const all = { ...known.state.totals, journal: journal.total }[current] ?? here;
  const told = extent(here, all, current === "journal" ? "newest" : "last changed");
  if (shown < here) return `${grouped(shown)} of ${all > here ? "the " : ""}${told}`;
  return all > here ? told : "";
}

function drawn(name) {
  const words = part("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  if (name === "journal") return drawnJournal(words);
  return show[name](name === "faults" ? known.faults : known.state, words, origin());
}

function drawnJournal(words) {
  const choices = journal.choices();
  for (const name of FILTERS) offer(name, choices[name]);
  const chosen = journal.chosen({ words, ...Object.fromEntries(FILTERS.map((name) => [name, part(name).value])) });
  show.journal.show(chosen, journal.count, origin());
  return [chosen.length, journal.count];
}

const ANY = { operation: "All operations", status: "Any status", outcome: "Any outcome" };
const FILTERS = Object.keys(ANY);

/** Offer what there is to choose from, without losing what was chosen. */
function offer(name, choices) {
  const select = part(name);
  const chosen = select.value;
  const wanted = ["", ...new Set([...choices, ...(chosen ? [chosen] : [])])];
  const offered = [...select.options].map((option) => option.value);
  if (JSON.stringify(wanted) === JSON.stringify(offered)) return;
  select.replaceChildren(...wanted.map((value) => make("option", { value }, value || ANY[name])));
  select.value = chosen;
}

function drawCounts() {
  const { totals, schema, segments } = known.state;
  const counts = { ...totals, journal: journal.total, schema: schema.length, segments: segments.length };
  for (const name of TABS) count(name, { ...counts, faults: known.faults.length }[name]);
  part("tab-faults").classList.toggle("warning", known.faults.length > 0);
}

function count(name, number) {
  const tab = part(`tab-${name}`);
  if (!tab.querySelector(".count")) tab.append(" ", make("span", { class: "count" }));
  tab.querySelector(".count").textContent = grouped(number);
}

function drawService() {
  part("service").textContent = `${known.state.service.title} at ${origin().base}`;
}

const origin = () => ({ origin: location.origin, base: `${location.origin}${known.state.service.base_path}` });

/** Tell who listens what is new; one sentence each time, however many requests came. */
function announce(fresh) {
  if (!fresh.length) return;
  const told = fresh.length === 1 ? "New request" : `${fresh.length} new requests, the last`;
  part("news").textContent = `${told}: ${spoken(fresh.at(-1))}`;
}

// ---- going about it

function select(name, { focus = false } = {}) {
  current = name;
  for (const tab of TABS) {
    const isCurrent = tab === name;
    part(`tab-${tab}`).setAttribute("aria-selected", isCurrent);
    part(`tab-${tab}`).tabIndex = isCurrent ? 0 : -1;
    panel(tab).hidden = !isCurrent;
  }
  part("filters").hidden = name !== "journal";
  if (focus) part(`tab-${name}`).focus();
  history.replaceState(null, "", `#${name}`); // a reload stays here
  draw();
}

/** Show what is searched for, and tell who listens how much that is. */
function sift() {
  draw();
  part("news").textContent = part("shown").textContent;
}

/** Show the panel of a name with a search. */
function visit(name, words) {
  part("search").value = words;
  select(name, { focus: true });
}

/** Show a profile, or the one that it has become part of, opened. */
function visitProfile(number) {
  visit("profiles", `profile:${number}`);
  const found = panel("profiles").querySelectorAll("li > details");
  if (found.length === 1) found[0].open = true;
}

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

function onTabKey(event) {
  const place = TABS.indexOf(current);
  const ends = { Home: 0, End: TABS.length - 1 };
  const next = STEPS[event.key] ? (place + STEPS[event.key] + TABS.length) % TABS.length : ends[event.key];
  if (next === undefined) return;
  event.preventDefault();
  select(TABS[next], { focus: true });
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || part("confirm").open) return;
  if (event.key === "/" && !event.target.closest("input, select, textarea")) {
    event.preventDefault();
    part("search").focus();
    part("search").select();
  } else if (event.key === "Escape") {
    escape(event);
  } else if (STEPS[event.key] && event.target.matches(".listing > li > details > summary")) {
    walk(event);
  }
}

/** Close the detail that the focus is in, or else the one that stands first; in the search, empty it. */
function escape(event) {
  if (event.target === part("search")) {
    event.preventDefault();
    part("search").value = "";
    return draw();
  }
  const open = event.target.closest("details[open]") ?? panel(current).querySelector("details[open]");
  if (!open) return undefined;
  open.open = false;
  return open.querySelector("summary").focus();
}

/** Go up and down a list with the arrows. */
function walk(event) {
  if (event.key === "ArrowLeft" || event.key === "ArrowRight") return;
  const row = event.target.closest("li");
  const next = STEPS[event.key] > 0 ? row.nextElementSibling : row.previousElementSibling;
  event.preventDefault();
  next?.querySelector("summary").focus();
}

function begin() {
  for (const name of TABS) part(`tab-${name}`).addEventListener("click", () => select(name));
  document.querySelector("[role=tablist]").addEventListener("keydown", onTabKey);
  document.addEventListener("keydown", onKey);
  part("toolbar").addEventListener("submit", (event) => event.preventDefault());
  for (const event of ["input", "change"]) part("toolbar").addEventListener(event, sift); // some send only one
  part("clear-journal").addEventListener("click", () => act("DELETE", "journal"));
  part("reset").addEventListener("click", () => part("confirm").showModal());
  part("confirm").addEventListener("close", onAnswer);
  for (const name of FILTERS) offer(name, []); // the first answer may be late
  const asked = location.hash.slice(1);
  select(TABS.includes(asked) ? asked : "journal");
  follow();
}

async function onAnswer() {
  const { returnValue } = part("confirm");
  part("confirm").returnValue = ""; // Escape would leave the answer before
  if (returnValue === "reset") await act("POST", "reset");
}

begin();
