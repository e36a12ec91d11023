import assert from "node:assert/strict";
import fc from "fast-check";
import { termState, toggleTerm, withoutField, withTerm } from "./filters.ts";
import { FIRST_VIEW, formatView, parseView, searchKey, type View } from "./view.ts";

/** Objects as everyone writes them. */
const PLAIN = { noNullPrototype: true } as const;

const text = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" });
const id = fc.option(fc.integer({ min: 1, max: 1e14 }), { nil: undefined });
const field = fc.oneof(fc.constantFrom("service", "severity"), text.map((name) => `attr.${name}`));
const instant = fc.date({ noInvalidDate: true, min: new Date(0) }).map((date) =>
  date.toISOString()
);

const anyView: fc.Arbitrary<View> = fc.record({
  screen: fc.constantFrom("rows" as const, "overview" as const),
  filters: fc.record({
    q: fc.string().filter((q) => q === "" || q.trim() !== ""),
    minSeverity: fc.constantFrom("", "ERROR"),
    terms: fc.array(fc.record({ field, value: text, not: fc.boolean() }, PLAIN), { maxLength: 5 }),
  }, PLAIN),
  range: fc.oneof(
    fc.constant({ kind: "all" as const }),
    fc.constantFrom("24h", "5m").map((duration) => ({ kind: "last" as const, duration })),
    fc.record({ kind: fc.constant("between" as const), start: instant, end: instant }, PLAIN),
  ),
  live: fc.boolean(),
  open: id,
  around: id,
}, PLAIN);

Deno.test("parseView() reads back what formatView() writes", () => {
  fc.assert(fc.property(anyView, (view) => {
    assert.deepEqual(parseView(formatView(view)), view);
  }));
});

Deno.test("parseView() makes a view of any text", () => {
  fc.assert(fc.property(fc.string(), (search) => {
    const view = parseView(search);
    assert.deepEqual(parseView(formatView(view)), view);
  }));
});

Deno.test("the first view needs no parameters", () => {
  assert.equal(formatView(FIRST_VIEW), "");
  assert.deepEqual(parseView(""), FIRST_VIEW);
});

Deno.test("searchKey() does not change with what is open", () => {
  assert.equal(searchKey({ ...FIRST_VIEW, open: 5, screen: "overview" }), searchKey(FIRST_VIEW));
  assert.notEqual(searchKey({ ...FIRST_VIEW, around: 5 }), searchKey(FIRST_VIEW));
});

Deno.test("a term and its opposite never stand side by side", () => {
  const term = { field: "service", value: "a", not: false };
  const opposite = { ...term, not: true };
  const both = withTerm(withTerm(FIRST_VIEW.filters, term), opposite);
  assert.deepEqual(both.terms, [opposite]);
  assert.equal(termState(both, "service", "a"), "out");
  assert.deepEqual(toggleTerm(both, opposite).terms, []);
  assert.deepEqual(withoutField(both, "service").terms, []);
});
