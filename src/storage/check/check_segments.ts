/** @module The check of segments: head, columns, filter, ids, and how they agree with index, id index and totals. */

import {
  CorruptDataError,
  decodeSegmentColumn,
  decodeSegmentHead,
  openTokenFilter,
  type SegmentHead,
  traceToken,
  wordsOf,
} from "../../codec/mod.ts";
import { type RecordColumns, textAt, type TextColumn, type TextColumnName } from "../../record.ts";
import { type Findings, keyText, recordsOf } from "./check_findings.ts";
import type { CheckedIndex } from "./check_index.ts";
import type { Database, Entry } from "../database.ts";
import { FilterReader } from "../filters.ts";
import { IdSet } from "../id_set.ts";
import { type IdBlock, idBlockOf } from "../id_index.ts";
import { checkHead, type IndexEntry, isVisible } from "../index_entry.ts";
import { segmentHeadKey } from "../keys.ts";
import { ID_BLOCK_BITS } from "../limits.ts";
import { ReadWork } from "../read_work.ts";
import { versionOfSegment } from "../segment_id.ts";
import { unpackFirstValue } from "../segment_value.ts";
import { makeSelection, selectFromRuns } from "../selection.ts";
import type { Tombstone } from "../tombstone.ts";
import { TotalsTable } from "../totals.ts";

/** Pages of filters kept: those of a few groups. */
const FILTER_BYTES_MAX = 16 * 1024 * 1024;

/** Rows of a segment whose words its filter must have: another segment's filter has hardly any of them. */
const SAMPLED_ROWS = 8;
const SAMPLED_WORDS = 4;

/** Checks one segment after the other, in the order of keys: the columns of each come before its head. */
export class SegmentChecker {
  readonly #index: CheckedIndex;
  readonly #tombstones: readonly Tombstone[];
  readonly #findings: Findings;
  readonly #filters: FilterReader;
  /** Every id that was seen. */
  readonly ids: IdSet = new IdSet();
  /** What visible segments hold, without what deletions hide. */
  readonly totals = new TotalsTable();
  /** Whether some segment could not be counted, so that totals may be larger. */
  uncounted = false;
  readonly blocks = new Map<number, IdBlock>();
  readonly #lackingBlocks = new Set<number>();
  readonly #seen = new Set<number>();
  #id: number | undefined;
  #columns = new Map<string, Uint8Array[]>();
  /** The greatest id in segments. */
  lastId = 0;
  checked = 0;
  records = 0;

  constructor(
    database: Database,
    index: CheckedIndex,
    tombstones: readonly Tombstone[],
    findings: Findings,
  ) {
    this.#index = index;
    this.#tombstones = tombstones;
    this.#findings = findings;
    this.#filters = new FilterReader(database, FILTER_BYTES_MAX, new ReadWork());
  }

  /** Takes the next value of a segment. */
  async value({ key, value }: Entry): Promise<void> {
    const [, , id, what, name, part] = key;
    if (id !== this.#id) this.#leave();
    this.#id = id as number;
    if (what === "column" && key.length === 6) {
      const parts = this.#columns.get(name as string) ?? [];
      parts[part as number] = value;
      this.#columns.set(name as string, parts);
    } else if (what === "head" && key.length === 4) {
      await this.#segment(this.#id, value);
      this.#id = undefined;
      this.#columns.clear();
    } else {
      this.#findings.add({ kind: "unknown", what: "No such value is known", key: keyText(key) });
    }
  }

  /** Ends with what the index tells of and was not there. */
  end(): void {
    this.#leave();
    for (const entry of this.#index.entries.values()) {
      if (!isVisible(entry, this.#index.version) || this.#seen.has(entry.id)) continue;
      this.#add(entry, new CorruptDataError("Its head is missing"));
      this.uncounted = true;
    }
  }

  /** Columns without a head. */
  #leave(): void {
    if (this.#columns.size > 0 && !this.#isExpected(this.#id!)) {
      this.#findings.add({
        kind: "segment",
        what: `Columns of segment ${this.#id} are left, which is in no index and has no head`,
      });
    }
    this.#columns.clear();
  }

  async #segment(id: number, first: Uint8Array): Promise<void> {
    const entry = this.#index.entries.get(id);
    if (entry === undefined) {
      if (!this.#isExpected(id)) this.#stray(id, first);
      return;
    }
    if (!isVisible(entry, this.#index.version)) return;
    this.#seen.add(id);
    this.checked++;
    try {
      const head = this.#head(entry, first);
      this.#count(entry, head);
      this.lastId = Math.max(this.lastId, entry.lastId);
      this.#checkIds(entry, head.columns);
      const columns = this.#decode(head);
      await this.#checkFilter(entry, columns);
    } catch (error) {
      if (!(error instanceof CorruptDataError)) throw error;
      this.#add(entry, error);
    }
  }

  #head(entry: IndexEntry, first: Uint8Array): SegmentHead {
    try {
      const { head: bytes, filter } = unpackFirstValue(first);
      if (filter.length > 0) openTokenFilter(filter);
      const head = decodeSegmentHead(bytes);
      checkHead(entry, head);
      return head;
    } catch (error) {
      this.uncounted = true;
      throw error;
    }
  }

  /** Whether the index tells of a segment, or a publication that will be undone has not come so far. */
  #isExpected(id: number): boolean {
    const { entries, version, hasIntent } = this.#index;
    return entries.has(id) || (hasIntent && versionOfSegment(id) > version);
  }

