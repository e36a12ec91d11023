/** @module The visit by digests: what a question needs of a segment is made once, and kept while there is room. */

import { listCandidates } from "./catalog.ts";
import type { IndexEntry } from "./index_entry.ts";
import { contains, makeSelection, type Selection } from "./selection.ts";
import type { Digest, DigestVisitor, ScanSpec } from "./types.ts";
import { isExcluded, noteDamage, openChunk, openSegment, type View } from "./view.ts";

/** Segments opened side by side: hides the latency of the database, bounds what is decoded at once. */
const OPENED_AT_ONCE = 8;

/** A digest and its rows that match; absent: all of them. */
interface Digested<D> {
  readonly digest: D;
  readonly rows?: Uint32Array;
}

/** Shows the visitor every match of the view. */
export async function visitDigests<D extends Digest>(
  view: View,
  spec: ScanSpec,
  visitor: DigestVisitor<D>,
): Promise<void> {
  const selection = makeSelection(spec, view.tombstones);
  for (const chunk of view.chunks) {
    const matches = openChunk(view, chunk, selection, spec.predicate);
    if (matches === undefined) continue;
    visitor.rows(await view.reader.digests.ofChunk(matches.columns, visitor), matches.rows);
  }
  if (selection.services?.size === 0 || selection.severities?.size === 0) return;
  for await (const { entries } of listCandidates(view, selection, "asc")) {
    const left: IndexEntry[] = [];
    for (const entry of entries) {
      const excluded = isExcluded(view, entry, spec.predicate);
      if (!(typeof excluded === "boolean" ? excluded : await excluded)) left.push(entry);
    }
    for (let i = 0; i < left.length; i += OPENED_AT_ONCE) {
      const opened = await Promise.all(
        left.slice(i, i + OPENED_AT_ONCE).map((entry) =>
          openDigest(view, entry, selection, spec, visitor)
        ),
      );
      for (const found of opened) if (found !== undefined) visitor.rows(found.digest, found.rows);
    }
  }
}

async function openDigest<D extends Digest>(
  view: View,
  entry: IndexEntry,
  selection: Selection,
  { predicate }: ScanSpec,
  visitor: DigestVisitor<D>,
): Promise<Digested<D> | undefined> {
  try {
    const isWhole = predicate === undefined && takesAll(selection, entry);
    const segment = isWhole ? undefined : await openSegment(view, entry, selection, predicate);
    if (!isWhole && segment === undefined) return undefined;
    const digest = await view.reader.digest(entry.id, visitor);
    return segment === undefined ? { digest } : { digest, rows: segment.rows };
  } catch (error) {
    noteDamage(view, entry, error);
    return undefined;
  }
}

/** Whether every record of a segment is within the bounds, whatever its stream. */
function takesAll(selection: Selection, entry: IndexEntry): boolean {
  const takesStreams = entry.stream !== undefined ||
    (selection.services === undefined && selection.severities === undefined);
  return takesStreams && contains(selection, entry, entry.stream);
}
