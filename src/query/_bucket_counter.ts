import { type RecordColumns, SEVERITIES, type Stream } from "../record.ts";
import type { Visitor, WholeRun } from "../storage/mod.ts";
import { badParameter } from "./_parameters.ts";
import { bucketCount, commonDivisor } from "./histogram_interval.ts";
import { HISTOGRAM_BUCKETS_MAX, HISTOGRAM_COUNTS_MAX } from "./limits.ts";

/** What the counts of a bucket are told apart by. */
export type HistogramBy = "severity" | "service";

/** The counts of one bucket by label. */
export type LabelCounts = Map<string, number>;

/**
 * Counts records by time and label. Without an interval it starts with buckets of a millisecond and merges them as the
 * range of what it has seen grows, so that any interval that `chooseInterval` gives for that range can be had from them.
 */
export class BucketCounter implements Visitor {
  /** The first and last millisecond seen; Infinity and -Infinity if none was. */
  firstMs = Infinity;
  lastMs = -Infinity;
  /** The interval was given and makes too many buckets: only the range was still looked for. */
  overflowed = false;
  readonly #adaptive: boolean;
  #intervalMs: number;
  #buckets = new Map<number, LabelCounts>();
  #countsHeld = 0;

  constructor(readonly by: HistogramBy, intervalMs: number | undefined) {
    this.#adaptive = intervalMs === undefined;
    this.#intervalMs = intervalMs ?? 1;
  }

  whole(run: WholeRun): boolean {
    this.#widen(run.first.ms, run.last.ms);
    if (this.overflowed) return true;
    const bucket = Math.floor(run.first.ms / this.#intervalMs);
    if (bucket !== Math.floor(run.last.ms / this.#intervalMs)) return false;
    this.#add(bucket, this.#labelOf(run), run.count);
    return true;
  }

  rows(columns: RecordColumns, rows: Uint32Array): void {
    const { timestampMs, streams } = columns;
    let firstMs = Infinity;
    let lastMs = -Infinity;
    let isSorted = true;
    for (let i = 0; i < rows.length; i++) {
      const ms = timestampMs[rows[i]!]!;
      if (ms < lastMs) isSorted = false;
      else lastMs = ms;
      if (ms < firstMs) firstMs = ms;
    }
    this.#widen(firstMs, lastMs);
    if (this.overflowed || rows.length === 0) return;
    if (isSorted && streams.length === 1) this.#addSorted(columns, rows);
    else this.#addEach(columns, rows);
  }

  /** Adds rows of one stream in the order of time: only where buckets end is looked for. */
  #addSorted({ timestampMs, streams }: RecordColumns, rows: Uint32Array): void {
    const label = this.#labelOf(streams[0]!);
    for (let from = 0; from < rows.length;) {
      const bucket = Math.floor(timestampMs[rows[from]!]! / this.#intervalMs);
      const endMs = (bucket + 1) * this.#intervalMs;
      let to = rows.length;
      for (let low = from + 1; low < to;) {
        const middle = (low + to) >>> 1;
        if (timestampMs[rows[middle]!]! >= endMs) to = middle;
        else low = middle + 1;
      }
      this.#add(bucket, label, to - from);
      from = to;
    }
  }

  #addEach({ timestampMs, streamOf, streams }: RecordColumns, rows: Uint32Array): void {
    const labels = streams.map((stream) => this.#labelOf(stream));
    let bucket = 0;
    let startMs = Infinity;
    let endMs = -Infinity;
    let label = "";
    let count = 0;
    // Neighbours mostly share bucket and label: they are added together.
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      const ms = timestampMs[row]!;
      const rowLabel = labels[streamOf[row]!]!;
      if (ms >= startMs && ms < endMs && rowLabel === label) {
        count++;
        continue;
      }
      if (count > 0) this.#add(bucket, label, count);
      bucket = Math.floor(ms / this.#intervalMs);
      startMs = bucket * this.#intervalMs;
      endMs = startMs + this.#intervalMs;
      label = rowLabel;
      count = 1;
    }
    this.#add(bucket, label, count);
  }

  /**
   * The counts by the number of their bucket, counted from the epoch.
   * @param intervalMs the interval that was given, or what `chooseInterval` gives for a range that holds all seen
   */
  countsBy(intervalMs: number): Map<number, LabelCounts> {
    this.#mergeInto(intervalMs);
    return this.#buckets;
  }

  #labelOf({ service, severity }: Stream): string {
    return this.by === "service" ? service : SEVERITIES[severity];
  }

  #widen(firstMs: number, lastMs: number): void {
    if (firstMs >= this.firstMs && lastMs <= this.lastMs) return;
    this.firstMs = Math.min(this.firstMs, firstMs);
    this.lastMs = Math.max(this.lastMs, lastMs);
    if (this.firstMs > this.lastMs) return;
    if (this.#adaptive) {
      this.#mergeInto(commonDivisor(this.firstMs, this.lastMs));
    } else if (bucketCount(this.firstMs, this.lastMs, this.#intervalMs) > HISTOGRAM_BUCKETS_MAX) {
      this.overflowed = true;
      this.#buckets.clear();
    }
  }

  #mergeInto(intervalMs: number): void {
    if (intervalMs === this.#intervalMs) return;
    const finer = this.#buckets;
    const finerMs = this.#intervalMs;
    this.#buckets = new Map();
    this.#intervalMs = intervalMs;
    this.#countsHeld = 0;
    for (const [bucket, counts] of finer) {
      const wider = Math.floor((bucket * finerMs) / intervalMs);
      for (const [label, count] of counts) this.#add(wider, label, count);
    }
  }

  #add(bucket: number, label: string, count: number): void {
    let counts = this.#buckets.get(bucket);
    if (counts === undefined) this.#buckets.set(bucket, counts = new Map());
    const before = counts.get(label);
    if (before === undefined && ++this.#countsHeld > HISTOGRAM_COUNTS_MAX) throw this.#tooMany();
    counts.set(label, (before ?? 0) + count);
  }

  #tooMany(): Error {
    const found = `its counts by ${this.by} are more than ${HISTOGRAM_COUNTS_MAX}`;
    return badParameter("by", `${found}; filter by service or take a shorter range`);
  }
}
