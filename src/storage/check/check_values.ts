/** @module The check of everything that is neither segment, index nor journal: each kind of key by its own rule. */

import {
  CorruptDataError,
  decodeDocument,
  envelopeChecksum,
  joinParts,
  openFilterPage,
  openTokenFilter,
} from "../../codec/mod.ts";
import {
  type FindingKind,
  type Findings,
  keyText,
  momentText,
  recordsOf,
} from "./check_findings.ts";
import type { CheckedIndex } from "./check_index.ts";
import type { SegmentChecker } from "./check_segments.ts";
import type { Entry } from "../database.ts";
import { decodeGroup, type StoredGroup } from "../filter_group.ts";
import { decodeIdBlock } from "../id_index.ts";
import { decodeRemembered } from "../idempotency.ts";
import { readLeftovers } from "../garbage.ts";
import { readIntent } from "../intent.ts";
import { INDEX_NAMES } from "../keys.ts";
import { versionOfSegment } from "../segment_id.ts";
import { secretBytes } from "../secret.ts";
import { decodeTotal, TotalsTable, totalVersion } from "../totals.ts";
import type { StreamTotal } from "../types.ts";

const HOUR_MS = 60 * 60 * 1000;

/** Kinds of keys that are looked at elsewhere; that of the fence is written anew by every start. */
const ELSEWHERE = new Set<unknown>([
  ...INDEX_NAMES,
  "meta",
  "version",
  "next",
  "node",
  "journal",
  "tombstone",
  "tombstone_copy",
]);

/** A value that is cut into parts, which follow each other. */
interface Parts {
  readonly key: Entry["key"];
  readonly values: Uint8Array[];
}

/** Checks values one by one, in the order of their keys. */
export class ValueChecker {
  readonly #index: CheckedIndex;
  readonly #findings: Findings;
  readonly #groups = new Map<string, StoredGroup>();
  readonly #totals: StreamTotal[] = [];
  readonly #damagedTotals = new Set<string>();
  /** Keys of filters of segments that no index tells of. */
  readonly #strayFilters = new Map<number, Entry["key"]>();
  /** Keys of groups that tell of segments of which no index tells. */
  readonly #strayPlaces = new Map<number, Entry["key"]>();
  /** Segments whose filters, or which as a whole, wait to be removed. */
  readonly #leaving = new Set<number>();
  /** The beginnings of the digests of keys that answers are remembered to: 48 bits of 256. */
  readonly #answers = new Set<number>();
  /** How many were used in each hour; taken out when they have been compared. */
  readonly #answersByHour = new Map<number, number>();
  /** Whether something is marked with a version that is not visible yet. */
  #marked = false;
  #parts: Parts | undefined;

  constructor(index: CheckedIndex, findings: Findings) {
    this.#index = index;
    this.#findings = findings;
  }

  /** Takes the next value. */
  async value(entry: Entry, segments: SegmentChecker): Promise<void> {
    const { key } = entry;
    const kind = key[1];
    if (ELSEWHERE.has(kind)) return;
    if (kind === "filter" || kind === "intent" || kind === "garbage") {
      return await this.#part(entry);
    }
    await this.#endParts();
    const check = this.#rules[kind as string];
    if (check === undefined) {
      this.#findings.add({ kind: "unknown", what: "No such value is known", key: keyText(key) });
      return;
    }
    await this.#findings.tried(check.kind, entry, () => check.read(entry, segments));
  }

  /** Ends with what can be told only when everything was seen. */
  async end(segments: SegmentChecker): Promise<void> {
    await this.#endParts();
    for (const [id, key] of this.#strayFilters) {
      const isUnpublished = this.#index.hasIntent && versionOfSegment(id) > this.#index.version;
      if (this.#leaving.has(id) || isUnpublished) continue;
      const what = `A filter of segment ${id} is left, which is in no index`;
      this.#findings.add({ kind: "filter", what, key: keyText(key) });
    }
    for (const [id, key] of this.#strayPlaces) {
      if (this.#leaving.has(id)) continue;
      const what = `A group of filters tells of segment ${id}, which is in no index`;
      this.#findings.add({ kind: "filter", what, key: keyText(key) });
    }
    for (const hour of this.#answersByHour.keys()) {
      const from = momentText(hour * HOUR_MS);
      this.#findings.add({
        kind: "idempotency",
        what: "The answers of an hour are not counted",
        from,
      });
    }
    this.#compareMarks();
    this.#compareTotals(segments);
  }

