import { Api } from "./api.ts";
import { Backoff } from "./backoff.ts";
import { type CanaryFinding, readBack } from "./canary.ts";
import { systemClock } from "./clock.ts";
import { counted } from "./counters.ts";
import { Crew, type ServiceState } from "./crew.ts";
import { SimulationError } from "./errors.ts";
import { nameServices, type ServiceName } from "./kinds/mod.ts";
import {
  DAY_MS,
  KEYS_PER_RUN_MAX,
  PATIENCE_MS,
  REPORT_INTERVAL_MS,
  START_PATIENCE_MS,
  STOP_MS_MAX,
  STOP_PATIENCE_MS,
  TOKEN_OPEN_MS,
  TOKEN_SPARE_MS,
} from "./limits.ts";
import { type CheckedOptions, checkOptions, type SimulateOptions } from "./options.ts";
import { processWriter, type TextWriter } from "./output.ts";
import { Progress } from "./progress.ts";
import { Random } from "./random.ts";
import type { ServiceTask } from "./service_task.ts";
import { type Stopping, stopping } from "./stopping.ts";
import { exitCodeOf, type RunResult, summaryJson, summaryText } from "./summary.ts";
import { ServiceTokens } from "./tokens.ts";

/**
 * Emulates services, one Worker each, against a running server, until the duration is over or the run is stopped.
 *
 * @returns the process's exit code: 1 if the run could not begin, a service had to give up, nothing of what was sent was
 * stored, or the canary found a problem; else 0
 * @throws {RangeError} if an option's value is wrong
 */
export async function simulate(options: SimulateOptions): Promise<number> {
  const checked = checkOptions(options);
  const out = options.out ?? processWriter(Deno.stdout);
  const err = options.err ?? processWriter(Deno.stderr);
  using stop = stopping(options.signal);
  try {
    const result = await new Simulation(checked, err, stop).run();
    out.write(options.json ? summaryJson(result) : summaryText(result));
    return exitCodeOf(result);
  } catch (error) {
    if (!(error instanceof SimulationError)) throw error;
    err.write(`${error.message}\n`);
    return 1;
  }
}

class Simulation {
  readonly #options: CheckedOptions;
  readonly #err: TextWriter;
  readonly #stop: Stopping;
  /** Names this run among all: what a server remembers of an earlier one must not answer for it. */
  readonly #run = crypto.randomUUID().slice(0, 8);
  readonly #api: Api;
  readonly #services: readonly ServiceName[];

  constructor(options: CheckedOptions, err: TextWriter, stop: Stopping) {
    const { url, token } = options;
    this.#options = options;
    this.#err = err;
    this.#stop = stop;
    this.#api = new Api({ url, token, fetch, clock: systemClock });
    this.#services = nameServices(options.services);
  }

  /** @throws {SimulationError} if the server does not play along */
  async run(): Promise<RunResult> {
    const tokens = new ServiceTokens(this.#api, this.#run);
    try {
      const texts = await this.#makeTokens(tokens);
      const { states, elapsedMs } = await this.#send(texts);
      const { seed, canary } = this.#options;
      return {
        run: this.#run,
        seed,
        elapsedMs,
        services: states,
        ...(canary ? { canary: await this.#readBack(states) } : {}),
      };
    } finally {
      const left = await tokens.revoke(this.#backoff(STOP_PATIENCE_MS));
      if (left.length > 0) this.#err.write(`Cannot revoke tokens: ${left.join(", ")}\n`);
    }
  }

  async #makeTokens(tokens: ServiceTokens): Promise<string[]> {
    const backoff = this.#backoff(START_PATIENCE_MS, this.#stop.signal);
    const { durationMs } = this.#options;
    const lastsMs = durationMs === undefined ? TOKEN_OPEN_MS : durationMs + TOKEN_SPARE_MS;
    const texts: string[] = [];
    // Syslog has none.
    if (this.#options.format === "syslog") return texts;
    for (const { name } of this.#services) {
      texts.push(await tokens.create(name, Date.now() + lastsMs, backoff));
    }
    return texts;
  }

  async #send(
    tokens: readonly string[],
  ): Promise<{ states: readonly ServiceState[]; elapsedMs: number }> {
    let progress = new Progress(this.#err, Date.now());
    const crew = new Crew(this.#services.map(({ name }) => name), (text) => progress.note(text));
    const endAll = () => crew.terminate();
    this.#stop.onSecond(endAll);
    let ticker: ReturnType<typeof setInterval> | undefined;
    let deadline: ReturnType<typeof setTimeout> | undefined;
    const stopAll = () => {
      crew.stop();
      deadline = setTimeout(endAll, STOP_MS_MAX);
    };
    try {
      await crew.ready();
      const startMs = Date.now();
      progress = new Progress(this.#err, startMs);
      ticker = setInterval(
        () => progress.update(crew.states, Date.now()),
        REPORT_INTERVAL_MS,
      );
      this.#stop.signal.addEventListener("abort", stopAll);
      const running = crew.run(this.#tasks(tokens, startMs));
      if (this.#stop.signal.aborted) stopAll();
      await running;
      return { states: crew.states, elapsedMs: Date.now() - startMs };
    } finally {
      clearInterval(ticker);
      clearTimeout(deadline);
      this.#stop.signal.removeEventListener("abort", stopAll);
      crew.terminate();
      progress.finish(crew.states, Date.now());
    }
  }

  #tasks(tokens: readonly string[], startMs: number): ServiceTask[] {
    const { url, format, syslog, rate, batch, seed, canary, durationMs } = this.#options;
    // A run shows whole days; one that is watched for half a minute shows a whole one, too.
    const dayMs = durationMs === undefined
      ? DAY_MS
      : durationMs / Math.max(1, Math.round(durationMs / DAY_MS));
    return this.#services.map(({ name, kind, cell }, index) => ({
      url,
      format,
      syslog,
      token: tokens[index] ?? "",
      service: name,
      kind,
      cell,
      seed,
      run: this.#run,
      rate,
      batch,
      dayMs,
      startMs,
      endMs: startMs + (durationMs ?? Infinity),
      canary,
      keys: Math.floor(KEYS_PER_RUN_MAX / this.#services.length),
    }));
  }

  async #readBack(states: readonly ServiceState[]): Promise<CanaryFinding[]> {
    const backoff = this.#backoff(PATIENCE_MS);
    const findings: CanaryFinding[] = [];
    for (const { service, counters } of states) {
      const accepted = counted(counters, "accepted");
      const unconfirmed = counted(counters, "unconfirmed");
      const expectation = { service, accepted, unconfirmed };
      findings.push(await readBack(this.#api, this.#run, expectation, backoff));
    }
    return findings;
  }

  #backoff(patienceMs: number, stop?: AbortSignal): Backoff {
    return new Backoff({
      clock: systemClock,
      random: new Random(this.#options.seed),
      patienceMs,
      ...(stop === undefined ? {} : { stop }),
    });
  }
}
