/** @module The visit by digests: what a question needs of a segment is made once, and kept while there is room. */

import { listCandidates } from "./catalog.ts";
import type { IndexEntry } from "./index_entry.ts";
import { inOrder, SegmentSearch } from "./segment_search.ts";
import { contains, makeSelection, type Selection } from "./selection.ts";
import type { Digest, DigestVisitor, ScanSpec } from "./types.ts";
import { isExcluded, noteDamage, openChunk, takeTurn, type View } from "./view.ts";

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
    const matches = await openChunk(view, chunk, selection, spec.predicate);
    if (matches === undefined) continue;
    visitor.rows(await view.reader.digests.ofChunk(matches.columns, visitor), matches.rows);
  }
  if (selection.services?.size === 0 || selection.severities?.size === 0) return;
  const search = new SegmentSearch(view, selection, spec.predicate);
  for await (const { entries } of listCandidates(view, selection, "asc")) {
    const left: IndexEntry[] = [];
    for (const entry of entries) {
      const excluded = isExcluded(view, entry, spec.predicate);
      if (!(typeof excluded === "boolean" ? excluded : await excluded)) left.push(entry);
    }
    const opened = inOrder(left, () => search.atOnce, (entry) => {
      const isWhole = spec.predicate === undefined && takesAll(selection, entry);
      return openDigest(view, entry, isWhole ? undefined : search, visitor);
    });
    for await (const found of opened) {
      if (found === undefined) continue;
      await takeTurn(view);
      visitor.rows(found.digest, found.rows);
    }
  }
}

/** @param search finds the rows that match; absent: all of them do */
async function openDigest<D extends Digest>(
  view: View,
  entry: IndexEntry,
  search: SegmentSearch | undefined,
  visitor: DigestVisitor<D>,
): Promise<Digested<D> | undefined> {
  try {
    const segment = await search?.open(entry);
    if (search !== undefined && segment === undefined) return undefined;
    const digest = await view.reader.digest(entry, visitor);
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