  /** What is marked is undone or removed only if there is a note of it. */
  #compareMarks(): void {
    const { entries, version, hasIntent } = this.#index;
    for (const entry of entries.values()) {
      const { id, born, dead } = entry;
      if (born > version || (dead ?? 0) > version) this.#marked = true;
      if (dead === undefined || dead > version || this.#leaving.has(id)) continue;
      const what = `Segment ${id} is replaced, and nothing notes that it is to be removed`;
      this.#findings.add({ kind: "publication", what, ...recordsOf(entry) });
    }
    if (!this.#marked || hasIntent) return;
    const what =
      "What a publication was writing is left, and nothing notes that it is to be undone";
    this.#findings.add({ kind: "publication", what });
  }

  readonly #rules: Readonly<
    Record<
      string,
      { kind: FindingKind; read: (entry: Entry, segments: SegmentChecker) => void }
    >
  > = {
    dirty: { kind: "publication", read: ({ value }) => void decodeDocument(value) },
    secret: { kind: "secret", read: ({ value }) => void secretBytes(value) },
    ids: {
      kind: "ids",
      read: (entry, { blocks }) => void blocks.set(entry.key[2] as number, decodeIdBlock(entry)),
    },
    lost: {
      kind: "journal",
      read: ({ value }) => {
        const { what } = decodeDocument(value) as { what?: string };
        throw new CorruptDataError(`A start found lost: ${what}`);
      },
    },
    filter_group: { kind: "filter", read: (entry) => this.#group(entry) },
    filter_page: { kind: "filter", read: (entry) => this.#page(entry) },
    idempotency: {
      kind: "idempotency",
      read: (entry) => {
        this.#answers.add(beginning(entry.key[2]));
        decodeRemembered(entry);
      },
    },
    idempotency_by_hour: { kind: "idempotency", read: (entry) => this.#answerOfHour(entry) },
    idempotency_count: { kind: "idempotency", read: (entry) => this.#answerCount(entry) },
    stream: {
      kind: "totals",
      read: (entry) => {
        this.#damagedTotals.add(`${entry.key[3]}${entry.key[2]}`);
        this.#totals.push(decodeTotal(entry, this.#index.version));
        if (totalVersion(entry) > this.#index.version) this.#marked = true;
        this.#damagedTotals.delete(`${entry.key[3]}${entry.key[2]}`);
      },
    },
    token: { kind: "token", read: (entry) => checkToken(entry) },
  };

  #group(entry: Entry): void {
    const group = decodeGroup(entry);
    this.#groups.set(`${group.day} ${group.id}`, group);
    const gone = new Set(group.gone);
    for (const [place, id] of group.segments.entries()) {
      if (!gone.has(place) && !this.#index.entries.has(id)) this.#strayPlaces.set(id, entry.key);
    }
  }

  #page({ key, value }: Entry): void {
    openFilterPage(value);
    const [, , day, id, page] = key;
    const group = this.#groups.get(`${day} ${id}`);
    const checksum = group?.checksums?.[page as number];
    if (group === undefined || (page as number) >= group.pages) {
      throw new CorruptDataError("A page of filters is left, which is in no group");
    }
    if (checksum !== undefined && checksum !== envelopeChecksum(value)) {
      throw new CorruptDataError("A page of filters is not the one of its place");
    }
  }

  #answerOfHour({ key }: Entry): void {
    const hour = key[2] as number;
    this.#answersByHour.set(hour, (this.#answersByHour.get(hour) ?? 0) + 1);
    if (this.#answers.has(beginning(key[3]))) return;
    throw new CorruptDataError(
      "A remembered answer is missing: what it was to can be stored again",
    );
  }

  #answerCount({ key, value }: Entry): void {
    const hour = key[2] as number;
    const found = this.#answersByHour.get(hour) ?? 0;
    this.#answersByHour.delete(hour);
    const stored = decodeDocument(value);
    if (stored === found) return;
    throw new CorruptDataError(
      `${found} remembered answers of an hour, where ${stored} were counted`,
    );
  }

  async #part(entry: Entry): Promise<void> {
    const { key, value } = entry;
    const length = key.length - 1;
    const begun = this.#parts?.key;
    const isNext = begun?.length === key.length &&
      begun.slice(0, length).every((part, i) => part === key[i]);
    if (!isNext) await this.#endParts();
    this.#parts ??= { key, values: [] };
    this.#parts.values.push(value);
  }

  async #endParts(): Promise<void> {
    const parts = this.#parts;
    this.#parts = undefined;
    if (parts === undefined) return;
    const { key, values } = parts;
    const bytes = joinParts(values);
    if (key[1] === "filter") {
      await this.#findings.tried("filter", parts, () => this.#filter(parts, bytes));
    } else if (key[1] === "garbage") {
      await this.#findings.tried("publication", parts, () => {
        const { entries, moved } = readLeftovers(values);
        for (const [id] of moved) this.#leaving.add(id);
        for (const { id } of entries) this.#leaving.add(id);
      });
    } else {
      // Without its first part it was being written when the server ended, and nothing else was yet.
      if (key[4] === 0) await this.#findings.tried("publication", parts, () => readIntent(values));
      if ((key[3] as number) > this.#index.version) return;
      const what = "What a publication was going to write is left, though it has been published";
      this.#findings.add({ kind: "publication", what, key: keyText(key) });
    }
  }

  #filter({ key }: Parts, bytes: Uint8Array): void {
    const entry = this.#index.entries.get(key[2] as number);
    openTokenFilter(bytes);
    if (entry === undefined) this.#strayFilters.set(key[2] as number, key);
    const { filterChecksum } = entry ?? {};
    if (filterChecksum !== undefined && filterChecksum !== envelopeChecksum(bytes)) {
      throw new CorruptDataError(`The filter of segment ${key[2]} is another segment's`);
    }
  }

