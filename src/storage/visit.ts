/** @module The unordered visit: every match once, by whole runs where a summary is enough. */

import type { RecordColumns, TextColumnName } from "../record.ts";
import { listCandidates } from "./catalog.ts";
import type { IndexEntry } from "./index_entry.ts";
import { inOrder, SegmentSearch } from "./segment_search.ts";
import { contains, makeSelection, type Selection, wantsStream } from "./selection.ts";
import type { ScanSpec, Visitor, WholeRun } from "./types.ts";
import { isExcluded, noteDamage, openChunk, takeTurn, type View } from "./view.ts";

/** Shows the visitor every match of the view. */
export async function visitView(
  view: View,
  spec: ScanSpec,
  names: readonly TextColumnName[],
  visitor: Visitor,
): Promise<void> {
  await visitChunks(view, spec, visitor);
  await visitSegments(view, spec, names, visitor);
}

/** Shows the visitor every match in the memtable. */
export async function visitChunks(
  view: View,
  spec: ScanSpec,
  visitor: Visitor,
): Promise<void> {
  const selection = makeSelection(spec, view.tombstones);
  for (const chunk of view.chunks) {
    const matches = await openChunk(view, chunk, selection, spec.predicate);
    if (matches !== undefined) visitor.rows(matches.columns, matches.rows);
  }
}

/** Shows the visitor every match in segments. */
export async function visitSegments(
  view: View,
  spec: ScanSpec,
  names: readonly TextColumnName[],
  visitor: Visitor,
): Promise<void> {
  const selection = makeSelection(spec, view.tombstones);
  if (selection.services?.size === 0 || selection.severities?.size === 0) return;
  const search = new SegmentSearch(view, selection, spec.predicate);
  for await (const { entries } of listCandidates(view, selection, "asc")) {
    const left: IndexEntry[] = [];
    for (const entry of entries) {
      const excluded = isExcluded(view, entry, spec.predicate);
      if (typeof excluded === "boolean" ? excluded : await excluded) continue;
      if (!await visitWhole(view, entry, selection, spec, names, visitor)) left.push(entry);
    }
    const opened = inOrder(left, () => search.atOnce, (entry) => search.open(entry, names));
    for await (const segment of opened) {
      if (segment === undefined) continue;
      await takeTurn(view);
      visitor.rows(segment.columns, segment.rows);
    }
  }
}

/** Offers a segment without reading its rows; true if the visitor took all of it. */
async function visitWhole(
  view: View,
  entry: IndexEntry,
  selection: Selection,
  spec: ScanSpec,
  names: readonly TextColumnName[],
  visitor: Visitor,
): Promise<boolean> {
  if (visitor.whole === undefined || spec.predicate !== undefined) return false;
  if (!contains(selection, entry, entry.stream)) return false;
  if (entry.stream !== undefined) {
    return visitor.whole({
      ...entry.stream,
      count: entry.count,
      first: { ms: entry.firstMs, ns: entry.firstNs },
      last: { ms: entry.lastMs, ns: entry.lastNs },
      messageBytes: entry.messageBytes,
    });
  }
  return await visitRuns(view, entry, selection, names, visitor);
}

/** Offers the runs of a shared segment; those that the visitor wants to see by row are shown at once. */
async function visitRuns(
  view: View,
  entry: IndexEntry,
  selection: Selection,
  names: readonly TextColumnName[],
  visitor: Visitor,
): Promise<boolean> {
  try {
    const head = await view.reader.head(entry);
    const { runs } = head;
    // Read before anything is offered: damage must not leave a segment half counted.
    const columns = await view.reader.columns(entry.id, head, names);
    const wanted = runs.filter((run) => wantsStream(selection, run));
    const whole = wanted.map(({ service, severity, start, end }): WholeRun => ({
      service,
      severity,
      count: end - start,
      first: moment(columns, start),
      last: moment(columns, end - 1),
    }));
    const left = wanted.filter((_, i) => !visitor.whole!(whole[i]!));
    if (left.length === 0) return true;
    if (left.length === wanted.length) return false;
    const rows = left.flatMap(({ start, end }) =>
      Array.from({ length: end - start }, (_, i) => start + i)
    );
    visitor.rows(columns, Uint32Array.from(rows));
    return true;
  } catch (error) {
    noteDamage(view, entry, error);
    return true;
  }
}

function moment(columns: RecordColumns, row: number) {
  return { ms: columns.timestampMs[row]!, ns: columns.timestampNs?.[row] ?? 0 };
}
