import { setPriority } from "node:os";
import type { Command } from "commander";
import { formatInstant } from "../record.ts";
import type { BackupManifest, CopyProgress } from "../storage/mod.ts";
import { setting } from "./_command.ts";
import { bytesText, countText, plural, Progress } from "./_progress.ts";
import { DEFAULT_DATA } from "./_server.ts";
import { CommandError } from "./errors.ts";
import type { Terminal } from "./terminal.ts";

/** Adds `--data` and `--json`, which all commands have that work on the data file itself. */
export function addFileOptions(command: Command): Command {
  return command
    .addOption(setting("--data <file>", "the data file", { default: DEFAULT_DATA }))
    .addOption(setting("--json", "print the summary as JSON"));
}

/** @throws {CommandError} the data is in no file */
export function requireFile(command: string, data: string): void {
  if (!/^https?:\/\//.test(data)) return;
  throw new CommandError(
    `sentinel ${command} works on a data file of this machine, and ${data} is a KV Connect server: use that database's own tools`,
  );
}

/** How nice a copy is: half of what a process can be. */
const COPY_NICENESS = 10;

/** From now on the server goes first where it and this process want the same processor. */
export function letServerGoFirst(): void {
  try {
    setPriority(COPY_NICENESS);
  } catch {
    // A courtesy: it may not ask for that, or is nicer already.
  }
}

/** Shows how far a copy is while `work` makes it. */
export async function withCopyProgress<T>(
  terminal: Terminal,
  work: (progress: CopyProgress) => Promise<T> | T,
): Promise<T> {
  const line = new Progress(terminal);
  try {
    return await work((what, done, total) => {
      const text = what === "copied" ? bytesText(done) : countText(done);
      line.update(
        total === undefined ? undefined : Math.min(1, done / Math.max(1, total)),
        `${what} ${text}`,
      );
    });
  } finally {
    line.clear();
  }
}

/** A moment as the API writes it. */
export function instantText(at: { readonly ms: number; readonly ns: number }): string {
  return formatInstant(at.ms, at.ns);
}

/** What a backup holds, for people: `12 records of 2 streams, … to …, 1 token`. */
export function contentsText({ records, streams, tokens, first, last }: BackupManifest): string {
  const span = first === undefined || last === undefined
    ? ""
    : `, ${instantText(first)} to ${instantText(last)}`;
  return `${plural(records, "record")} of ${plural(streams, "stream")}${span}, ${
    plural(tokens, "token")
  }`;
}

/** The same for programs. */
export function contentsJson(manifest: BackupManifest): Record<string, unknown> {
  const { records, streams, tokens, first, last, nextId, takenAtMs, damage, program } = manifest;
  return {
    taken_at: formatInstant(takenAtMs, 0),
    records,
    streams,
    tokens,
    ...first === undefined ? {} : { first: instantText(first) },
    ...last === undefined ? {} : { last: instantText(last) },
    next_id: nextId,
    version: program,
    damage,
  };
}

/** Says what a backup lacks. @returns whether it lacks anything */
export function reportDamage(terminal: Terminal, what: string, damage: readonly string[]): boolean {
  if (damage.length === 0) return false;
  terminal.err(`${what} holds what is damaged in the data: ${damage.join("; ")}\n`);
  return true;
}
