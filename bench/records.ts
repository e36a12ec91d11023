/** @module Records from an NDJSON file. */

import type { GeneratedRecord } from "./generate.ts";

/** Lines are read in pieces of this size: a file may be larger than the longest string. */
const READ_BYTES = 4 * 1024 * 1024;

/** Gives the first so many records of an NDJSON file, one object with the four fields a line. */
export function* readRecords(path: string, count: number): Generator<GeneratedRecord> {
  let given = 0;
  for (const line of readLines(path)) {
    if (given === count) return;
    if (line === "") continue;
    given++;
    yield JSON.parse(line);
  }
}

function* readLines(path: string): Generator<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(READ_BYTES);
  using file = Deno.openSync(path);
  let rest = "";
  for (;;) {
    const read = file.readSync(buffer);
    if (read === null) break;
    const lines = (rest + decoder.decode(buffer.subarray(0, read), { stream: true })).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  yield rest;
}