  /** A segment that no index tells of: its records are lost to every question. */
  #stray(id: number, first: Uint8Array): void {
    const key = keyText(segmentHeadKey(id));
    const what = `Segment ${id} is in no index`;
    try {
      const { columns, runs } = decodeSegmentHead(unpackFirstValue(first).head);
      const starts = runs.map(({ start }) => columns.timestampMs[start]!);
      const ends = runs.map(({ end }) => columns.timestampMs[end - 1]!);
      this.#findings.add({
        kind: "index",
        what,
        key,
        records: columns.count,
        from: new Date(Math.min(...starts)).toISOString(),
        to: new Date(Math.max(...ends)).toISOString(),
      });
    } catch (error) {
      if (!(error instanceof CorruptDataError)) throw error;
      this.#findings.add({ kind: "segment", what: `${what}: ${error.message}`, key });
    }
  }

  #decode(head: SegmentHead): RecordColumns {
    const texts = new Map<TextColumnName, TextColumn>();
    for (const entry of head.directory) {
      const parts = Array.from(this.#columns.get(entry.name) ?? []);
      if (parts.includes(undefined!)) {
        throw new CorruptDataError(`A part of its column ${entry.name} is missing`);
      }
      texts.set(entry.name as TextColumnName, decodeSegmentColumn(head, entry, parts));
      this.#columns.delete(entry.name);
    }
    for (const name of this.#columns.keys()) {
      throw new CorruptDataError(`It has a column ${name} of which its head does not tell`);
    }
    return { ...head.columns, texts };
  }

  /** Adds its records to the totals as the engine counts them: without what is hidden. */
  #count(entry: IndexEntry, { columns, runs }: SegmentHead): void {
    this.records += entry.count;
    const selection = makeSelection({}, this.#tombstones);
    for (const run of runs) {
      const rows = selectFromRuns(columns, [run], selection);
      if (rows.length === 0) continue;
      const last = rows[rows.length - 1]!;
      this.totals.add({ service: run.service, severity: run.severity }, {
        count: rows.length,
        last: { ms: columns.timestampMs[last]!, ns: columns.timestampNs?.[last] ?? 0 },
      });
    }
  }

  #checkIds(entry: IndexEntry, columns: RecordColumns): void {
    const { count, ids, timestampMs, receivedMs } = columns;
    let twice = 0;
    let outside: number | undefined;
    for (let row = 0; row < count; row++) {
      if (!this.ids.add(ids[row]!)) twice++;
      const number = idBlockOf(ids[row]!);
      const block = this.blocks.get(number);
      if (block === undefined) this.#lackBlock(number);
      else if (
        timestampMs[row]! < block.firstMs || timestampMs[row]! > block.lastMs ||
        receivedMs[row]! < block.firstReceivedMs || receivedMs[row]! > block.lastReceivedMs
      ) outside = number;
    }
    if (twice > 0) this.#add(entry, new CorruptDataError(`${twice} of its ids occur twice`));
    if (outside !== undefined) {
      this.#findings.add({
        kind: "ids",
        what: `Block ${outside} of the id index does not span records of segment ${entry.id}`,
        ...recordsOf(entry),
      });
    }
  }

  #lackBlock(number: number): void {
    if (this.#lackingBlocks.has(number)) return;
    this.#lackingBlocks.add(number);
    const size = 2 ** ID_BLOCK_BITS;
    this.#findings.add({
      kind: "ids",
      what: `Block ${number} of the id index is missing or damaged`,
      ids: [number * size, (number + 1) * size - 1],
    });
  }

  async #checkFilter(entry: IndexEntry, columns: RecordColumns): Promise<void> {
    const tokens = new Set<string>();
    const step = Math.max(1, Math.floor(columns.count / SAMPLED_ROWS));
    for (let row = 0; row < columns.count; row += step) {
      for (const token of tokensOf(columns, row)) tokens.add(token);
    }
    try {
      for (const token of tokens) {
        if (await this.#filters.mayContain(entry, [token])) continue;
        throw new CorruptDataError(`The filter of segment ${entry.id} lacks ${token}`);
      }
    } catch (error) {
      if (!(error instanceof CorruptDataError)) throw error;
      this.#findings.add({ kind: "filter", what: error.message, ...recordsOf(entry) });
    }
  }

  #add(entry: IndexEntry, error: CorruptDataError): void {
    this.#findings.add({
      kind: "segment",
      what: `Segment ${entry.id}: ${error.message}`,
      ...recordsOf(entry),
    });
  }
}

/** Tokens that a record's segment must have in its filter. */
function tokensOf({ texts }: RecordColumns, row: number): string[] {
  const tokens: string[] = [];
  for (const [name, column] of texts) {
    const text = textAt(column, row);
    if (text === "") continue;
    if (name === "message") tokens.push(...wordsOf(text).slice(0, SAMPLED_WORDS));
    else if (name === "trace_id") tokens.push(traceToken(text));
  }
  return tokens;
}
