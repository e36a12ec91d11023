import { signal } from "@preact/signals";
import { getJson, isAbort } from "../api/client.ts";
import type { LogRecord } from "../api/record.ts";
import { results } from "./results.ts";

/** The record that is open, as far as it is there. */
export const openRecord = signal<LogRecord | undefined>(undefined);
/** Why it is not there. */
export const openError = signal<unknown>(undefined);

let controller = new AbortController();

/** Shows a record: from the list if it is there, else from the server. */
export async function showRecord(id: number | undefined): Promise<void> {
  controller.abort();
  openError.value = undefined;
  if (id === undefined || id === openRecord.peek()?.id) {
    if (id === undefined) openRecord.value = undefined;
    return;
  }
  const list = results.peek()?.list;
  const listed = list?.rowAt(list.indexOfKey(id))?.record;
  if (listed !== undefined) {
    openRecord.value = listed;
    return;
  }
  controller = new AbortController();
  const { signal } = controller;
  try {
    openRecord.value = await getJson<LogRecord>(`/logs/${id}`, signal);
  } catch (error) {
    if (isAbort(error) || signal.aborted) return;
    openRecord.value = undefined;
    openError.value = error;
  }
}
