import assert from "node:assert/strict";
import fc from "fast-check";
import { packTexts, type RecordColumns } from "../record.ts";
import { assertDamageIsNoticed, assertForgeriesAreSurvived } from "./_test_damage.ts";
import { columnsOf } from "./_test_rows.ts";
import { CorruptDataError } from "./errors.ts";
import { cutFilterPages, openFilterPage, PAGED_FILTERS_MAX, pageOfToken } from "./filter_page.ts";
import { PART_BYTES_MAX } from "./limits.ts";
import { hashToken } from "./token.ts";
import { buildTokenFilter, openTokenFilter } from "./token_filter.ts";

function columnsWith(messages: readonly string[]): RecordColumns {
  const texts = new Map([["message", packTexts(messages, messages.length)] as const]);
  return { ...columnsOf([]), count: messages.length, texts };
}

function filterOf(...messages: string[]): Uint8Array {
  return buildTokenFilter(columnsWith(messages));
}

/** So many words of which no other filter has one. */
function wordsOfFilter(filter: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `w${filter}_${i}`);
}

function ask(pages: readonly Uint8Array[], filter: number, word: string): boolean {
  const hash = hashToken(word);
  return openFilterPage(pages[pageOfToken(hash, pages.length)]!).mayContain(filter, hash);
}

Deno.test("pages of filters answer what the filters answer", () => {
  const sizes = fc.array(fc.nat(40), { minLength: 1, maxLength: 12 });
  fc.assert(fc.property(sizes, (sizes) => {
    const filters = sizes.map((size, i) => filterOf(wordsOfFilter(i, size).join(" ")));
    const pages = cutFilterPages(filters);
    assert.equal(openFilterPage(pages[0]!).filters, filters.length);
    const words = sizes.flatMap((size, i) => wordsOfFilter(i, size + 2));
    for (const [i, filter] of filters.entries()) {
      const own = openTokenFilter(filter);
      for (const word of words) assert.equal(ask(pages, i, word), own.mayContain(word), word);
    }
  }));
});

Deno.test("large filters take up to 64 pages, each of at most a value", () => {
  const filters = Array.from(
    { length: 100 },
    (_, i) => filterOf(wordsOfFilter(i, 24_000).join(" ")),
  );
  const pages = cutFilterPages(filters);
  assert.equal(pages.length, 64);
  for (const page of pages) assert(page.length <= PART_BYTES_MAX, `${page.length}`);
  for (const i of [0, 50, 99]) {
    for (const word of wordsOfFilter(i, 24_000).slice(0, 50)) assert(ask(pages, i, word), word);
  }
  // The 51 others are not at places 0 and 99.
  const strange = wordsOfFilter(50, 2000).filter((word) => ask(pages, 0, word));
  assert(strange.length < 40, `${strange.length}`);
});

Deno.test("a filter of everything says yes on every page", () => {
  const message = Array.from({ length: 1 << 20 }, (_, i) => i.toString(36)).join(" ");
  const pages = cutFilterPages([filterOf(message, "one_more"), filterOf("a b")]);
  assert(ask(pages, 0, "absent") && ask(pages, 0, "missing"));
  assert(ask(pages, 1, "a") && !ask(pages, 1, "absent"));
});

Deno.test("a page says yes of what it does not know", () => {
  const pages = cutFilterPages(
    Array.from({ length: 4 }, (_, i) => filterOf(wordsOfFilter(i, 20_000).join(" "))),
  );
  assert.equal(pages.length, 2);
  const hash = hashToken("absent");
  const other = openFilterPage(pages[1 - pageOfToken(hash, 2)]!);
  assert(other.mayContain(0, hash));
  assert(openFilterPage(pages[pageOfToken(hash, 2)]!).mayContain(4, hash));
});

Deno.test("cutFilterPages() refuses more filters than a page tells apart, and damaged ones", () => {
  const filter = filterOf("a");
  assert.throws(() => cutFilterPages(Array(PAGED_FILTERS_MAX + 1).fill(filter)), RangeError);
  const damaged = filter.slice();
  damaged[20]! ^= 1;
  assert.throws(() => cutFilterPages([filter, damaged]), CorruptDataError);
});

Deno.test("openFilterPage() notices every damaged byte and survives forged ones", () => {
  const [page] = cutFilterPages([filterOf("a b c"), filterOf("d e")]);
  assertDamageIsNoticed(page!, openFilterPage);
  const hash = hashToken("a");
  assertForgeriesAreSurvived(page!, (bytes) => openFilterPage(bytes).mayContain(1, hash));
});
