/** When a run is to stop. */
export interface Stopping extends Disposable {
  /** Aborted at the first SIGINT or SIGTERM, or by the caller. */
  readonly signal: AbortSignal;
  /** What to do at the second SIGINT or SIGTERM, when waiting is not wanted. */
  onSecond(end: () => void): void;
}

/**
 * Follows `signal`, or without one the process's SIGINT and SIGTERM until disposed.
 */
export function stopping(signal?: AbortSignal): Stopping {
  if (signal !== undefined) return { signal, onSecond() {}, [Symbol.dispose]() {} };
  const controller = new AbortController();
  let end = () => {};
  const listener = () => {
    if (controller.signal.aborted) end();
    controller.abort();
  };
  // Windows has no SIGTERM that a process can listen to.
  const names: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  for (const name of names) Deno.addSignalListener(name, listener);
  return {
    signal: controller.signal,
    onSecond(action) {
      end = action;
    },
    [Symbol.dispose]() {
      for (const name of names) Deno.removeSignalListener(name, listener);
    },
  };
}
