import { deepEqual, equal, rejects } from "node:assert/strict";
import fc from "fast-check";
import { type ByteInput, REGION_BYTES_MAX, RegionSource } from "./_import_source.ts";
import { CommandError } from "./errors.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Gives bytes a few at a time, as a pipe does. */
function inputOf(bytes: Uint8Array, step = Infinity): ByteInput {
  let at = 0;
  return {
    read(into) {
      const part = bytes.subarray(at, at + Math.min(step, into.length));
      into.set(part);
      at += part.length;
      return Promise.resolve(part.length === 0 ? null : part.length);
    },
  };
}

async function regionsOf(source: RegionSource, unitsMax: number): Promise<string[]> {
  const regions: string[] = [];
  for (;;) {
    const region = await source.next(unitsMax);
    if (region === undefined) return regions;
    equal(region.end - region.start, region.bytes.length);
    regions.push(decoder.decode(region.bytes));
  }
}

Deno.test("regions of lines are the input, whole, in pieces of at most so many lines", async () => {
  const line = fc.constantFrom("", "a", "word word", "é€😀");
  await fc.assert(
    fc.asyncProperty(
      fc.array(line),
      fc.boolean(),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 7 }),
      async (lines, ended, unitsMax, step) => {
        const text = lines.join("\n") + (ended ? "\n" : "");
        const regions = await regionsOf(
          new RegionSource(inputOf(encoder.encode(text), step), "line", 0),
          unitsMax,
        );
        equal(regions.join(""), text);
        regions.forEach((region, index) => {
          const feeds = region.split("\n").length - 1;
          const last = index === regions.length - 1;
          deepEqual(last || (feeds === unitsMax && region.endsWith("\n")), true);
        });
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("a region of stanzas ends after an empty line", async () => {
  const text = "\nA: 1\nB: 2\n\nA: 3\n\n\nA: 4\n";
  for (const step of [1, 3, 100]) {
    const source = new RegionSource(inputOf(encoder.encode(text), step), "stanza", 0);
    deepEqual(await regionsOf(source, 1), ["\nA: 1\nB: 2\n\n", "A: 3\n\n", "\nA: 4\n"]);
  }
});

Deno.test("a region never exceeds its bytes, and a longer line is an error that says where", async () => {
  const half = `${"x".repeat(REGION_BYTES_MAX / 2)}\n`;
  const source = new RegionSource(inputOf(encoder.encode(half.repeat(3))), "line", 0);
  const regions = await regionsOf(source, 100);
  deepEqual(regions.map((region) => region.length), [half.length, half.length, half.length]);
  const long = encoder.encode(`short\n${"x".repeat(REGION_BYTES_MAX * 2)}`);
  const tooLong = new RegionSource(inputOf(long), "line", 0);
  equal((await tooLong.next(10))?.end, 6);
  await rejects(tooLong.next(10), (error: Error) => {
    equal(error instanceof CommandError && /byte 6/.test(error.message), true);
    return true;
  });
});

Deno.test("upTo() gives the region that was sent before, or says that the file is shorter", async () => {
  const source = new RegionSource(inputOf(encoder.encode("one\ntwo\nthree\n"), 2), "line", 0);
  equal(decoder.decode((await source.upTo(8)).bytes), "one\ntwo\n");
  equal(decoder.decode((await source.next(5))?.bytes), "three\n");
  await rejects(source.upTo(100), CommandError);
});
