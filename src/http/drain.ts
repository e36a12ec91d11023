/** Whether the server is asked to stop, for whatever stays open by itself: readiness, tails. */
export class Drain {
  readonly #controller = new AbortController();

  /** True from the moment the server is asked to stop. */
  get draining(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Aborted when the server is asked to stop. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  begin(): void {
    this.#controller.abort();
  }
}
