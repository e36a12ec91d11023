import { Api, type ApiAnswer, type Fetch, sentenceOf } from "./api.ts";
import { Backoff } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import { count, COUNTER, type Counters, newCounters } from "./counters.ts";
import { Generator } from "./generator.ts";
import { PATIENCE_MS, REFUSALS_IN_A_ROW_MAX, REPORT_INTERVAL_MS } from "./limits.ts";
import { Pace, worldOf } from "./pace.ts";
import { hashText, mix, Random } from "./random.ts";
import type { ServiceTask } from "./service_task.ts";
import { type WireFormat, wireFormat } from "./wire/mod.ts";

/** What a service needs from outside. */
export interface ServiceTools {
  readonly clock: Clock;
  readonly fetch: Fetch;
  /** Aborted when the service is to stop: it finishes the batch in flight. */
  readonly stop: AbortSignal;
  /** Gets the counters, which change afterwards, at most 4 times a second. */
  readonly report: (counters: Counters) => void;
  /** Gets a sentence that a person should see, once for each kind of event. */
  readonly note: (text: string) => void;
}

/** How a service ended. */
export interface ServiceEnd {
  readonly counters: Counters;
  /** Why it ended before its time. */
  readonly failure?: string;
}

/** What became of a batch. */
type Fate =
  | { readonly kind: "accepted" }
  | { readonly kind: "refused"; readonly reason: string }
  /** No answer says whether it was stored; `fatal`: patience is at its end. */
  | { readonly kind: "unconfirmed"; readonly reason: string; readonly fatal: boolean };

/** Emulates one service from the task's start to its end, the stop, or a failure that will not mend. */
export function runService(task: ServiceTask, tools: ServiceTools): Promise<ServiceEnd> {
  return new Service(task, tools).run();
}

class Service {
  readonly #task: ServiceTask;
  readonly #tools: ServiceTools;
  readonly #counters = newCounters();
  readonly #pace: Pace;
  readonly #generator: Generator;
  readonly #api: Api;
  readonly #backoff: Backoff;
  readonly #format: WireFormat;
  #batches = 0;
  #refusalsInARow = 0;
  #refusalNoted = false;
  #retryNoted = false;

  constructor(task: ServiceTask, tools: ServiceTools) {
    const world = worldOf(task);
    this.#task = task;
    this.#tools = tools;
    this.#format = wireFormat(task.format);
    this.#pace = new Pace(task, tools.clock, world);
    this.#generator = new Generator({
      service: task.service,
      kind: task.kind,
      world,
      startMs: Math.floor(task.startMs),
      ...(task.canary ? { canaryRun: task.run } : {}),
    });
    this.#api = new Api({
      url: task.url,
      token: task.token,
      fetch: tools.fetch,
      clock: tools.clock,
    });
    this.#backoff = new Backoff({
      clock: tools.clock,
      random: new Random(mix(task.seed, hashText(task.service))),
      patienceMs: PATIENCE_MS,
      stop: tools.stop,
    });
  }

  async run(): Promise<ServiceEnd> {
    const { clock, stop, report } = this.#tools;
    let reportedMs = -Infinity;
    let failure: string | undefined;
    while (!stop.aborted && failure === undefined) {
      const step = this.#pace.next(this.#generator.slot);
      if ("end" in step) break;
      if ("waitMs" in step) await clock.wait(step.waitMs, stop);
      else failure = await this.#sendBatch(step.send);
      const now = clock.now();
      if (now - reportedMs >= REPORT_INTERVAL_MS) {
        reportedMs = now;
        this.#countDelayed();
        report(this.#counters);
      }
    }
    this.#countDelayed();
    return { counters: this.#counters, ...(failure === undefined ? {} : { failure }) };
  }

  #countDelayed(): void {
    this.#counters[COUNTER.delayed] = this.#pace.delayed;
  }

  /** Makes and sends a batch; gives the reason if the service cannot go on. */
  async #sendBatch(records: number): Promise<string | undefined> {
    const startedMs = this.#tools.clock.now();
    const body = this.#generator.batch(records, startedMs);
    count(this.#counters, "sent", records);
    const fate = await this.#send(body, records);
    count(this.#counters, fate.kind, records);
    count(this.#counters, "batches", 1);
    count(this.#counters, "waitedMs", this.#tools.clock.now() - startedMs);
    if (fate.kind === "accepted") {
      this.#generator.confirm(records);
      this.#refusalsInARow = 0;
      return undefined;
    }
    if (fate.kind === "unconfirmed") return fate.fatal ? `gave up: ${fate.reason}` : undefined;
    if (!this.#refusalNoted) {
      this.#refusalNoted = true;
      this.#tools.note(`${this.#task.service}: a batch was refused: ${fate.reason}`);
    }
    return ++this.#refusalsInARow >= REFUSALS_IN_A_ROW_MAX
      ? `stopped after ${REFUSALS_IN_A_ROW_MAX} refused batches in a row: ${fate.reason}`
      : undefined;
  }

  async #send(body: string, records: number): Promise<Fate> {
    const batch = this.#batches++;
    const { canary, format, keys, run, seed, service } = this.#task;
    // Other formats have no means against a second copy.
    const keyed = format === "native" && (canary || batch < keys);
    const { path, contentType } = this.#format;
    const request = {
      method: "POST",
      path,
      headers: {
        "content-type": contentType,
        ...(keyed ? { "idempotency-key": `simulator/${seed}/${run}/${service}/${batch}` } : {}),
      },
      body: this.#format.encode(body),
    };
    for (;;) {
      const result = await this.#api.tryOnce(request);
      if (result.answer !== undefined) {
        this.#backoff.succeeded();
        return this.#fateOf(result.answer, records);
      }
      const { reason } = result;
      if (!this.#retryNoted) {
        this.#retryNoted = true;
        this.#tools.note(`${service}: trying a batch again: ${reason}`);
      }
      if (!await this.#backoff.failed(result.retryAfterMs)) {
        return { kind: "unconfirmed", reason, fatal: true };
      }
      if (!keyed && !result.undone) return { kind: "unconfirmed", reason, fatal: false };
      count(this.#counters, "retries", 1);
    }
  }

  #fateOf({ status, text }: ApiAnswer, records: number): Fate {
    if (this.#format.isStored(status, text, records)) return { kind: "accepted" };
    const what = status < 300 ? `, which does not say that ${records} records were stored` : "";
    return { kind: "refused", reason: `HTTP ${status}${sentenceOf(text)}${what}` };
  }
}
