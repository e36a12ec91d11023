/** The requests whose answers have not been sent to their end. */
export class OpenRequests {
  #count = 0;
  #none: PromiseWithResolvers<void> | undefined;

  begin(): void {
    this.#count++;
  }

  end(): void {
    if (--this.#count === 0) this.#none?.resolve();
  }

  /** Resolves once there is none; meant for a time in which few begin. */
  none(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return (this.#none ??= Promise.withResolvers()).promise;
  }
}
