// The journal: what became of each request, the newest first.

import {
  Listing,
  block,
  code,
  empty,
  facts,
  grouped,
  make,
  matches,
  moment,
  refill,
  section,
  table,
  word,
} from "./elements.js";

const KEPT = 2000; // entries; the sandbox keeps more
const PAGE = 200; // rows at a time: the browser is quick with these
const FRESH = 500; // milliseconds after which a row that a filter lets in again is not news

/** Is what the page knows of the journal; it follows it by number. */
export class Journal {
  #entries = []; // the oldest first
  #last = 0;
  #total = 0;
  #isStale = true;

  /** Return how many entries are here. */
  get count() {
    return this.#entries.length;
  }

  /** Return how many entries the sandbox has. */
  get total() {
    return this.#total;
  }

  /** Ask everything anew the next time: the sandbox may be another one by then. */
  distrust() {
    this.#isStale = true;
  }

  /** Read what is new by `ask`, and return it; null where all of it was read anew. */
  async follow(ask) {
    if (this.#isStale) return this.#readAnew(ask);
    const told = await ask(`journal?since=${this.#last}`);
    if (told.last < this.#last) return this.#readAnew(ask); // another sandbox counts from the beginning
    this.#keep([...this.#entries, ...told.entries], told);
    for (const entry of told.entries) entry.arrived = Date.now();
    return told.entries;
  }

  async #readAnew(ask) {
    const { last } = await ask(`journal?since=${1e15 - 1}`); // no entries, but their number
    const told = await ask(`journal?since=${Math.max(0, last - KEPT)}`);
    this.#keep(told.entries, told);
    this.#isStale = false;
    return null;
  }

  #keep(entries, told) {
    this.#last = told.last;
    this.#total = Math.max(0, told.last - told.first + 1); // their numbers have no gaps
    this.#entries = entries.filter((entry) => entry.number >= told.first).slice(-KEPT);
    for (const entry of told.entries) entry.words = JSON.stringify(entry).toLowerCase();
  }

  /** Return the entries that a filter lets through, the newest first. */
  chosen({ words, operation, status, outcome }) {
    return this.#entries
      .filter(
        (entry) =>
          (!operation || nameOf(entry) === operation) &&
          (!status || classOf(entry.status) === status) &&
          (!outcome || entry.outcomes.some((one) => one.became === outcome)) &&
          matches(words, entry.words),
      )
      .reverse();
  }

