/** @module A Worker of the store's search pool: stored columns and what to look for in, row numbers out. */

import { decodeSegmentColumn } from "../codec/mod.ts";
import type { TextColumn, TextColumnName } from "../record.ts";
import type { SearchReply, SearchRequest } from "../storage/mod.ts";
import { type PredicateSource, searchFrom, type TextSearch } from "./predicate_source.ts";

/** Searches kept, one a scan: as many as the store mostly has under way. One that was forgotten is made again. */
const SEARCHES_MAX = 4;

const scope = self as unknown as {
  onmessage: (event: MessageEvent<readonly SearchRequest[]>) => void;
  postMessage(reply: SearchReply, transfer?: Transferable[]): void;
};

const searches = new Map<number, TextSearch>();

scope.onmessage = ({ data }) => {
  const found = data.map(tryToSearch);
  scope.postMessage(found, found.flatMap((rows) => rows === undefined ? [] : [rows.buffer]));
};
scope.postMessage("ready");

function tryToSearch(request: SearchRequest): Uint32Array<ArrayBuffer> | undefined {
  try {
    return new Uint32Array(search(request));
  } catch {
    // The store searches it itself, and meets the error where it can be told.
    return undefined;
  }
}

function search({ scan, source, count, rows, columns }: SearchRequest): Uint32Array {
  const texts = new Map<TextColumnName, TextColumn>();
  for (const { entry, parts } of columns) {
    const column = decodeSegmentColumn({ columns: { count } }, entry, parts);
    texts.set(entry.name as TextColumnName, column);
  }
  // A column of empty texts is not stored; of messages there always is one.
  if (!texts.has("message")) {
    const offsets = new Uint32Array(count + 1);
    texts.set("message", { bytes: new Uint8Array(), offsets, ascii: true });
  }
  const all = rows ?? Uint32Array.from({ length: count }, (_, row) => row);
  return searchOf(scan, source)({ count, texts }, all);
}

function searchOf(scan: number, source: unknown): TextSearch {
  const known = searches.get(scan);
  if (known !== undefined) return known;
  const made = searchFrom(source as PredicateSource);
  searches.set(scan, made);
  const [oldest] = searches.keys();
  if (searches.size > SEARCHES_MAX) searches.delete(oldest!);
  return made;
}
