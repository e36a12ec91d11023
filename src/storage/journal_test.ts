import assert from "node:assert/strict";
import { TestDatabase } from "./_test_store.ts";
import { OutcomeUnknownError, OverloadedError } from "./errors.ts";
import { FencedDatabase, FenceLostError } from "./fence.ts";
import { Journal, type NextState, type ReplayedEntry } from "./journal.ts";
import { journalKey, journalPartKey, nextKey } from "./keys.ts";
import { COMMIT_BYTES_MAX, VALUE_BYTES_MAX } from "./limits.ts";

const NEXT: NextState = { id: 2, seq: 2, receivedMs: 3 };

/** Bytes that tell where they are. */
function payloadOf(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Math.imul(i + seed, 0x9e3779b1) >>> 24);
}

async function withJournal(
  work: (journal: Journal, database: TestDatabase) => Promise<void>,
): Promise<void> {
  const database = await TestDatabase.open();
  try {
    await work(new Journal(database, 0, () => Promise.resolve()), database);
  } finally {
    database.end();
  }
}

const write = (journal: Journal, seq: number, payload: Uint8Array, closing = () => false) =>
  journal.write(seq, payload, { ...NEXT, seq: seq + 1 }, [], closing);

async function replay(journal: Journal, from = 1): Promise<ReplayedEntry[]> {
  const entries: ReplayedEntry[] = [];
  for await (const entry of journal.replay(from)) entries.push(entry);
  return entries;
}

const sizes = [
  0,
  1,
  VALUE_BYTES_MAX - 1,
  VALUE_BYTES_MAX,
  2 * VALUE_BYTES_MAX,
  2 * VALUE_BYTES_MAX + 1,
  COMMIT_BYTES_MAX + 1,
  3_000_000,
];

Deno.test("replay() gives back what was written, of any size, from any position on", async () => {
  await withJournal(async (journal) => {
    const parts: number[] = [];
    for (const [i, size] of sizes.entries()) {
      parts.push(await write(journal, i + 1, payloadOf(size, i)));
    }
    assert.deepEqual(parts.slice(0, 6), [0, 0, 0, 1, 2, 3]);
    const entries = await replay(journal);
    assert.deepEqual(entries.map(({ seq }) => seq), sizes.map((_, i) => i + 1));
    assert.deepEqual(entries.map((entry) => entry.parts), parts);
    entries.forEach((entry, i) => {
      assert.ok("payload" in entry);
      assert.deepEqual(new Uint8Array(entry.payload), payloadOf(sizes[i]!, i));
    });
    assert.deepEqual((await replay(journal, 7)).map(({ seq }) => seq), [7, 8]);
  });
});

Deno.test("write() stores what comes with it in the commit that makes the batch exist", async () => {
  await withJournal(async (journal, database) => {
    const commits: number[] = [];
    database.afterCommit = ({ sets = [] }) => {
      if (sets.some(([key]) => key[1] === "extra" || key[1] === "next")) commits.push(sets.length);
    };
    await journal.write(
      1,
      payloadOf(900_000),
      NEXT,
      [[[0, "extra"], new Uint8Array(1)]],
      () => false,
    );
    assert.deepEqual(commits, [3]);
    assert.ok(await database.get(nextKey(0)));
  });
});

Deno.test("parts without a header are passed over", async () => {
  await withJournal(async (journal, database) => {
    await write(journal, 1, payloadOf(10));
    database.beforeCommit = ({ checks = [] }) => {
      if (checks.length > 0) throw new Error("power cut");
    };
    await assert.rejects(write(journal, 2, payloadOf(900_000)), OverloadedError);
    assert.ok(await database.get(journalPartKey(0, 2, 14)));
    assert.deepEqual((await replay(journal)).map(({ seq }) => seq), [1]);
  });
});

Deno.test("parts of a batch that was not stored do not get into the one that took its place", async () => {
  for (const size of [10, 100_000, 800_000, 1_000_000]) {
    await withJournal(async (journal, database) => {
      database.beforeCommit = ({ checks = [] }) => {
        if (checks.length > 0) throw new Error("power cut");
      };
      await assert.rejects(write(journal, 1, payloadOf(900_000)), OverloadedError);
      database.beforeCommit = () => {};
      assert.ok(await write(journal, 1, payloadOf(size, 5)) >= 15, "keys to remove in the end");
      assert.equal(await write(journal, 2, payloadOf(1)), 0);
      const [entry, second] = await replay(journal);
      assert.ok("payload" in entry!, `${size}: ${JSON.stringify(entry)}`);
      assert.deepEqual(new Uint8Array(entry.payload), payloadOf(size, 5));
      assert.equal(second!.seq, 2);
      // They are counted with it, so that they are removed with it.
      assert.ok(entry.parts >= 15, `${entry.parts} parts`);
    });
  }
});

