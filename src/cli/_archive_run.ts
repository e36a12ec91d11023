/**
 * @module An archive: records are written to a file, and then deleted from the server. Nothing is lost whenever it stops.
 *
 * 1. One snapshot of the server is streamed to `FILE.partial`; the answer tells the id that all its records are below.
 * 2. `FILE.partial` is read back: every line, their number, and the SHA-256 of their text.
 * 3. `FILE.sentinel-archive` notes what is about to be deleted; then `FILE.partial` becomes `FILE`. All is synced.
 * 4. What matches is deleted, but only with ids below that one, and only if no more match than were archived.
 * 5. The note is removed.
 *
 * After a stop before 3 the same command begins anew; after it, it verifies `FILE` and goes on with 4.
 */

import { formatInstant, parseInstant } from "../record.ts";
import { fileExists, putInPlace, removeFile } from "../storage/mod.ts";
import {
  type ArchiveBounds,
  type ArchiveDigest,
  readArchive,
  writeArchive,
} from "./_archive_file.ts";
import type { ApiClient } from "./_client.ts";
import { plural, type Progress } from "./_progress.ts";
import { readState, removeState } from "./_state_file.ts";
import { CommandError } from "./errors.ts";

/** What to archive, and where to. */
export interface ArchiveRequest {
  readonly file: string;
  /** As it was typed, and what that meant at the time. */
  readonly before: { readonly typed: string; readonly at: string };
  readonly services: readonly string[];
  readonly severities: readonly string[];
}

/** What an archive came to. */
export interface Archived extends ArchiveDigest {
  readonly before: string;
  /** Fewer than were archived if somebody else deleted some meanwhile. */
  readonly deleted: number;
}

/** What is noted before anything is deleted. */
interface ArchiveNote extends ArchiveDigest, ArchiveBounds {
  /** Server and options: another archive must not go on from here. */
  readonly what: string;
}

/** How many records an archive would take now. */
export async function countArchivable(
  client: ApiClient,
  request: ArchiveRequest,
): Promise<number> {
  const stats = await client.json<{ logs_per_service: Record<string, number> }>({
    path: "/stats",
    query: matching(request),
  });
  return Object.values(stats.logs_per_service).reduce((sum, count) => sum + count, 0);
}

/** Archives, or goes on where the same archive stopped. `undefined`: nothing matches, and nothing was written. */
export async function archive(
  client: ApiClient,
  request: ArchiveRequest,
  progress: Progress,
): Promise<Archived | undefined> {
  const notePath = `${request.file}.sentinel-archive`;
  const note = fileExists(request.file)
    ? await takeUp(client, request, notePath, progress)
    : await write(client, request, notePath, progress);
  if (note === undefined) return undefined;
  const { records, bytes, sha256, before } = note;
  const deleted = await remove(client, request, note);
  removeState(notePath);
  return { records, bytes, sha256, before, deleted };
}

async function write(
  client: ApiClient,
  request: ArchiveRequest,
  notePath: string,
  progress: Progress,
): Promise<ArchiveNote | undefined> {
  const { file, before: { at: before } } = request;
  const partial = `${file}.partial`;
  removeFile(partial);
  const query = matching(request);
  query.set("order", "asc");
  const headers = { accept: "application/x-ndjson" };
  const response = await client.send({ path: "/logs", query, headers });
  try {
    const bounds = { before, idBefore: horizonOf(response, client.url) };
    const written = await writeArchive(
      response.body!,
      partial,
      file,
      (records) => progress.update(undefined, `wrote ${plural(records, "record")}`),
    );
    await verify(partial, file, bounds, written, progress);
    if (written.records === 0) {
      removeFile(partial);
      return undefined;
    }
    const note = { what: describe(client, request), ...bounds, ...written };
    Deno.writeTextFileSync(`${notePath}.new`, `${JSON.stringify(note)}\n`);
    putInPlace(`${notePath}.new`, notePath);
    if (fileExists(file)) throw new CommandError(`${file} was made meanwhile; nothing was deleted`);
    putInPlace(partial, file);
    return note;
  } catch (error) {
    removeFile(partial);
    if (error instanceof CommandError) throw error;
    throw new CommandError(
      `Cannot write ${file}: ${(error as Error).message}; nothing was deleted`,
      { cause: error },
    );
  }
}

/** @throws {CommandError} the answer does not tell, or says that something is missing from it */
function horizonOf({ headers }: Response, url: string): number {
  const incomplete = headers.get("sentinel-incomplete");
  if (incomplete !== null) {
    throw new CommandError(
      `Cannot archive what is damaged, and nothing was deleted: ${incomplete}; use sentinel export for what can be read`,
    );
  }
  const idBefore = Number(headers.get("sentinel-id-before") ?? NaN);
  if (Number.isSafeInteger(idBefore)) return idBefore;
  throw new CommandError(
    `${url} does not say which records it sent, so they could not be deleted safely; it needs the version of this command`,
  );
}

async function verify(
  path: string,
  name: string,
  bounds: ArchiveBounds,
  expected: ArchiveDigest,
  progress: Progress,
): Promise<void> {
  const found = await readArchive(
    path,
    name,
    bounds,
    (records) => progress.update(records / Math.max(1, expected.records), "verifying"),
  );
  if (found.records === expected.records && found.sha256 === expected.sha256) return;
  throw new CommandError(
    `${path} is damaged: it has ${plural(found.records, "record")} with SHA-256 ${found.sha256}, ` +
      `${
        plural(expected.records, "record")
      } with ${expected.sha256} were written; nothing was deleted`,
  );
}

/** Goes on with an archive that was written, and maybe deleted already. */
async function takeUp(
  client: ApiClient,
  request: ArchiveRequest,
  notePath: string,
  progress: Progress,
): Promise<ArchiveNote> {
  const { file } = request;
  const note = readState<ArchiveNote>(notePath);
  if (note === undefined) {
    throw new CommandError(`${file} exists, and nothing is overwritten; name another --output`);
  }
  if (note.what !== describe(client, request)) {
    throw new CommandError(
      `${file} is of another archive that did not end, of ${note.what}; give the options of that, or another --output`,
    );
  }
  await verify(file, file, note, note, progress);
  return note;
}

async function remove(
  client: ApiClient,
  request: ArchiveRequest,
  { before, idBefore, records }: ArchiveNote,
): Promise<number> {
  const query = streams(request);
  query.set("before", before);
  query.set("id_before", String(idBefore));
  query.set("at_most", String(records));
  try {
    const { message } = await client.json<{ message: string }>({
      method: "DELETE",
      path: "/logs",
      query,
    });
    return parseInt(message);
  } catch (error) {
    throw new CommandError(
      `${request.file} is complete, but its records may not be deleted: ${
        (error as Error).message
      }; give the same command again`,
      { cause: error },
    );
  }
}

function matching(request: ArchiveRequest): URLSearchParams {
  const query = streams(request);
  const { ms, ns } = parseInstant(request.before.at)!;
  const end = ns > 0 ? { ms, ns: ns - 1 } : { ms: ms - 1, ns: 999_999 };
  query.set("timestamp_end", formatInstant(end.ms, end.ns));
  return query;
}

function streams({ services, severities }: ArchiveRequest): URLSearchParams {
  const query = new URLSearchParams();
  for (const service of services) query.append("service", service);
  for (const severity of severities) query.append("severity", severity);
  return query;
}

function describe({ url }: ApiClient, request: ArchiveRequest): string {
  const { before: { typed } } = request;
  return `${url} --before ${typed} ${streams(request)}`.trim();
}
