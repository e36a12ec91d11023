/**
 * @module An export to a file that can be interrupted at any moment.
 *
 * 1. A page of records is appended to `FILE.part`.
 * 2. `FILE.sentinel-export` is replaced: the cursor of the next page, and how long `FILE.part` is with this one.
 * 3. When no page is left, `FILE.part` is renamed to `FILE`, then the state is removed.
 *
 * After a kill between 1 and 2, `FILE.part` is longer than the state says, and is cut back to it.
 */
import type { ApiClient } from "./_client.ts";
import { PAGE_RECORDS_MAX, readRecordPage } from "./_pages.ts";
import { bytesText, plural, Progress } from "./_progress.ts";
import { type ExportFormat, exportHead, exportText } from "./_record_text.ts";
import { readState, removeState, writeState } from "./_state_file.ts";
import { CommandError } from "./errors.ts";
import type { Terminal } from "./terminal.ts";

/** What to export, and where to. */
export interface FileExport {
  readonly file: string;
  readonly format: ExportFormat;
  /** Filters and order. */
  readonly parameters: URLSearchParams;
  readonly limit: number | undefined;
}

/** What an export came to, what earlier runs of it wrote included. */
export interface FileExported {
  readonly records: number;
  readonly bytes: number;
  /** What the server had to leave out because it is damaged. */
  readonly incomplete: string | undefined;
}

interface ExportState {
  /** Server, filters, order, limit and format: another export must not go on from here. */
  readonly what: string;
  readonly cursor: string;
  readonly records: number;
  /** Length of the part file up to and with the last whole page. */
  readonly bytes: number;
  readonly incomplete?: string;
}

/** Exports to a file, going on where an earlier, interrupted run of the same export stopped. */
export async function exportToFile(
  client: ApiClient,
  { file, format, parameters, limit = Infinity }: FileExport,
  terminal: Terminal,
): Promise<FileExported> {
  const statePath = `${file}.sentinel-export`;
  const partPath = `${file}.part`;
  const what = `${client.url}/logs?${parameters} ${limit} ${format}`;
  const found = readState<ExportState>(statePath);
  const state = found?.what === what && fileSize(partPath) >= found.bytes ? found : undefined;
  const part = openPart(partPath);
  const progress = new Progress(terminal);
  const encoder = new TextEncoder();
  let { records = 0, bytes = 0, cursor, incomplete }: Partial<ExportState> = state ?? {};
  try {
    part.truncateSync(bytes);
    part.seekSync(0, Deno.SeekMode.End);
    if (state === undefined) bytes += appendWhole(part, encoder.encode(exportHead(format)));
    do {
      const pageLimit = Math.min(PAGE_RECORDS_MAX, limit - records);
      const page = await readRecordPage(client, parameters, pageLimit, cursor);
      bytes += appendWhole(part, encoder.encode(exportText(page.records, format)));
      records += page.records.length;
      cursor = page.cursor;
      incomplete ??= page.incomplete;
      if (cursor !== undefined && records < limit) {
        const rest = incomplete === undefined ? {} : { incomplete };
        writeState<ExportState>(statePath, { what, cursor, records, bytes, ...rest });
      }
      progress.update(undefined, `${plural(records, "record")}, ${bytesText(bytes)}`);
    } while (cursor !== undefined && records < limit);
    part.syncSync();
  } finally {
    part.close();
    progress.clear();
  }
  Deno.renameSync(partPath, file);
  removeState(statePath);
  return { records, bytes, incomplete };
}

function openPart(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { write: true, create: true });
  } catch (error) {
    throw new CommandError(`Cannot write ${path}: ${(error as Error).message}`, { cause: error });
  }
}

function appendWhole(file: Deno.FsFile, bytes: Uint8Array): number {
  for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
  return bytes.length;
}

function fileSize(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return -1;
    throw error;
  }
}
