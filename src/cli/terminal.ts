/** What a command may know of and do to the terminal it runs in; a test passes its own. */
export interface Terminal {
  /** Whether stdout is a terminal, where colours and wide tables make sense. */
  readonly outIsTerminal: boolean;
  /** Whether stderr is a terminal, where progress can be drawn over itself. */
  readonly errIsTerminal: boolean;
  /** Width of the terminal in characters. */
  readonly columns: number;
  /** Writes to stdout, whole, before it returns. @throws {Deno.errors.BrokenPipe} when the reader has gone */
  out(text: string | Uint8Array): void;
  /** Writes to stderr, whole, before it returns. */
  err(text: string): void;
}

const encoder = new TextEncoder();
const COLUMNS_UNKNOWN = 80;

/** Synchronous, so that nothing is lost when the process ends right after, and a slow reader slows the command down. */
function writeWhole(target: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += target.writeSync(bytes.subarray(done));
}

/** The terminal of this process. */
export function systemTerminal(): Terminal {
  return {
    outIsTerminal: Deno.stdout.isTerminal(),
    errIsTerminal: Deno.stderr.isTerminal(),
    get columns() {
      const columns = Deno.stderr.isTerminal() ? Deno.consoleSize().columns : 0;
      // Some terminals do not know: 80 is what everything assumes then.
      return columns === 0 ? COLUMNS_UNKNOWN : columns;
    },
    out: (text) => writeWhole(Deno.stdout, typeof text === "string" ? encoder.encode(text) : text),
    err: (text) => writeWhole(Deno.stderr, encoder.encode(text)),
  };
}
