import { type LogFilters, type Paging, readAll, RowWriter } from "../query/mod.ts";
import type { RowRef } from "../record.ts";
import type { Snapshot } from "../storage/mod.ts";
import { EXPORT_CHUNK_BYTES } from "./limits.ts";
import type { HttpContext } from "./route.ts";
import { incompleteHeaders, READ_EVERYTHING } from "./snapshots.ts";

const CONTENT_TYPES = {
  ndjson: "application/x-ndjson",
  csv: "text/csv; charset=utf-8",
} as const;

/**
 * Answers with every match (or `limit` of them) as a stream: one piece is made when the reader wants it, so memory stays
 * constant whatever matches. The first is read before the headers leave, so that what is wrong from the start is
 * an error as any other.
 */
export async function exportResponse(
  context: HttpContext,
  filters: LogFilters,
  paging: Paging,
  format: "ndjson" | "csv",
  signal?: AbortSignal,
): Promise<Response> {
  const leave = await context.exports.enter();
  try {
    return await startExport(context, filters, paging, format, leave, signal);
  } catch (error) {
    leave();
    throw error;
  }
}

async function startExport(
  context: HttpContext,
  filters: LogFilters,
  paging: Paging,
  format: "ndjson" | "csv",
  leave: () => void,
  signal: AbortSignal | undefined,
): Promise<Response> {
  signal?.throwIfAborted();
  const reading = new AbortController();
  const abort = () => reading.abort();
  signal?.addEventListener("abort", abort, { once: true });
  const snapshot = context.store.snapshot(reading);
  const end = () => {
    snapshot.release();
    leave();
  };
  try {
    const rows = readAll(snapshot, filters, READ_EVERYTHING, paging);
    const source = new ExportSource(snapshot, rows, reading, format, end, context.exportStallMs);
    await source.prepare();
    const headers = {
      "content-type": CONTENT_TYPES[format],
      "x-content-type-options": "nosniff",
      "vary": "accept",
      "sentinel-id-before": String(snapshot.nextId),
      ...incompleteHeaders(snapshot),
    };
    return new Response(new ReadableStream(source, { highWaterMark: 0 }), { headers });
  } catch (error) {
    snapshot.release();
    throw error;
  } finally {
    // From here on the stream is told when its reader goes.
    signal?.removeEventListener("abort", abort);
  }
}

/** A stream's source that writes rows as they are wanted, and gives back what it holds at its end, whatever ends it. */
class ExportSource implements UnderlyingDefaultSource<Uint8Array> {
  readonly #writer: RowWriter;
  #announcedDamage = 0;
  #prepared: IteratorResult<RowRef[]> | undefined;
  #stall: ReturnType<typeof setTimeout> | undefined;
  #cancelled = false;
  #ended = false;

  constructor(
    readonly snapshot: Snapshot,
    readonly rows: AsyncGenerator<RowRef[]>,
    readonly reading: AbortController,
    format: "ndjson" | "csv",
    readonly end: () => void,
    readonly stallMs: number,
  ) {
    this.#writer = new RowWriter(format);
  }

  /** Reads the first rows. What is damaged so far is what the headers announce. */
  async prepare(): Promise<void> {
    this.#prepared = await this.rows.next();
    this.#announcedDamage = this.snapshot.damage.length;
  }

  /** A response that is dropped unread would hold its snapshot for ever: the reader must begin in time, too. */
  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#watch(controller);
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    clearTimeout(this.#stall);
    try {
      const done = await this.#fill();
      if (this.#cancelled) return;
      const piece = this.#writer.take();
      if (piece.length > 0) controller.enqueue(piece);
      if (!done) return this.#watch(controller);
      this.#finish();
      controller.close();
    } catch (error) {
      this.#finish();
      controller.error(error);
    }
  }

  async cancel(): Promise<void> {
    clearTimeout(this.#stall);
    this.#cancelled = true;
    this.reading.abort();
    // This waits for a read that is under way: until then the snapshot is in use.
    await this.rows.return(undefined);
    this.#finish();
  }

  /** Writes rows until a piece is full; true at the end of the rows. */
  async #fill(): Promise<boolean> {
    while (this.#writer.byteLength < EXPORT_CHUNK_BYTES) {
      const { done, value } = this.#prepared ?? await this.rows.next();
      this.#prepared = undefined;
      if (this.snapshot.damage.length > this.#announcedDamage) {
        throw new Error(
          `Export cut: ${this.snapshot.damage.slice(this.#announcedDamage).join("; ")}`,
        );
      }
      if (done) return true;
      this.#writer.write(value);
    }
    return false;
  }

  #watch(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#stall = setTimeout(() => {
      this.#finish();
      controller.error(new Error(`Export cut: its reader took nothing for ${this.stallMs} ms`));
    }, this.stallMs);
  }

  #finish(): void {
    clearTimeout(this.#stall);
    if (this.#ended) return;
    this.#ended = true;
    this.end();
  }
}
