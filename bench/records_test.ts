import { deepEqual, equal } from "node:assert/strict";
import { generateRecords, writeGenerated } from "./generate.ts";
import { readRecords } from "./records.ts";

async function withFile(write: (path: string) => Promise<void>, read: (path: string) => void) {
  const path = await Deno.makeTempFile();
  try {
    await write(path);
    read(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("readRecords() gives what writeGenerated() wrote, across the pieces it reads", async () => {
  // About 12 MB: three pieces.
  const count = 60_000;
  await withFile(
    async (path) => await writeGenerated(count, (await Deno.create(path)).writable),
    (path) => {
      const generated = generateRecords(count);
      let records = 0;
      for (const record of readRecords(path, Infinity)) {
        deepEqual(record, generated.next().value);
        records++;
      }
      equal(records, count);
    },
  );
});

Deno.test("readRecords() stops after so many records, and needs no last line break", async () => {
  await withFile(
    (path) => Deno.writeTextFile(path, '{"message":"ä"}\n\n{"message":"b"}\n{"message":"c"}'),
    (path) => {
      deepEqual([...readRecords(path, 2)].map(({ message }) => message), ["ä", "b"]);
      deepEqual([...readRecords(path, 9)].map(({ message }) => message), ["ä", "b", "c"]);
    },
  );
});
