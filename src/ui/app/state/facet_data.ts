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

/** Values of a field that are shown, at first and on demand: what somebody looks through before searching is quicker. */
const VALUES_MAX = 12;
const MORE_VALUES_MAX = 200;
/** Names of attributes that are shown. */
const NAMES_MAX = 12;

/** Fields of which more values are shown. */
export const longFacets = signal<ReadonlySet<string>>(new Set());

let controller = new AbortController();
/** What decided the order of the values that are shown. */
let orderedFor = "";

/** Counts the fields that are shown anew. */
export async function loadFacets(): Promise<void> {
  controller.abort();
  controller = new AbortController();
  const { signal } = controller;
  if (results.peek()?.around !== undefined) return;
  const { filters: { q }, range } = view.peek();
  const order = JSON.stringify([q, range]);
  // While values are chosen or counted anew they stay where they are: somebody is about to click one.
  const keepsOrder = order === orderedFor;
  orderedFor = order;
  // One after the other: rows and histogram come first, and a server has other guests.
  for (const field of ["severity", "service", "attr", ...openFacets.peek()]) {
    await loadFacet(field, signal, keepsOrder);
    if (signal.aborted) return;
  }
}

/** Counts one more field. */
export function loadOneFacet(field: string): void {
  void loadFacet(field, controller.signal, true);
}

/** Shows more values of a field, or again only the commonest. */
export function toggleLong(field: string): void {
  const fields = new Set(longFacets.peek());
  if (!fields.delete(field)) fields.add(field);
  longFacets.value = fields;
  loadOneFacet(field);
}

async function loadFacet(field: string, signal: AbortSignal, keepsOrder: boolean): Promise<void> {
  const shown = results.peek();
  if (shown === undefined) return;
  // A field's own filter does not limit its facet: else a second value could never be added.
  const params = filterParams(withoutField(view.peek().filters, field));
  const { start, end } = currentBounds(shown.bounds);
  if (start !== undefined) params.set("timestamp_start", start);
  if (end !== undefined) params.set("timestamp_end", end);
  const most = longFacets.peek().has(field) ? MORE_VALUES_MAX : VALUES_MAX;
  const limit = field === "attr" ? NAMES_MAX : most;
  try {
    const answer = await getFacet(params, field, limit, signal);
    note(field, keepsOrder ? inOrderOf(facets.peek().get(field), answer) : answer);
  } catch (error) {
    if (!isAbort(error) && !signal.aborted) note(field, { error: sentenceOf(error) });
  }
}

function note(field: string, answer: FacetAnswer): void {
  facets.value = new Map(facets.peek()).set(field, answer);
}

/** Puts values that were there before in the order in which they were, and before new ones. */
function inOrderOf(before: FacetAnswer | undefined, answer: FacetValues): FacetValues {
  if (before === undefined || "error" in before) return answer;
  const places = new Map(before.values.map(({ value }, place) => [value, place]));
  const placeOf = ({ value }: { value: string }) => places.get(value) ?? Infinity;
  const values = answer.values.toSorted((a, b) => {
    const [first, second] = [placeOf(a), placeOf(b)];
    return first === second ? 0 : first - second;
  });
  return { ...answer, values };
}
