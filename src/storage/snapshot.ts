/** @module The public face of a {@linkcode View}. */

import type { RowRef, TextColumnName } from "../record.ts";
import { findRow } from "./find_row.ts";
import { startScan } from "./scan.ts";
import { makeSelection } from "./selection.ts";
import type {
  Digest,
  DigestVisitor,
  OrderedScanSpec,
  RecordScan,
  ScanSpec,
  Snapshot,
  StreamTotal,
  Visitor,
} from "./types.ts";
import { openChunk, type View } from "./view.ts";
import { visitView } from "./visit.ts";
import { visitDigests } from "./visit_digests.ts";

/** The store at one moment. */
export class StoreSnapshot implements Snapshot {
  readonly nextId: number;
  readonly #view: View;
  readonly #totals: readonly StreamTotal[];
  readonly #release: () => void;

  constructor(
    view: View,
    nextId: number,
    totals: readonly StreamTotal[],
    release: () => void,
  ) {
    this.#view = view;
    this.nextId = nextId;
    this.#totals = totals;
    this.#release = release;
  }

  get damage(): readonly string[] {
    return this.#view.damage;
  }

  streamTotals(): StreamTotal[] {
    return [...this.#totals];
  }

  scan(spec: OrderedScanSpec): RecordScan {
    return startScan(this.#view, spec);
  }

  visit(spec: ScanSpec, columns: readonly TextColumnName[], visitor: Visitor): Promise<void> {
    return visitView(this.#view, spec, columns, visitor);
  }

  visitDigests<D extends Digest>(spec: ScanSpec, visitor: DigestVisitor<D>): Promise<void> {
    return visitDigests(this.#view, spec, visitor);
  }

  async get(id: number): Promise<RowRef | undefined> {
    if (!Number.isSafeInteger(id) || id < 1 || id >= this.nextId) return undefined;
    const selection = makeSelection({ idFrom: id, idTo: id }, this.#view.tombstones);
    for (const chunk of this.#view.chunks) {
      const { ids, count } = chunk.columns;
      if (count === 0 || id < ids[0]! || id > ids[count - 1]!) continue;
      const matches = await openChunk(this.#view, chunk, selection, undefined);
      return matches && { columns: matches.columns, row: matches.rows[0]! };
    }
    return await findRow(this.#view, selection);
  }

  release(): void {
    this.#release();
  }
}
