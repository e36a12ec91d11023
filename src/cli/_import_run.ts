import type { ApiClient } from "./_client.ts";
import { type ImportBody, ndjsonBody, patternBody, type RecordDefaults } from "./_import_body.ts";
import type { Pattern, PatternContext } from "./_import_pattern.ts";
import { type Region, RegionSource } from "./_import_source.ts";
import { advance, checkState, type ImportState, newState } from "./_import_state.ts";
import { bytesText, plural, Progress } from "./_progress.ts";
import { readState, removeState, writeState } from "./_state_file.ts";
import { ApiError, CommandError } from "./errors.ts";
import type { Terminal } from "./terminal.ts";

/** What to import, and how its text becomes records. */
export interface ImportJob {
  /** `-`: stdin, which cannot be resumed. */
  readonly file: string;
  readonly statePath: string;
  /** Absent: the file is NDJSON. */
  readonly pattern: Pattern | undefined;
  readonly service: string | undefined;
  readonly severity: string | undefined;
  readonly strict: boolean;
  /** The zone of times that tell none: `Z` or `+02:00`. */
  readonly zone: string;
  /** Records in one request, at most. */
  readonly batch: number;
}

/** What an import came to, what earlier runs of it stored included. */
export interface Imported {
  readonly records: number;
  /** Lines that the pattern did not match, kept as messages. */
  readonly unmatched: number;
  readonly bytes: number;
  /** Where this run took over from an earlier one; 0: it began. */
  readonly resumedAt: number;
}

/** Imports a file or stdin, going on where an interrupted run stopped. */
export async function runImport(
  client: ApiClient,
  job: ImportJob,
  terminal: Terminal,
): Promise<Imported> {
  const file = job.file === "-" ? undefined : openInput(job.file);
  try {
    return await new Import(client, job, terminal, file).run();
  } finally {
    file?.close();
  }
}

class Import {
  readonly #client: ApiClient;
  readonly #job: ImportJob;
  readonly #file: Deno.FsFile | undefined;
  readonly #state: ImportState;
  readonly #source: RegionSource;
  readonly #progress: Progress;
  readonly #size: number | undefined;

  constructor(
    client: ApiClient,
    job: ImportJob,
    terminal: Terminal,
    file: Deno.FsFile | undefined,
  ) {
    this.#client = client;
    this.#job = job;
    this.#file = file;
    this.#progress = new Progress(terminal);
    this.#state = this.#openState();
    const { offset } = this.#state;
    file?.seekSync(offset, Deno.SeekMode.Start);
    this.#source = new RegionSource(file ?? Deno.stdin, job.pattern?.unit ?? "line", offset);
    this.#size = file?.statSync().size;
  }

  async run(): Promise<Imported> {
    const state = this.#state;
    const resumedAt = state.offset;
    try {
      if (state.pendingEnd > state.offset) {
        await this.#send(await this.#source.upTo(state.pendingEnd));
      }
      for (;;) {
        const region = await this.#source.next(this.#job.batch);
        if (region === undefined) break;
        await this.#send(region);
      }
    } finally {
      this.#progress.clear();
    }
    if (this.#file !== undefined) removeState(this.#job.statePath);
    const { records, unmatched, offset } = state;
    return { records, unmatched, bytes: offset, resumedAt };
  }

  #openState(): ImportState {
    const { file: path, statePath, pattern, service, severity, zone } = this.#job;
    const options = JSON.stringify({ pattern: pattern?.name, service, severity, zone });
    const file = this.#file;
    const found = file === undefined ? undefined : readState<ImportState>(statePath);
    if (file === undefined || found === undefined) return newState(options);
    checkState(found, file, options, { path, statePath });
    return found;
  }

  async #send(region: Region): Promise<void> {
    const state = this.#state;
    const body = this.#bodyOf(region);
    if (body.records > 0) {
      state.pendingEnd = region.end;
      this.#save();
      await this.#post(region, body);
    }
    advance(state, region);
    state.line += body.lineFeeds;
    state.lastTimestamp = body.lastTimestamp;
    state.records += body.records;
    state.unmatched += body.unmatched;
    const fraction = this.#size === undefined ? undefined : region.end / Math.max(1, this.#size);
    this.#progress.update(fraction, `${plural(state.records, "record")}, ${bytesText(region.end)}`);
  }

  #bodyOf(region: Region): ImportBody {
    const { pattern, service, severity, strict, zone } = this.#job;
    const { line, lastTimestamp, startedAt } = this.#state;
    const start = { line, lastTimestamp };
    if (pattern === undefined) return ndjsonBody(region.bytes, start, { service, severity });
    const defaults: RecordDefaults = { service, severity: severity ?? "INFO", strict };
    const context: PatternContext = { zone, startedAt: new Date(startedAt) };
    return patternBody(region.bytes, start, pattern, defaults, context);
  }

  async #post(region: Region, body: ImportBody): Promise<void> {
    let count: number;
    try {
      ({ count } = await this.#client.json<{ count: number }>({
        method: "POST",
        path: "/logs",
        headers: {
          "content-type": "application/x-ndjson",
          "idempotency-key": `${this.#state.importId}-${region.start}`,
        },
        body: body.bytes,
      }));
    } catch (error) {
      if (!(error instanceof ApiError) || error.status >= 500) throw error;
      // Refused: nothing of it is stored, and after a correction the lines may end elsewhere.
      this.#state.pendingEnd = this.#state.offset;
      this.#save();
      throw refused(error, body);
    }
    if (count !== body.records) {
      throw new CommandError(
        `The server stored ${count} records of ${body.records} sent from byte ${region.start} on`,
      );
    }
  }

  #save(): void {
    if (this.#file !== undefined) writeState(this.#job.statePath, this.#state);
  }
}

function openInput(path: string): Deno.FsFile {
  try {
    if (Deno.statSync(path).isDirectory) throw new Error("it is a directory; give a file, or -");
    return Deno.openSync(path);
  } catch (error) {
    throw new CommandError(`Cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}

/** The refusal, with the line of the first bad record. */
function refused(error: ApiError, body: ImportBody): CommandError {
  const [first] = error.details;
  const line = first === undefined ? undefined : body.lines[first.index];
  if (first === undefined || line === undefined) return error;
  const more = error.details.length === 1 ? "" : ` (and ${error.details.length - 1} more)`;
  return new CommandError(
    `Line ${line} was refused: ${first.message}${more}; what stands before its batch is stored, correct it and run the command again`,
    { cause: error },
  );
}
