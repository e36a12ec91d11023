/** @module Where segments are built: in a Worker, so that sorting and compressing do not keep requests waiting. */

import { CorruptDataError } from "../codec/mod.ts";
import { type BuildInput, type BuildOutput, buildSegments } from "./build.ts";

/** Builds segments, one input at a time. */
export interface Builder {
  /** @throws {CorruptDataError} if an input is damaged */
  build(input: BuildInput): Promise<BuildOutput>;
  close(): void;
}

/** Builds on the calling thread: for tests and short-lived commands. */
export class InlineBuilder implements Builder {
  // deno-lint-ignore require-await
  async build(input: BuildInput): Promise<BuildOutput> {
    return buildSegments(input);
  }

  close(): void {}
}

/** What the Worker answers. */
export type BuilderReply =
  | { readonly output: BuildOutput }
  | { readonly error: string; readonly corrupt: boolean };

/** Builds in a Worker that is started at the first use. */
export class WorkerBuilder implements Builder {
  #worker: Worker | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #cancel: ((reason: Error) => void) | undefined;
  #closed = false;

  build(input: BuildInput): Promise<BuildOutput> {
    const result = this.#tail.then(() => this.#run(input));
    this.#tail = result.catch(() => {/* the caller gets it */});
    return result;
  }

  async #run(input: BuildInput): Promise<BuildOutput> {
    if (this.#closed) throw closed();
    const worker = this.#worker ??= new Worker(new URL("./builder_worker.ts", import.meta.url), {
      type: "module",
      name: "segment builder",
    });
    const { promise, resolve, reject } = Promise.withResolvers<BuilderReply>();
    worker.onmessage = ({ data }) => resolve(data as BuilderReply);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#worker = undefined;
      worker.terminate();
      reject(new Error(`The segment builder failed: ${event.message}`));
    };
    this.#cancel = reject;
    worker.postMessage(compact(input));
    const reply = await promise;
    if ("output" in reply) return reply.output;
    throw reply.corrupt ? new CorruptDataError(reply.error) : new Error(reply.error);
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.(closed());
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}

function closed(): Error {
  return new Error("The segment builder was closed");
}

/** A message copies the whole buffer behind each view: gives every view a buffer of its own size. */
function compact(input: BuildInput): BuildInput {
  return {
    tombstones: input.tombstones,
    batches: (input.batches ?? []).map(own),
    segments: (input.segments ?? []).map(({ head, columns }) => ({
      head: own(head),
      columns: columns.map((parts) => parts.map(own)),
    })),
  };
}

function own(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}
