import { signal } from "@preact/signals";
import { send, sentenceOf } from "../api/client.ts";

/** A format in which records can be had as a file. */
export type ExportFormat = "ndjson" | "csv";

/** Why the last export could not begin; empty: it did. */
export const exportError = signal("");

/**
 * Has the browser save every record that the parameters match: it writes the stream to the disk as it comes, and says
 * itself how far it is and whether the connection broke. One record is asked for first, because what is wrong would
 * else be told in the list of downloads, without the server's sentence.
 */
export async function exportRecords(
  params: URLSearchParams,
  format: ExportFormat,
): Promise<boolean> {
  exportError.value = "";
  try {
    const response = await send(`/logs?${withParam(params, "limit", "1")}`);
    await response.body?.cancel();
  } catch (error) {
    exportError.value = `The export cannot begin: ${sentenceOf(error)}`;
    return false;
  }
  const link = document.createElement("a");
  link.href = `/logs?${withParam(params, "format", format)}`;
  link.download = "";
  link.click();
  return true;
}

function withParam(params: URLSearchParams, name: string, value: string): URLSearchParams {
  const query = new URLSearchParams(params);
  query.set(name, value);
  return query;
}
