// What is stored, and what goes wrong on purpose: profiles, objects, schema, segments, faults.

import {
  Listing,
  code,
  empty,
  facts,
  grouped,
  inline,
  make,
  matches,
  moment,
  refill,
  section,
  table,
  titled,
  word,
} from "./elements.js";
import { wordsOf } from "./journal.js";

const NO_MATCH = "Nothing here matches the search.";

/** Return a panel that shows a list of things: `told` says of them what there is to show. */
function listed(panel, name, { items, none }) {
  const hint = make("div");
  panel.append(hint);
  const listing = new Listing(panel, name);
  return (state, words, origin) => {
    const all = items(state);
    const chosen = all.filter((item) => matches(words, JSON.stringify(item.data).toLowerCase(), item.tags));
    refill(hint, chosen.length ? [] : [all.length ? empty(NO_MATCH) : none(origin)]);
    listing.show(chosen);
    return [chosen.length, all.length];
  };
}

/** Return the panel of the profiles; `search` looks for words in them. */
export function profilesPanel(panel, search) {
  return listed(panel, "profiles", {
    items: ({ profiles, identifiers }) => profiles.map((profile) => profileItem(profile, identifiers, search)),
    none: ({ base }) =>
      empty(
        "No profiles yet. They are made from events and profiles that bear an identifier. Try:",
        `curl -H 'x-api-key: sandbox-private' -H 'content-type: application/json' \\\n` +
          `  -d '{"identifiers": {"email": "ada@example.com"}, "attributes": {"first_name": "Ada"}}' ${base}/profiles`,
      ),
  });
}

function profileItem(profile, identifiers, search) {
  const numbers = [profile.profile, ...profile.merged.map((one) => one.other)];
  return {
    key: profile.profile,
    data: profile,
    tags: [...numbers.map((number) => `profile:${number}`), ...profile.segments.map((name) => `in:${name}`.toLowerCase())],
    summary: () => profileSummary(profile),
    body: () => profileBody(profile, identifiers, search),
  };
}

function profileSummary({ profile, identities, attributes, segments, totals, updated }) {
  const name = attributes.name ?? [attributes.first_name, attributes.last_name].filter(Boolean).join(" ");
  const best = identities.find((one) => one.field === "email") ?? identities[0];
  const told = [
    counted(identities.length, "identity", "identities"),
    counted(segments.length, "segment"),
    ...(totals.merged ? [`${grouped(totals.merged)} merged in`] : []),
  ];
  return [
    make("span", { class: "quiet number" }, String(profile)),
    make("span", { class: "name" }, make("bdi", {}, inline(name || best?.value || "nobody"))),
    make("span", { class: "also" }, make("bdi", {}, name && best ? best.value : "")),
    make("span", { class: "told" }, told.join(" · ")),
    make("span", { class: "quiet when" }, moment(updated)),
  ];
}

const counted = (count, one, many = `${one}s`) => `${grouped(count)} ${count === 1 ? one : many}`;

function profileBody(profile, identifiers, search) {
  return [
    make(
      "div",
      { class: "pair" },
      make("div", {}, identitiesOf(profile, identifiers), attributesOf(profile), segmentsOf(profile, search), made(profile)),
      timeline(profile),
    ),
  ];
}

function identitiesOf({ identities }, identifiers) {
  const trusted = (field) => (identifiers[field] ? `${identifiers[field]} confidence` : "not defined");
  const rows = identities.map(({ field, value, last_seen }) => [
    [make("span", { class: "over" }, `${field} · ${trusted(field)}`), code(value)],
    moment(last_seen),
  ]);
  return section("Identities", table("Identities", ["Identifier", "Last seen"], rows, [1]));
}

function attributesOf({ attributes }) {
  const pairs = Object.entries(attributes).map(([name, value]) => [name, code(inline(value))]);
  return section("Attributes", pairs.length ? facts(pairs) : make("p", { class: "quiet" }, "None."));
}

function segmentsOf({ segments }, search) {
  const link = (name) => make("button", { type: "button", class: "link", click: () => search(`in:${name}`) }, name);
  const all = segments.map((name) => make("li", {}, link(name)));
  return section("Segments", all.length ? make("ul", { class: "row" }, all) : make("p", { class: "quiet" }, "In none."));
}

function made({ merged, totals }) {
  if (!merged.length) return "";
  const rows = merged.map(({ other, told, at }) => [
    [make("strong", {}, `profile ${other}`), ...portrait(told)],
    moment(at),
  ]);
  const list = table("Profiles that became part of this one", ["What it was", "When"], rows, [1]);
  return section(titled("Merged from", merged.length, totals.merged), list);
}

function portrait({ identities, attributes }) {
  const told = [...identities.map((one) => [one.field, one.value]), ...Object.entries(attributes)];
  return told.map(([name, value]) => pair(name, value));
}

const pair = (name, value) => make("div", { class: "over" }, `${name} `, code(inline(value)));

function timeline({ timeline: happened, totals }) {
  const all = happened.map((one) => make("li", {}, moment(one.at), make("div", {}, told(one))));
  const nothing = make("p", { class: "quiet" }, "Nothing has happened yet: no event, no merge.");
  const list = all.length ? make("ol", { class: "timeline", role: "list" }, all) : nothing;
  return section(titled("Timeline", all.length, totals.timeline), list);
}

