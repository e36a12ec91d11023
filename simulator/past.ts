import { Generator } from "./generator.ts";
import { nameServices } from "./kinds/mod.ts";
import { World } from "./world.ts";

/** What is to have happened. */
export interface Past {
  /** How many services. */
  readonly services: number;
  /** Records per second of each, on average over a day. */
  readonly rate: number;
  readonly seed: number;
  /** Unix milliseconds, from and to before. */
  readonly startMs: number;
  readonly endMs: number;
  /** Records in a batch, about. */
  readonly batch: number;
}

/** A day of the world is one of the clock, so that a picture of a day shows its hours. */
const DAY_MS = 86_400_000;
/** Records are made for so much time at once: a generator spreads them over no more. */
const STEP_MS = 2_000;

/**
 * What services would have logged in a time that is over, as bodies for `POST /logs`, in the order of time. The same seed
 * tells the same story.
 */
export function* pastBatches(past: Past): IterableIterator<string> {
  const { services, rate, seed, startMs, endMs, batch } = past;
  const slotsPerDay = rate * DAY_MS / 1_000;
  const writers = nameServices(services).map(({ name, kind, cell }) => {
    const world = new World({ seed, cell, slotsPerDay });
    return { world, generator: new Generator({ service: name, kind, world, startMs }) };
  });
  let parts: string[] = [];
  let records = 0;
  for (let nowMs = startMs + STEP_MS; nowMs <= endMs; nowMs += STEP_MS) {
    for (const { world, generator } of writers) {
      const count = world.slotsBefore((nowMs - startMs) / DAY_MS) - generator.slot;
      if (count <= 0) continue;
      // An array without its brackets.
      parts.push(generator.batch(count, nowMs).slice(1, -1));
      records += count;
    }
    if (records < batch) continue;
    yield `[${parts.join(",\n")}]`;
    parts = [];
    records = 0;
  }
  if (records > 0) yield `[${parts.join(",\n")}]`;
}