Deno.test("a damaged entry is reported by its position, and those around it are replayed", async () => {
  const damages: ((database: TestDatabase) => Promise<unknown>)[] = [
    (database) => database.commit({ deletes: [journalPartKey(0, 2, 1)] }),
    (database) => database.commit({ deletes: [journalPartKey(0, 2, 2)] }),
    (database) =>
      database.commit({ sets: [[journalPartKey(0, 2, 1), payloadOf(VALUE_BYTES_MAX)]] }),
    (database) => database.commit({ sets: [[journalPartKey(0, 2, 1), payloadOf(5)]] }),
    (database) => database.commit({ sets: [[journalKey(0, 2), new Uint8Array()]] }),
    (database) => database.commit({ sets: [[journalKey(0, 2), Uint8Array.of(9, 1)]] }),
    (database) => database.commit({ sets: [[journalKey(0, 2), Uint8Array.of(2, 1, 2)]] }),
  ];
  for (const [i, damage] of damages.entries()) {
    await withJournal(async (journal, database) => {
      await write(journal, 1, payloadOf(10));
      await write(journal, 2, payloadOf(2 * VALUE_BYTES_MAX + 9, 4));
      await write(journal, 3, payloadOf(10));
      await damage(database);
      const entries = await replay(journal);
      assert.deepEqual(entries.map((entry) => "damage" in entry), [false, true, false], `${i}`);
      const [, second] = entries;
      assert.ok("damage" in second! && /journal entry 2/.test(second.damage));
    });
  }
});

Deno.test("a commit in doubt is settled by what is stored", async () => {
  await withJournal(async (journal, database) => {
    let reads = 0;
    database.afterCommit = () => {
      throw new Error("the connection was lost");
    };
    database.beforeRead = () => {
      assert.equal(journal.inDoubt, true);
      if (++reads < 3) throw new Error("no connection");
    };
    assert.equal(await write(journal, 1, payloadOf(10)), 0);
    assert.equal(reads, 3);
    assert.equal(journal.inDoubt, false);
    database.beforeRead = () => {};
    database.afterCommit = () => {};
    database.beforeCommit = () => {
      throw new Error("no connection");
    };
    await assert.rejects(write(journal, 2, payloadOf(10)), OverloadedError);
    assert.equal(journal.inDoubt, false);
    assert.equal((await replay(journal)).length, 1);
  });
});

Deno.test("a commit in doubt when the store closes has an unknown outcome", async () => {
  await withJournal(async (journal, database) => {
    database.afterCommit = () => {
      throw new Error("the connection was lost");
    };
    let reads = 0;
    database.beforeRead = () => {
      reads++;
      throw new Error("no connection");
    };
    await assert.rejects(write(journal, 1, payloadOf(10), () => reads >= 5), OutcomeUnknownError);
    assert.equal(reads, 5);
  });
});

Deno.test("a position that is taken refuses another batch", async () => {
  await withJournal(async (journal) => {
    await write(journal, 1, payloadOf(10, 1));
    await assert.rejects(write(journal, 1, payloadOf(10, 2)), OverloadedError);
    const [entry] = await replay(journal);
    assert.ok(
      "payload" in entry! && entry.payload.every((byte, i) => byte === payloadOf(10, 1)[i]),
    );
  });
});

Deno.test("a journal that was fenced off says so at every commit", async () => {
  const database = await TestDatabase.open();
  const old = new Journal(await FencedDatabase.take(database, 0, 1), 0, () => Promise.resolve());
  await write(old, 1, payloadOf(1));
  await FencedDatabase.take(database, 0, 2);
  await assert.rejects(write(old, 2, payloadOf(1)), FenceLostError);
  await assert.rejects(write(old, 2, payloadOf(900_000)), FenceLostError);
  assert.equal(await database.get(journalPartKey(0, 2, 0)), undefined);
  assert.equal((await replay(old)).length, 1);
  database.end();
});
