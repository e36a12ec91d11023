/**
 * A terminal sends Ctrl-C to every process of the command, and `deno task` passes it on as well: what arrives this soon
 * after the first signal is the same key stroke. A person is slower.
 */
const SAME_SIGNAL_MS = 500;

/** Windows has no SIGTERM that a process could listen to. */
const NAMES: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM"];

/** Ends a command from outside: the first SIGINT or SIGTERM aborts `signal`, a second one ends the process with 1. */
export class StopSignals implements Disposable {
  readonly #controller = new AbortController();
  #firstAt = Infinity;
  readonly #listener = (): void => {
    const now = performance.now();
    if (now - this.#firstAt > SAME_SIGNAL_MS) Deno.exit(1);
    this.#firstAt = Math.min(this.#firstAt, now);
    this.#controller.abort();
  };

  constructor() {
    for (const name of NAMES) Deno.addSignalListener(name, this.#listener);
  }

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const name of NAMES) Deno.removeSignalListener(name, this.#listener);
  }
}
