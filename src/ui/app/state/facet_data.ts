import { signal } from "@preact/signals";
import { type FacetValues, getFacet } from "../api/counts.ts";
import { isAbort, sentenceOf } from "../api/client.ts";
import { filterParams, withoutField } from "./filters.ts";
import { view } from "./navigation.ts";
import { openFacets } from "./preferences.ts";
import { currentBounds, results } from "./results.ts";

/** The values of a field, or why they are not known. */
export type FacetAnswer = FacetValues | { readonly error: string };

/** What the facets show, by field; `attr` has the attributes' names. */
export const facets = signal<ReadonlyMap<string, FacetAnswer>>(new Map());

/** Values of a field that are shown. */
const VALUES_MAX = 12;
/** Names of attributes that are shown. */
const NAMES_MAX = 12;

let controller = new AbortController();

/** Counts the fields that are shown anew. */
export async function loadFacets(): Promise<void> {
  controller.abort();
  controller = new AbortController();
  const { signal } = controller;
  if (results.peek()?.around !== undefined) return;
  // One after the other: rows and histogram come first, and a server has other guests.
  for (const field of ["severity", "service", "attr", ...openFacets.peek()]) {
    await loadFacet(field, signal);
    if (signal.aborted) return;
  }
}

/** Counts one more field. */
export function loadOneFacet(field: string): void {
  void loadFacet(field, controller.signal);
}

async function loadFacet(field: string, signal: AbortSignal): Promise<void> {
  const shown = results.peek();
  if (shown === undefined) return;
  // A field's own filter does not limit its facet: else a second value could never be added.
  const params = filterParams(withoutField(view.peek().filters, field));
  const { start, end } = currentBounds(shown.bounds);
  if (start !== undefined) params.set("timestamp_start", start);
  if (end !== undefined) params.set("timestamp_end", end);
  const limit = field === "attr" ? NAMES_MAX : VALUES_MAX;
  try {
    note(field, await getFacet(params, field, limit, signal));
  } catch (error) {
    if (!isAbort(error) && !signal.aborted) note(field, { error: sentenceOf(error) });
  }
}

function note(field: string, answer: FacetAnswer): void {
  facets.value = new Map(facets.peek()).set(field, answer);
}
