/** @module The server's own log as records of a service in its own store: `serve --own-log`. */

import { RecordBatch, type SeverityCode } from "../record.ts";
import { type LogLevel, OutcomeUnknownError, type Store } from "../storage/mod.ts";
import type { LogEvent } from "./_log.ts";

/** Events that wait to be stored: a start with much damage has hundreds. More are dropped, and counted. */
const WAITING_MAX = 1_000;

/** UTF-16 units of a message, and of an attribute: a stack takes a few thousand. */
const TEXT_UNITS_MAX = 8_192;

/** An event is readable soon after it came; what comes meanwhile shares a commit. */
const PAUSE_MS = 1_000;

/** The pause after a batch grows with it, to 10 records a second: a server that fails all the time does not fill its store. */
const RECORD_MS = 100;

/** The pause after a batch that could not be stored, which doubles: from {@linkcode PAUSE_MS} to this. */
const RETRY_MS_MAX = 60_000;

/** How long the end of the server waits for the last of it: what the disk does not take now, it will not. */
const CLOSE_MS_MAX = 2_000;

const SEVERITY: Readonly<Record<LogLevel, SeverityCode>> = { info: 2, warning: 3, error: 4 };

/** What the own log needs beside events. */
export interface OwnLogOptions {
  /** The service that the records get. */
  readonly service: string;
  /** Resolves after so many milliseconds, or when `signal` is aborted. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Keeps events as records. It cannot feed itself: what is logged while its own batch is being stored becomes records only if
 * that succeeds, and is dropped with a failure, which it may tell of.
 */
export class OwnLog {
  /** Events that are records. */
  stored = 0;
  /** Events that are not, and will not be: they were too many, or could not be stored. */
  dropped = 0;
  readonly #service: string;
  readonly #sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly #end = new AbortController();
  #store: Pick<Store, "append"> | undefined;
  #waiting: LogEvent[] = [];
  /** What came while a batch is being stored. */
  #meanwhile: LogEvent[] | undefined;
  /** Dropped events that no record has told of. */
  #untold = 0;
  #running: Promise<void> | undefined;

  constructor({ service, sleep = sleepFor }: OwnLogOptions) {
    this.#service = service;
    this.#sleep = sleep;
  }

  /** Takes an event; never throws, and waits for nothing. */
  take(event: LogEvent): void {
    if (this.#end.signal.aborted) return this.#drop(1);
    const held = this.#waiting.length + (this.#meanwhile?.length ?? 0);
    if (held >= WAITING_MAX) return this.#drop(1);
    (this.#meanwhile ?? this.#waiting).push(event);
    this.#start();
  }

  /** Begins to store what waits, and what follows. */
  open(store: Pick<Store, "append">): void {
    this.#store = store;
    this.#start();
  }

  /** Tries once more to store what waits, and takes nothing from then on. */
  async close(): Promise<void> {
    this.#end.abort();
    const late = new AbortController();
    await Promise.race([this.#storeLast(), sleepFor(CLOSE_MS_MAX, late.signal)]);
    late.abort();
    this.#drop(this.#waiting.length);
    this.#waiting = [];
  }

  async #storeLast(): Promise<void> {
    await this.#running;
    if (this.#waiting.length > 0 && this.#store !== undefined) await this.#storeWaiting();
  }

  #drop(count: number): void {
    this.dropped += count;
    this.#untold += count;
  }

  #start(): void {
    if (this.#store === undefined || this.#waiting.length === 0) return;
    this.#running ??= this.#run().finally(() => this.#running = undefined);
  }

  async #run(): Promise<void> {
    let failures = 0;
    for (let pauseMs = PAUSE_MS; this.#waiting.length > 0;) {
      await this.#sleep(pauseMs, this.#end.signal);
      if (this.#end.signal.aborted) return;
      const count = this.#waiting.length;
      if (await this.#storeWaiting()) {
        failures = 0;
        pauseMs = Math.max(PAUSE_MS, count * RECORD_MS);
      } else pauseMs = Math.min(PAUSE_MS * 2 ** ++failures, RETRY_MS_MAX);
    }
  }

  /** Stores what waits; `false` if it could not, and waits again. */
  async #storeWaiting(): Promise<boolean> {
    const events = this.#waiting;
    const told = this.#untold;
    const batch = this.#batchOf(events, told);
    this.#meanwhile = [];
    let kept = events;
    let came: LogEvent[] = [];
    try {
      await this.#store!.append(batch);
      this.stored += events.length;
      this.#untold -= told;
      [kept, came] = [[], this.#meanwhile];
      return true;
    } catch (error) {
      this.#drop(this.#meanwhile.length);
      // It may be stored: another try might store it twice.
      if (error instanceof OutcomeUnknownError) {
        this.#drop(events.length);
        kept = [];
      }
      return false;
    } finally {
      this.#waiting = [...kept, ...came];
      this.#meanwhile = undefined;
    }
  }

  #batchOf(events: readonly LogEvent[], dropped: number): RecordBatch {
    const batch = new RecordBatch();
    for (const { timeMs, level, message, fields } of events) {
      batch.append(timeMs, 0, this.#service, SEVERITY[level], textOf(message), {
        attributes: attributesOf(fields),
      });
    }
    if (dropped > 0) {
      const { timeMs } = events.at(-1)!;
      const message = `${dropped} events of the server's own log were not kept`;
      batch.append(timeMs, 0, this.#service, SEVERITY.warning, message, {
        attributes: JSON.stringify({ dropped }),
      });
    }
    return batch;
  }
}

/** As `attributes` holds them: a JSON object, or nothing. */
function attributesOf(fields: LogEvent["fields"]): string | undefined {
  const entries = Object.entries(fields);
  if (entries.length === 0) return undefined;
  const short = entries.map(([name, value]) =>
    [name, typeof value === "string" ? textOf(value) : value] as const
  );
  return JSON.stringify(Object.fromEntries(short));
}

/** A text as a record may have it. */
function textOf(text: string): string {
  return text.slice(0, TEXT_UNITS_MAX).toWellFormed();
}

function sleepFor(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    resolve();
  }, { once: true });
  return promise;
}
