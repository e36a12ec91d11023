import { signal } from "@preact/signals";
import { isAbort, send, sentenceOf } from "../api/client.ts";

/** A format in which records can be had as a file. */
export type ExportFormat = "ndjson" | "csv";

/** What of an export has arrived, in bytes; `undefined`: none is under way. */
export const exportedBytes = signal<number | undefined>(undefined);
/** Why the last export failed; empty: it did not. */
export const exportError = signal("");

const TYPES: Readonly<Record<ExportFormat, string>> = {
  ndjson: "application/x-ndjson",
  csv: "text/csv",
};

let controller = new AbortController();

/**
 * Saves every record that the parameters match as a file. The answer is read to its end first: a connection that breaks
 * must not leave a file that looks whole.
 */
export async function exportRecords(params: URLSearchParams, format: ExportFormat): Promise<void> {
  controller.abort();
  controller = new AbortController();
  const { signal } = controller;
  exportedBytes.value = 0;
  exportError.value = "";
  try {
    const headers = { accept: TYPES[format] };
    const response = await send(`/logs?${params}`, { headers, signal });
    save(await collect(response, TYPES[format]), `logs-${stamp()}.${format}`);
  } catch (error) {
    if (!isAbort(error)) exportError.value = `The export was not completed: ${sentenceOf(error)}`;
  }
  if (controller.signal === signal) exportedBytes.value = undefined;
}

/** Ends the export that is under way. */
export function cancelExport(): void {
  controller.abort();
  exportedBytes.value = undefined;
}

async function collect(response: Response, type: string): Promise<Blob> {
  if (response.body === null) return new Blob([], { type });
  const count = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, out) {
      exportedBytes.value = (exportedBytes.peek() ?? 0) + chunk.byteLength;
      out.enqueue(chunk);
    },
  });
  // The browser keeps a large blob on disk, not in memory.
  const blob = await new Response(response.body.pipeThrough(count)).blob();
  return new Blob([blob], { type });
}

function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The download has taken hold of it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function stamp(): string {
  return new Date().toISOString().slice(0, 19).replace("T", "-").replaceAll(":", "");
}
