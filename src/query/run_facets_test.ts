import assert from "node:assert/strict";
import fc from "fast-check";
import { SEVERITIES } from "../record.ts";
import { FAKE_SERVICES, fakeFilters, fakeRecords, paramsOf } from "./_fake_records.ts";
import { type FakeRecord, FakeSnapshot } from "./_fake_snapshot.ts";
import { InvalidParameterError } from "./errors.ts";
import { parseLogFilters } from "./filters.ts";
import { parseFacetOptions, readFacets } from "./run_facets.ts";

const none = parseLogFilters(new URLSearchParams());

function valuesOf(record: FakeRecord, field: string): string[] {
  if (field === "service") return [record.service];
  if (field === "severity") return [SEVERITIES[record.severity]];
  if (field === "attr") return Object.keys(record.attributes ?? {});
  const name = field.slice("attr.".length);
  if (record.attributes === undefined || !Object.hasOwn(record.attributes, name)) return [];
  const value = record.attributes[name];
  return [typeof value === "string" ? value : JSON.stringify(value)];
}

Deno.test("readFacets() counts what a naive count over an array counts", async () => {
  const property = fc.asyncProperty(
    fakeRecords(),
    fakeFilters,
    fc.constantFrom("service", "severity", "attr", "attr.user", "attr.__proto__", "attr.absent"),
    fc.subarray([...FAKE_SERVICES], { minLength: 3 }),
    fc.subarray(["user", "code"]),
    fc.integer({ min: 1, max: 4 }),
    async (records, filter, field, services, ownAttributes, limit) => {
      const matches = records.filter((one) => filter.matches(one))
        .filter(({ service }) => services.includes(service));
      const grouped = Map.groupBy(matches.flatMap((one) => valuesOf(one, field)), String);
      const all = [...grouped].map(([value, list]) => ({ value, count: list.length }))
        .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
      const snapshot = new FakeSnapshot(records, { ownAttributes });
      const filters = parseLogFilters(paramsOf(filter));
      assert.deepEqual(await readFacets(snapshot, filters, { services }, { field, limit }), {
        field,
        values: all.slice(0, limit),
        others: all.slice(limit).reduce((sum, { count }) => sum + count, 0),
        truncated: false,
      });
    },
  );
  await fc.assert(property, { numRuns: 300 });
});

function withUser(id: number, user: string): FakeRecord {
  return { id, ms: id, service: "a", severity: 2, message: "", attributes: { user } };
}

Deno.test("readFacets() counts values past 10,000 distinct ones together and says so", async () => {
  const records = Array.from({ length: 10_020 }, (_, i) => withUser(i + 1, `u${i % 10_010}`));
  const snapshot = new FakeSnapshot(records, { chunkRows: 2_000 });
  const facets = await readFacets(snapshot, none, {}, { field: "attr.user", limit: 10 });
  // Ten came twice among the first; ten were one too many.
  assert.deepEqual(facets.values.map(({ count }) => count), new Array(10).fill(2));
  assert.equal(facets.others, 10_000);
  assert.equal(facets.truncated, true);
});

Deno.test("readFacets() counts values too long to be listed among the others", async () => {
  const snapshot = new FakeSnapshot([withUser(1, "x".repeat(1_025)), withUser(2, "bob")]);
  const facets = await readFacets(snapshot, none, {}, { field: "attr.user", limit: 10 });
  assert.deepEqual(facets, {
    field: "attr.user",
    values: [{ value: "bob", count: 1 }],
    others: 1,
    truncated: true,
  });
});

Deno.test("readFacets() of services and severities reads no rows", async () => {
  const snapshot = new FakeSnapshot([withUser(1, "a"), withUser(2, "b")]);
  await readFacets(snapshot, none, {}, { field: "service", limit: 10 });
  assert.equal(snapshot.rowsVisited, 0);
});

Deno.test("parseFacetOptions() says which fields there are", () => {
  const parse = (query: string) => parseFacetOptions(new URLSearchParams(query));
  assert.deepEqual(parse("field=attr.a"), { field: "attr.a", limit: 10_000 });
  assert.deepEqual(parse("field=service&limit=1000"), { field: "service", limit: 1000 });
  assert.throws(() => parse(""), {
    message: 'Cannot use parameter "field": it is missing; ' +
      "it can be service, severity, attr.NAME, or attr for the attributes' names",
  });
  for (
    const query of ["field=message", "field=attr.", "field=toString", "field=attr&limit=10001"]
  ) {
    assert.throws(() => parse(query), InvalidParameterError, query);
  }
});