  /** Return what there is to choose from. */
  choices() {
    const all = (values) => [...new Set(values)].sort();
    return {
      operation: all(this.#entries.map(nameOf)),
      status: all(this.#entries.map((entry) => classOf(entry.status))),
      outcome: all(this.#entries.flatMap((entry) => entry.outcomes.map((one) => one.became))),
    };
  }
}

const nameOf = (entry) => entry.operation ?? "(no operation)";
const classOf = (status) => (status === null ? "reset" : `${Math.floor(status / 100)}xx`);

/** Is the panel of the journal. */
export class JournalView {
  #panel;
  #listing;
  #hint = make("div");
  #more;
  #room = PAGE;

  /** `visit` shows a profile by its number; `redraw` draws anew when more rows are wanted. */
  constructor(panel, visit, redraw) {
    this.#panel = panel;
    this.visit = visit;
    this.#more = make("button", { type: "button", click: () => this.#showMore(redraw) });
    panel.append(this.#hint);
    this.#listing = new Listing(panel, "requests");
    panel.append(this.#more);
  }

  show(entries, count, origin) {
    const hint = entries.length ? [] : [count ? empty("No request matches the search and the filters.") : nothing(origin)];
    refill(this.#hint, hint);
    this.#more.hidden = entries.length <= this.#room;
    this.#more.textContent = `Show older requests (${grouped(entries.length - this.#room)} more)`;
    this.#listing.show(entries.slice(0, this.#room).map((entry) => this.#item(entry)));
  }

  /** Show more rows, and go on where they begin: the button may not be there any more. */
  #showMore(redraw) {
    const first = this.#room;
    this.#room += PAGE;
    redraw();
    this.#panel.querySelectorAll(".requests > li > details > summary")[first].focus();
  }

  #item(entry) {
    return {
      key: `${entry.number} ${entry.time}`,
      data: entry.number, // an entry never changes
      isNew: Date.now() - entry.arrived < FRESH,
      summary: () => summary(entry),
      body: () => body(entry, this.visit),
    };
  }
}

function nothing({ base }) {
  return empty(
    "No requests yet. Each request to the sandbox appears here, with what became of it. Try:",
    `curl -H 'x-api-key: sandbox-private' ${base}/segments`,
  );
}

/** Return an entry in a line, for who listens. */
export const spoken = (entry) => `${entry.operation ?? entry.method} ${entry.status ?? "reset"} ${entry.verdict}`;

function summary(entry) {
  const request = entry.operation ?? `${entry.method} ${entry.target}`;
  return [
    make("span", { class: "quiet number" }, String(entry.number)),
    make("span", { class: "quiet when" }, moment(entry.time)),
    make("span", { class: `status s${classOf(entry.status)}` }, String(entry.status ?? "reset")),
    make("span", { class: "name" }, make("bdi", {}, request)),
    make("span", { class: "told" }, gist(entry)),
    make("span", { class: "quiet number took" }, `${entry.milliseconds.toFixed(1)} ms`),
  ];
}

function gist(entry) {
  const fault = entry.fault ? [make("span", { class: "fault" }, `fault: ${wordsOf(entry.fault)}`), " "] : [];
  return [...fault, `${entry.verdict}${tally(entry)}`];
}

/** Return why a request was not accepted, or how many of its items became what. */
function tally(entry) {
  const counts = new Map();
  for (const { became } of entry.outcomes) counts.set(became, (counts.get(became) ?? 0) + 1);
  const became = [...counts].map(([word, count]) => `${count} ${word}`).join(", ");
  const told = entry.verdict === "accepted" ? became || entry.why : entry.why || became;
  return told ? ` · ${told}` : "";
}

/** Return a fault in a few words. */
export function wordsOf(fault) {
  const what = fault.kind === "status" ? String(fault.status) : fault.kind.replaceAll("_", " ");
  const late = fault.delay ? `${fault.delay} s ${fault.kind === "delay" ? "" : "late"}`.trim() : "";
  return [what, late, `${fault.when} the work`].filter(Boolean).join(", ");
}

function body(entry, visit) {
  return [
    section("Verdict", ...verdict(entry), items(entry.outcomes, visit), problems(entry.problems)),
    make("div", { class: "pair" }, request(entry), answer(entry)),
  ];
}

const sentence = (text) => (text ? `${text[0].toUpperCase()}${text.slice(1)}` : "");

const KEYS = {
  public: "With the public key",
  private: "With the private key",
  unknown: "With an unknown key",
  none: "Without a key",
};

function verdict(entry) {
  const because = entry.why ? `: ${entry.why}` : "";
  const fault = entry.fault ? make("p", { class: "warning" }, `A fault was injected: ${wordsOf(entry.fault)}.`) : "";
  return [
    make("p", {}, `${sentence(entry.verdict)}${because}.`),
    fault,
    make("p", { class: "quiet" }, `${KEYS[entry.key]}, in ${entry.milliseconds} ms.`),
  ];
}

function items(outcomes, visit) {
  if (!outcomes.length) return "";
  const byItem = outcomes.toSorted((one, other) => one.item - other.item);
  const rows = byItem.map((one) => [one.item === null ? "–" : String(one.item), word(one.became), reason(one, visit)]);
  return table("What became of each item", ["Item", "Became", "Why"], rows, [0]);
}

function reason({ why, fields, profile }, visit) {
  const named = fields.length ? make("span", { class: "fields" }, fields.flatMap((field) => [code(field), " "])) : "";
  const whose = profile === null ? "" : profileLink(profile, visit);
  return [make("span", {}, sentence(why)), " ", named, " ", whose];
}

export const profileLink = (number, visit) =>
  make("button", { type: "button", class: "link", click: () => visit(number) }, `profile ${number}`);

function problems(found) {
  if (!found.length) return "";
  const rows = found.map((one) => [code(`${one.where}${one.pointer && ` ${one.pointer}`}`), one.message]);
  return table("What is wrong with the request", ["Place", "Problem"], rows);
}

function request(entry) {
  const fields = Object.entries(entry.headers);
  return section(
    "Request",
    make("p", {}, code(`${entry.method} ${entry.target}`)),
    make(
      "details",
      {},
      make("summary", {}, `${fields.length} header fields`),
      facts(fields.map(([name, value]) => [name, code(value)])),
    ),
    entry.body === null ? make("p", { class: "quiet" }, "No body.") : block(entry.body),
  );
}

function answer(entry) {
  if (entry.status === null) return section("Answer", make("p", {}, "None: the connection was reset."));
  return section(
    "Answer",
    make("p", {}, make("span", { class: `status s${classOf(entry.status)}` }, String(entry.status))),
    entry.answer === null ? make("p", { class: "quiet" }, "No body.") : block(entry.answer),
  );
}
