import { counted, COUNTER, type CounterName, type Counters, sumCounters } from "./counters.ts";
import type { ServiceState } from "./crew.ts";
import { formatCount, type TextWriter } from "./output.ts";
import { PROGRESS_LINE_INTERVAL_MS } from "./limits.ts";

const COLUMNS: readonly { title: string; counter: CounterName }[] = [
  { title: "sent", counter: "sent" },
  { title: "accepted", counter: "accepted" },
  { title: "refused", counter: "refused" },
  { title: "retries", counter: "retries" },
  { title: "delayed", counter: "delayed" },
];

/** Speeds are over about this long: shorter, and batches make them jump. */
const SPEED_WINDOW_MS = 2_000;

/** Shows how a run goes: a table that is drawn over on a terminal, a line now and then elsewhere. */
export class Progress {
  readonly #out: TextWriter;
  readonly #startMs: number;
  #linesDrawn = 0;
  #lineAtMs: number;
  #window: { atMs: number; accepted: number[] };
  #speeds: number[] = [];

  constructor(out: TextWriter, startMs: number) {
    this.#out = out;
    this.#startMs = startMs;
    this.#lineAtMs = startMs;
    this.#window = { atMs: startMs, accepted: [] };
  }

  /** Shows the services as they are now. */
  update(states: readonly ServiceState[], nowMs: number): void {
    this.#measure(states, nowMs);
    if (this.#out.isTerminal) this.#drawTable(states, nowMs);
    else if (nowMs - this.#lineAtMs >= PROGRESS_LINE_INTERVAL_MS) {
      this.#lineAtMs = nowMs;
      const sum = sumCounters(states.map(({ counters }) => counters));
      const text = COLUMNS.map(({ title, counter }) =>
        `${formatCount(counted(sum, counter))} ${title}`
      );
      this.#out.write(`${this.#seconds(nowMs)}: ${text.join(", ")}, ${this.#totalSpeed()}/s\n`);
    }
  }

  /** Writes a line that stays; the table is drawn below it next time. */
  note(text: string): void {
    this.#clear();
    this.#out.write(`${text}\n`);
  }

  /** Shows the services as they were at the end; on a terminal the table then stays. */
  finish(states: readonly ServiceState[], nowMs: number): void {
    if (this.#out.isTerminal) this.#drawTable(states, nowMs);
    this.#linesDrawn = 0;
  }

  #clear(): void {
    if (this.#linesDrawn > 0) this.#out.write(`\x1b[${this.#linesDrawn}A\x1b[J`);
    this.#linesDrawn = 0;
  }

  #measure(states: readonly ServiceState[], nowMs: number): void {
    const elapsedMs = nowMs - this.#window.atMs;
    if (elapsedMs < SPEED_WINDOW_MS && this.#speeds.length > 0 || elapsedMs <= 0) return;
    const accepted = states.map(({ counters }) => counted(counters, "accepted"));
    this.#speeds = accepted.map((value, index) =>
      (value - (this.#window.accepted[index] ?? 0)) * 1000 / elapsedMs
    );
    if (elapsedMs >= SPEED_WINDOW_MS) this.#window = { atMs: nowMs, accepted };
    else this.#speeds = [];
  }

  #drawTable(states: readonly ServiceState[], nowMs: number): void {
    const { columns, rows } = this.#out.size?.() ?? { columns: 100, rows: 40 };
    // The heading, the sum, the line on what is left out, and the cursor's own line.
    const shown = states.slice(0, Math.max(0, rows - 4));
    const width = Math.max(12, ...shown.map(({ service }) => service.length));
    const sum = sumCounters(states.map(({ counters }) => counters));
    const lines = [
      this.#seconds(nowMs).padEnd(width) +
      COLUMNS.map(({ title }) => title.padStart(11)).join("") + "per second".padStart(12) +
      "ms/batch".padStart(10),
      ...shown.map((state, index) =>
        row(state.service, width, state.counters, formatCount(this.#speeds[index] ?? 0)) +
        (state.failure === undefined ? "" : "  stopped")
      ),
      ...(shown.length < states.length ? [`… and ${states.length - shown.length} more`] : []),
      row("all", width, sum, this.#totalSpeed()),
    ];
    this.#clear();
    // A line that the terminal wraps would be two to draw over.
    this.#out.write(lines.map((line) => line.slice(0, columns - 1) + "\n").join(""));
    this.#linesDrawn = lines.length;
  }

  #seconds(nowMs: number): string {
    return `${((nowMs - this.#startMs) / 1000).toFixed(0)} s`;
  }

  #totalSpeed(): string {
    return formatCount(this.#speeds.reduce((sum, speed) => sum + speed, 0));
  }
}

function row(name: string, width: number, counters: Counters, speed: string): string {
  const batches = Math.max(1, counters[COUNTER.batches] ?? 0);
  return name.padEnd(width) +
    COLUMNS.map(({ counter }) => formatCount(counted(counters, counter)).padStart(11)).join("") +
    speed.padStart(12) + (counted(counters, "waitedMs") / batches).toFixed(1).padStart(10);
}
