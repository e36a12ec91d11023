import type { RecordBatch } from "../../src/record.ts";
import type { Appended, Store } from "../../src/storage/mod.ts";

/** A store that keeps messages in memory, and can be told to refuse or to take its time. */
export class FakeStore implements Pick<Store, "append"> {
  readonly messages: string[] = [];
  readonly services: string[] = [];
  readonly attributes: (Record<string, unknown> | undefined)[] = [];
  /** Rejections of the next appends, in their order. */
  readonly failures: Error[] = [];
  /** Appends so far, refused ones too. */
  appends = 0;
  #gate: Promise<void> | undefined;
  #waiters: { count: number; resolve: () => void }[] = [];

  /** Lets appends wait until what is returned is called. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    return () => {
      this.#gate = undefined;
      resolve();
    };
  }

  async append(batch: RecordBatch): Promise<Appended> {
    this.appends++;
    await this.#gate;
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    const firstId = this.messages.length + 1;
    batch.messages.forEach((message, row) => {
      this.messages.push(message);
      this.services.push(batch.streams[batch.streamOf[row]!]!.service);
      const json = batch.optional.get("attributes")?.[row];
      this.attributes.push(json === undefined ? undefined : JSON.parse(json));
    });
    this.#waiters = this.#waiters.filter(({ count, resolve }) => {
      if (this.messages.length < count) return true;
      resolve();
      return false;
    });
    return { firstId, count: batch.length };
  }

  /** Resolves when so many messages are there. */
  until(count: number): Promise<void> {
    if (this.messages.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ count, resolve }));
  }
}
