/** Where text for people goes. */
export interface TextWriter {
  /** Writes text as it is; lines end with `\n`. */
  write(text: string): void;
  /** True if the text is shown on a terminal, where it can be drawn over. */
  readonly isTerminal: boolean;
  /** The terminal's size in characters. */
  size?(): { columns: number; rows: number };
}

/** The process's standard output or standard error. */
export function processWriter(stream: typeof Deno.stdout | typeof Deno.stderr): TextWriter {
  const encoder = new TextEncoder();
  return {
    write(text) {
      let bytes = encoder.encode(text);
      while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
    },
    isTerminal: stream.isTerminal(),
    size: () => Deno.consoleSize(),
  };
}

const NUMBER = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** A whole number with commas: `12,345`. */
export function formatCount(value: number): string {
  return NUMBER.format(value);
}
