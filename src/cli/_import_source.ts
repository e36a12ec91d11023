import { CommandError } from "./errors.ts";

/**
 * The most bytes of input in one batch, and so the longest line. As JSON a byte can become six (`\u0000`) and 10,000
 * records carry about 3 MB of names, which stays below the 16 MiB that the server takes; the largest record it accepts
 * is half of this.
 */
export const REGION_BYTES_MAX = 1024 * 1024;

/** Reads of this size cost little each. */
const READ_BYTES = 256 * 1024;
const LINE_FEED = 10;

/** A stretch of whole units (lines or stanzas) of the input. */
export interface Region {
  /** Valid until the next one is asked for. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where it starts in the input, in bytes. */
  readonly start: number;
  readonly end: number;
}

/** What the source reads from: a file or stdin. */
export interface ByteInput {
  read(into: Uint8Array): Promise<number | null>;
}

/** Cuts an input into regions of whole lines, or of whole stanzas (which an empty line ends). */
export class RegionSource {
  #buffer = new Uint8Array(REGION_BYTES_MAX + READ_BYTES);
  /** The bytes not yet given away: from `#from` to `#to` in the buffer. */
  #from = 0;
  #to = 0;
  #ended = false;

  /** @param offset where the input stands in the file */
  constructor(
    private readonly input: ByteInput,
    private readonly unit: "line" | "stanza",
    private offset: number,
  ) {}

  /**
   * The next region; `undefined` at the end of the input.
   * @param unitsMax how many lines or stanzas at most
   * @throws {CommandError} a line is longer than a region may be
   */
  async next(unitsMax: number): Promise<Region | undefined> {
    let length = 0;
    for (let units = 0; units < unitsMax; units++) {
      let found = this.#unitLength(length);
      while (found === undefined && await this.#fill()) found = this.#unitLength(length);
      // The last unit may lack its end.
      if (found === undefined && this.#ended) found = this.#to - this.#from;
      if (found === length) break;
      if (found === undefined || found > REGION_BYTES_MAX) {
        if (length > 0) break;
        throw new CommandError(
          `Cannot import the ${this.unit} at byte ${this.offset}: it is longer than ${REGION_BYTES_MAX} bytes`,
        );
      }
      length = found;
    }
    return length === 0 ? undefined : this.#take(length);
  }

  /**
   * The region that ends at `end`, as an earlier run sent it.
   * @throws {CommandError} the input ends before
   */
  async upTo(end: number): Promise<Region> {
    const length = end - this.offset;
    while (this.#to - this.#from < length) {
      if (await this.#fill()) continue;
      throw new CommandError(`The file ends before byte ${end}, up to which it was sent already`);
    }
    return this.#take(length);
  }

  #take(length: number): Region {
    const bytes = this.#buffer.subarray(this.#from, this.#from + length);
    const start = this.offset;
    this.#from += length;
    this.offset += length;
    return { bytes, start, end: this.offset };
  }

  /** The length up to the end of the unit that starts `after` bytes from here; `undefined`: not in the buffer. */
  #unitLength(after: number): number | undefined {
    let at = this.#from + after;
    for (;;) {
      at = this.#buffer.indexOf(LINE_FEED, at);
      if (at < 0 || at >= this.#to) return undefined;
      at++;
      if (this.unit === "line") return at - this.#from;
      if (at < this.#to && this.#buffer[at] === LINE_FEED) return at + 1 - this.#from;
    }
  }

  /** Reads more; `false`: there is no more, or the buffer holds a region's worth already. */
  async #fill(): Promise<boolean> {
    if (this.#ended || this.#to - this.#from > REGION_BYTES_MAX) return false;
    this.#buffer.copyWithin(0, this.#from, this.#to);
    this.#to -= this.#from;
    this.#from = 0;
    const count = await this.input.read(this.#buffer.subarray(this.#to));
    if (count === null) this.#ended = true;
    else this.#to += count;
    return count !== null;
  }
}
