import type { Clock } from "./clock.ts";
import { DRAIN_MS_MAX, LATENESS_MS_MAX, LINGER_MS, UNPACED_SLOTS_PER_DAY } from "./limits.ts";
import { hashText } from "./random.ts";
import type { ServiceTask } from "./service_task.ts";
import { World } from "./world.ts";

/** What a service is to do next. */
export type Step =
  | { readonly send: number }
  | { readonly waitMs: number }
  | { readonly end: true };

/** The world that a service lives in: its days have the length that its rate gives them. */
export function worldOf(task: ServiceTask): World {
  const slotsPerDay = task.rate === 0 ? UNPACED_SLOTS_PER_DAY : task.rate * task.dayMs / 1000;
  return new World({ seed: task.seed, cell: task.cell, slotsPerDay });
}

/** Decides when a service sends how much, from its rate and the world's time of day. */
export class Pace {
  readonly #task: ServiceTask;
  readonly #clock: Clock;
  readonly #world: World;
  readonly #lingerMs: number;
  /** When slot 0 was due; moved on by what the service could not catch up with. */
  #originMs: number;
  #madeAtEnd: number | undefined;

  constructor(task: ServiceTask, clock: Clock, world: World) {
    this.#task = task;
    this.#clock = clock;
    this.#world = world;
    this.#originMs = task.startMs;
    // Services of one rate would otherwise all send at the same moment.
    this.#lingerMs = LINGER_MS * (0.5 + 0.5 * (hashText(task.service) / 0x1_0000_0000));
  }

  /** How many records the service is behind what its rate asked for, because the server kept it waiting. */
  get delayed(): number {
    if (this.#task.rate === 0) return 0;
    const until = Math.min(this.#clock.now(), this.#task.endMs);
    const asked = this.#world.slotsBefore((until - this.#task.startMs) / this.#task.dayMs);
    return asked - (this.#madeAtEnd ?? this.#dueBefore(until));
  }

  /** What to do now, after `made` records. */
  next(made: number): Step {
    const { rate, batch, endMs } = this.#task;
    const now = this.#clock.now();
    const ended = now >= endMs;
    if (rate === 0) return ended ? { end: true } : { send: batch };
    if (!ended) this.#forgive(now, made);
    const due = this.#dueBefore(Math.min(now, endMs)) - made;
    if (ended) {
      if (due > 0 && now < endMs + DRAIN_MS_MAX) return { send: Math.min(due, batch) };
      this.#madeAtEnd = made;
      return { end: true };
    }
    const sendAtMs = Math.min(this.#dueAt(made) + this.#lingerMs, this.#dueAt(made + batch - 1));
    if (due >= batch || (due > 0 && now >= sendAtMs)) return { send: Math.min(due, batch) };
    // At least 1 ms: a due time between two milliseconds must not make a busy loop.
    return { waitMs: Math.max(1, Math.min(sendAtMs, endMs) - now) };
  }

  /** Moves the schedule on when the service is too late: it does not catch up. */
  #forgive(now: number, made: number): void {
    const excessMs = now - this.#dueAt(made) - this.#lingerMs;
    if (excessMs > LATENESS_MS_MAX) this.#originMs += excessMs;
  }

  #dueAt(slot: number): number {
    return this.#originMs + this.#world.dayTimeOf(slot) * this.#task.dayMs;
  }

  #dueBefore(timeMs: number): number {
    return this.#world.slotsBefore((timeMs - this.#originMs) / this.#task.dayMs);
  }
}
