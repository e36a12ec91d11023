import assert from "node:assert/strict";
import fc from "fast-check";
import { RecordBatch, type RecordColumns, sealBatches, type SeverityCode } from "../record.ts";
import {
  contains,
  makeSelection,
  overlaps,
  selectFromChunk,
  selectFromRuns,
  wantsStream,
} from "./selection.ts";
import type { ChunkView } from "./memtable.ts";
import { concerns, hides, type Tombstone } from "./tombstone.ts";
import type { ScanSpec } from "./types.ts";

const SERVICES = ["a", "b", "__proto__"];
const instants = fc.record({
  ms: fc.integer({ min: -3, max: 5 }),
  ns: fc.integer({ min: 0, max: 2 }),
});
const option = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const services = option(fc.subarray(SERVICES));
const severities = option(fc.subarray([0, 1, 2]));
const specs: fc.Arbitrary<ScanSpec> = fc.record({
  from: option(instants),
  to: option(instants),
  idFrom: option(fc.nat(30)),
  idTo: option(fc.nat(30)),
  receivedFromMs: option(fc.nat(30)),
  receivedToMs: option(fc.nat(30)),
  services,
  severities,
});
const tombstones: fc.Arbitrary<Tombstone[]> = fc.array(
  fc.record({
    version: fc.constant(1),
    before: instants,
    services,
    severities,
    horizonId: fc.nat(30),
  }),
  { maxLength: 2 },
);
const rows = fc.array(
  fc.record({
    at: instants,
    service: fc.constantFrom(...SERVICES),
    severity: fc.integer({ min: 0, max: 2 }),
  }),
  { minLength: 1, maxLength: 25 },
);

type Row = typeof rows extends fc.Arbitrary<(infer R)[]> ? R : never;

/** Ids from 1 on; each received in a millisecond of its own. */
function columnsOf(all: readonly Row[]): RecordColumns {
  const batch = new RecordBatch();
  for (const { at, service, severity } of all) {
    batch.append(at.ms, at.ns, service, severity as SeverityCode, "x");
  }
  const columns = sealBatches([batch], 1, 0);
  return { ...columns, receivedMs: Float64Array.from(all, (_, i) => i + 1) };
}

function chunkOf(all: readonly Row[]): ChunkView {
  const columns = columnsOf(all);
  return {
    columns,
    firstMs: Math.min(...columns.timestampMs),
    lastMs: Math.max(...columns.timestampMs),
  };
}

function isMatch(spec: ScanSpec, hiding: readonly Tombstone[], { at, ...stream }: Row, id: number) {
  const isAtOrBefore = (a: { ms: number; ns: number }, b: { ms: number; ns: number }) =>
    a.ms < b.ms || (a.ms === b.ms && a.ns <= b.ns);
  const severity = stream.severity as SeverityCode;
  return (spec.from === undefined || isAtOrBefore(spec.from, at)) &&
    (spec.to === undefined || isAtOrBefore(at, spec.to)) &&
    id >= (spec.idFrom ?? 0) && id <= (spec.idTo ?? Infinity) &&
    id >= (spec.receivedFromMs ?? 0) && id <= (spec.receivedToMs ?? Infinity) &&
    (spec.services?.includes(stream.service) ?? true) &&
    (spec.severities?.includes(severity) ?? true) &&
    !hiding.some((one) =>
      concerns(one, { service: stream.service, severity }) && hides(one, at.ms, at.ns, id)
    );
}

Deno.test("selectFromChunk() gives the rows that a look at each gives", () => {
  fc.assert(fc.property(rows, specs, tombstones, (all, spec, hiding) => {
    const found = selectFromChunk(chunkOf(all), makeSelection(spec, hiding));
    const expected = all.map((_, row) => row).filter((row) =>
      isMatch(spec, hiding, all[row]!, row + 1)
    );
    assert.deepEqual([...found], expected);
  }));
});

Deno.test("selectFromRuns() gives the rows that a look at each gives", () => {
  fc.assert(fc.property(rows, specs, tombstones, (all, spec, hiding) => {
    const columns = columnsOf(all);
    // As a segment has them: by stream, then by time, then by id.
    const order = all.map((_, row) => row).sort((a, b) =>
      columns.streamOf[a]! - columns.streamOf[b]! || all[a]!.at.ms - all[b]!.at.ms ||
      all[a]!.at.ns - all[b]!.at.ns || a - b
    );
    const sorted: RecordColumns = {
      ...columns,
      ids: Float64Array.from(order, (row) => columns.ids[row]!),
      timestampMs: Float64Array.from(order, (row) => columns.timestampMs[row]!),
      timestampNs: Uint32Array.from(order, (row) => columns.timestampNs?.[row] ?? 0),
      receivedMs: Float64Array.from(order, (row) => columns.receivedMs[row]!),
      streamOf: Uint16Array.from(order, (row) => columns.streamOf[row]!),
    };
    const runs = columns.streams.map((stream, i) => ({
      ...stream,
      start: sorted.streamOf.indexOf(i),
      end: sorted.streamOf.lastIndexOf(i) + 1,
    }));
    const found = selectFromRuns(sorted, runs, makeSelection(spec, hiding));
    const expected = order.map((_, at) => at).filter((at) =>
      isMatch(spec, hiding, all[order[at]!]!, order[at]! + 1)
    );
    assert.deepEqual([...found], expected);
  }));
});

Deno.test("overlaps() and contains() agree with what is selected", () => {
  fc.assert(
    fc.property(rows, specs, tombstones, (all, spec, hiding) => {
      const selection = makeSelection(spec, hiding);
      const one = all[0]!;
      const stream = { service: one.service, severity: one.severity as SeverityCode };
      const own = all.map((row) => ({ ...row, ...stream }));
      const sorted = own.map(({ at }) => at).sort((a, b) => a.ms - b.ms || a.ns - b.ns);
      const first = sorted[0]!;
      const last = sorted.at(-1)!;
      const extent = {
        firstMs: first.ms,
        firstNs: first.ns,
        lastMs: last.ms,
        lastNs: last.ns,
        firstId: 1,
        lastId: own.length,
        firstReceivedMs: 1,
        lastReceivedMs: own.length,
      };
      const count = selectFromChunk(chunkOf(own), selection).length;
      if (count > 0) assert.ok(overlaps(selection, extent), "something matches");
      if (wantsStream(selection, stream) && contains(selection, extent, stream)) {
        assert.equal(count, own.length, "all of it matches");
      }
      if (contains(selection, extent, undefined)) {
        assert.ok(contains(selection, extent, stream), "what holds for any stream holds for one");
      }
    }),
    { numRuns: 300 },
  );
});