function told(one) {
  if (one.what === "event") return eventTold(one);
  if (one.what === "merged") return [strong("merged"), ` profile ${one.other} became part of this one`];
  const from = one.other === null ? "" : ` from profile ${one.other}`;
  return [strong(one.what), " ", code(`${one.told.field}=${one.told.value}`), from];
}

function eventTold({ type, action, identifiers, data }) {
  const pairs = [...Object.entries(identifiers), ...Object.entries(data)];
  return [
    strong(action ? `${type} ${action}` : type),
    ...pairs.map(([name, value]) => pair(name, value)),
  ];
}

const strong = (text) => make("strong", {}, text);

/** Return the panel of the objects, of all types. */
export function objectsPanel(panel) {
  return listed(panel, "objects", {
    items: ({ objects }) => Object.entries(objects).flatMap(([type, all]) => all.map((one) => objectItem(type, one))),
    none: ({ base }) =>
      empty(
        "No objects yet. Try:",
        `curl -H 'x-api-key: sandbox-private' -H 'content-type: application/json' \\\n` +
          `  -d '[{"object_id": "P-1", "fields": {"name": "Chair"}}]' ${base}/objects/products`,
      ),
  });
}

function objectItem(type, { object_id, fields, created, updated }) {
  const pairs = Object.entries(fields);
  return {
    key: JSON.stringify([type, object_id]),
    data: [type, object_id, fields, updated],
    summary: () => [
      make("span", { class: "quiet type" }, type),
      make("span", { class: "name" }, make("bdi", {}, object_id)),
      make("span", { class: "told" }, make("bdi", {}, pairs.map(([name, value]) => `${name} ${inline(value)}`).join(" · "))),
      make("span", { class: "quiet when" }, moment(updated)),
    ],
    body: () => [
      facts([
        ["object_id", code(object_id)],
        ...pairs.map(([name, value]) => [name, code(inline(value))]),
        ["Created", moment(created)],
        ["Updated", moment(updated)],
      ]),
    ],
  };
}

/** Return the panel of the schema. */
export function schemaPanel(panel) {
  return listed(panel, "schema", {
    items: ({ schema }) => schema.map(objectDefinition),
    none: () => empty("The schema is empty."),
  });
}

function objectDefinition({ name, display_name, description, fields }) {
  const rows = fields.map((field) => [
    [code(field.name), ...(field.primary ? [" ", make("span", { class: "tag" }, "primary key")] : [])],
    [field.display_name, field.description ? make("div", { class: "over" }, field.description) : ""],
    word(field.type),
  ]);
  return {
    key: name,
    data: [name, display_name, description, fields],
    summary: () => [
      make("span", { class: "name" }, name),
      make("span", { class: "told" }, [display_name, description].filter(Boolean).join(" · ")),
      make("span", { class: "quiet number" }, counted(fields.length, "field")),
    ],
    body: () => [
      ...(description ? [make("p", {}, description)] : []),
      rows.length ? table(`Fields of ${name}`, ["Name", "Shown as", "Type"], rows) : empty("No fields yet."),
    ],
  };
}

/** Return the panel of the segments; `visit` shows who is in one. */
export function segmentsPanel(panel, visit) {
  const content = make("div");
  panel.append(content);
  return ({ segments }, words) => {
    const chosen = segments.filter((one) => matches(words, JSON.stringify(one).toLowerCase()));
    refill(content, [segmentTable(chosen, segments, visit)]);
    return [chosen.length, segments.length];
  };
}

function segmentTable(chosen, all, visit) {
  if (!chosen.length) return empty(all.length ? NO_MATCH : "No segments. A seed may define some: `odp sandbox --seed FILE`.");
  const rows = chosen.map(({ name, description, customer_count }) => [
    [make("button", { type: "button", class: "link", click: () => visit(name) }, name), make("div", { class: "over" }, description)],
    grouped(customer_count),
  ]);
  return table("Segments", ["Segment", "Customers"], rows, [1]);
}

/** Return the panel of the faults; `clear` disarms all. */
export function faultsPanel(panel, clear) {
  const content = make("div");
  panel.append(content);
  return (faults, words, { origin }) => {
    const chosen = faults.filter((one) => matches(words, JSON.stringify(one).toLowerCase()));
    refill(content, faultTable(chosen, faults, clear, origin));
    return [chosen.length, faults.length];
  };
}

function faultTable(chosen, all, clear, origin) {
  const command = `curl -d '{"operation": "sendEvents", "status": 503, "times": 2}' ${origin}/_sandbox/faults`;
  if (!all.length) return [empty("No faults are armed: the sandbox answers as well as it can. To have it fail twice:", command)];
  const rows = chosen.map((fault) => [
    [strong(wordsOf(fault)), make("div", { class: "over" }, howOften(fault))],
    fault.times ? `${fault.hits} of ${fault.times}` : String(fault.hits),
  ]);
  const button = make("button", { type: "button", click: clear }, "Clear all faults");
  return [rows.length ? table("Armed faults", ["Fault", "Hits"], rows, [1]) : empty(NO_MATCH), button];
}

const TOLD = new Set(["kind", "when", "status", "delay", "operation", "times", "hits"]); // stands elsewhere in the row

function howOften(fault) {
  const more = Object.entries(fault)
    .filter(([name]) => !TOLD.has(name))
    .map(([name, value]) => `${name.replaceAll("_", " ")} ${inline(value)}`);
  return [fault.operation ?? "any operation", ...more].join(" · ");
}
