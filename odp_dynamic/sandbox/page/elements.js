// Elements, made without markup: what the sandbox stores comes from anywhere, so all of it enters the page as text
// (`append` and `textContent`), never as HTML. The page's policy lets the browser enforce that.

/** Make an element. Functions among the attributes are listeners; null, undefined and false are left out. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** Return a value of a customer or an integration as it was sent: its own direction of writing, and monospaced. */
export const code = (text) => make("code", {}, String(text));

/** Return a word that is not broken. */
export const word = (text) => make("span", { class: "word" }, text);

/** Return JSON in a block of its own: indented where it can be read, as it came where it cannot. */
export function block(text) {
  return make("pre", { tabindex: 0 }, code(indented(text)));
}

function indented(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // no JSON, or only its beginning
  }
}

/** Return a number as people read it. */
export const grouped = (number) => number.toLocaleString("en");

/** Tell how many there are, and where only some are here, which: "50 newest of 812". */
export const extent = (here, all, which = "newest") =>
  all > here ? `${grouped(here)} ${which} of ${grouped(all)}` : grouped(all);

/** Return a value on one line: a string as it is, anything else as JSON. */
export const inline = (value) => (typeof value === "string" ? value : JSON.stringify(value));

/** Return a moment in the reader's time zone; of today only the time, for that is what tells two requests apart. */
export function moment(text) {
  const then = new Date(text);
  if (Number.isNaN(then.valueOf())) return code(text);
  const [day, time] = then.toLocaleString("sv-SE").split(" "); // Sweden writes ISO 8601
  const isToday = day === new Date().toLocaleDateString("sv-SE");
  return make("time", { datetime: text, title: `${day} ${time} (${text})` }, isToday ? time : `${day} ${time}`);
}

/** Return a table; each row is a list of cells, and `numeric` are the columns that are aligned as numbers. */
export function table(caption, heads, rows, numeric = []) {
  const kind = (index) => ({ class: numeric.includes(index) ? "number" : null });
  return make(
    "table",
    {},
    make("caption", { class: "unseen" }, caption),
    make("thead", {}, make("tr", {}, heads.map((head, i) => make("th", { scope: "col", ...kind(i) }, head)))),
    make("tbody", {}, rows.map((cells) => make("tr", {}, cells.map((cell, i) => make("td", kind(i), cell))))),
  );
}

/** Return names and values. */
export function facts(pairs) {
  return make("dl", {}, pairs.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
}

export const section = (title, ...children) => make("section", {}, make("h3", {}, title), ...children);

/** Return the title of a list that says beside it where the list is cut. */
export function titled(title, here, all) {
  return all > here ? [title, " ", make("span", { class: "cut" }, extent(here, all))] : [title];
}

/** Return a sentence for a place where nothing is, with what to do about it. */
export function empty(sentence, command = "") {
  const hint = command ? [make("pre", { tabindex: 0 }, code(command))] : [];
  return make("div", { class: "empty" }, make("p", {}, sentence), ...hint);
}

/**
 * Put children into an element, unless they stand there already: what did not change can be selected and copied.
 * The focus stays on what says the same as before; where nothing does, it goes to `otherwise`.
 */
export function refill(element, children, otherwise = element.closest("[role=tabpanel]")) {
  const before = [...element.childNodes];
  if (children.length === before.length && children.every((child, i) => child.isEqualNode(before[i]))) return;
  const focused = element.contains(document.activeElement) ? document.activeElement : null;
  element.replaceChildren(...children);
  if (!focused) return;
  const same = [...element.querySelectorAll(focused.tagName)].find((one) => one.textContent === focused.textContent);
  (same ?? otherwise).focus({ preventScroll: true });
}

/**
 * Is a list of things that open, kept up to date in place: what is open stays open, the focus stays where it is, and
 * so does what the reader looks at, whatever comes above it.
 * An item is `{key, data, summary, body, isNew}`; `summary` and `body` make its parts, the body once somebody opens it.
 */
export class Listing {
  #rows = new Map();
  #list = make("ol", { role: "list" }); // without markers it would be none for some screen readers

  constructor(parent, name) {
    this.#list.className = `listing ${name}`;
    parent.append(this.#list);
  }

  show(items) {
    const steady = this.#steadied();
    const wanted = new Set(items.map((item) => item.key));
    for (const [key, row] of this.#rows) if (!wanted.has(key)) this.#drop(key, row);
    items.forEach((item, place) => this.#put(item, place));
    steady();
  }

  /** Return what brings the row that is looked at back to its place: the one with the focus, or the first that is seen. */
  #steadied() {
    const place = (row) => row.getBoundingClientRect();
    const seen = [...this.#list.children].filter((row) => place(row).bottom > 0 && place(row).top < innerHeight);
    const isBelowTop = place(this.#list).top < 0; // whoever is at the top wants to see what comes
    const row = seen.find((one) => one.contains(document.activeElement)) ?? (isBelowTop ? seen[0] : null);
    const top = row && place(row).top;
    return () => row?.isConnected && scrollBy({ top: place(row).top - top, behavior: "instant" });
  }

  #drop(key, row) {
    const panel = this.#list.closest("[role=tabpanel]");
    if (row.element.contains(document.activeElement)) panel.focus({ preventScroll: true });
    row.element.remove();
    this.#rows.delete(key);
  }

  #put(item, place) {
    const row = this.#rows.get(item.key) ?? this.#added(item.key, item.isNew);
    const told = JSON.stringify(item.data);
    if (row.told !== told) fill(row, item, told);
    const there = this.#list.children[place];
    if (there !== row.element) this.#move(row.element, there ?? null);
  }

  #move(row, before) {
    const focused = row.contains(document.activeElement) ? document.activeElement : null;
    this.#list.insertBefore(row, before);
    focused?.focus({ preventScroll: true });
  }

  #added(key, isNew) {
    const summary = make("summary");
    const body = make("div", { class: "body" });
    const row = { summary, body, told: null, makeBody: () => [] };
    row.details = make("details", { toggle: () => row.details.open && body.replaceChildren(...row.makeBody()) });
    row.details.append(summary, body);
    row.element = make("li", { class: isNew ? "new" : null }, row.details);
    this.#rows.set(key, row);
    return row;
  }
}

function fill(row, item, told) {
  row.told = told;
  row.makeBody = item.body;
  row.summary.replaceChildren(...item.summary());
  if (row.details.open) refill(row.body, row.makeBody(), row.summary);
}

/** Tell whether a text has all words; a word such as `in:buyers` must be one of the tags, whole. */
export function matches(words, text, tags = []) {
  return words.every((word) => (word.includes(":") && tags.includes(word)) || text.includes(word));
}