  #compareTotals(segments: SegmentChecker): void {
    const found = new TotalsTable();
    for (const { service, severity, ...total } of segments.totals) {
      found.set({ service, severity }, total);
    }
    for (const { service, severity, count } of this.#totals) {
      const stream = { service, severity };
      const counted = found.get(stream).count;
      found.set(stream, { count: 0, last: { ms: 0, ns: 0 } });
      this.#compareTotal(stream, counted, count, segments.uncounted);
    }
    for (const { service, severity, count } of found) {
      this.#compareTotal({ service, severity }, count, 0, segments.uncounted);
    }
  }

  #compareTotal(
    stream: { service: string; severity: number },
    counted: number,
    stored: number,
    uncounted: boolean,
  ): void {
    if (counted === stored || (uncounted && counted < stored)) return;
    // Its own finding was that it is damaged.
    if (this.#damagedTotals.has(`${stream.severity}${stream.service}`)) return;
    this.#findings.add({
      kind: "totals",
      what: `Segments have ${counted} records where ${stored} were counted`,
      ...stream,
    });
  }
}

function beginning(digest: unknown): number {
  const bytes = digest as Uint8Array;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) * 65_536 + bytes[4]! * 256 +
    bytes[5]!;
}

/** What `auth/` stores is its own; that it is sound, and at the hash that it names, can be told here. */
function checkToken({ key, value }: Entry): void {
  const { hash } = decodeDocument(value) as { hash?: string };
  if (hash === undefined || hash === (key[2] as Uint8Array).toBase64()) return;
  throw new CorruptDataError("A token's value is another token's");
}
