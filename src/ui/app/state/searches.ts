import { stored } from "./stored.ts";

/** A search that can be repeated. */
export interface KeptSearch {
  readonly label: string;
  /** The URL's query string. */
  readonly url: string;
}

/** More would be a list to search in. */
const RECENT_MAX = 8;
const SAVED_MAX = 50;

/** The last text queries, newest first. */
export const recentQueries = stored<readonly string[]>("recent", [], (value) => {
  const fits = Array.isArray(value) && value.every((item) => typeof item === "string");
  return fits ? value : undefined;
});

/** Searches that somebody gave a name, newest first. */
export const savedSearches = stored<readonly KeptSearch[]>("saved", [], (value) => {
  return Array.isArray(value) && value.every(isKept) ? value : undefined;
});

function isKept(value: unknown): boolean {
  return typeof value === "object" && value !== null &&
    "label" in value && typeof value.label === "string" &&
    "url" in value && typeof value.url === "string";
}

/** Remembers a text query that was run. */
export function rememberQuery(q: string): void {
  if (q.trim() === "") return;
  const others = recentQueries.peek().filter((other) => other !== q);
  recentQueries.value = [q, ...others].slice(0, RECENT_MAX);
}

/** Saves a search; one with the same name is replaced. */
export function saveSearch(search: KeptSearch): void {
  const others = savedSearches.peek().filter(({ label }) => label !== search.label);
  savedSearches.value = [search, ...others].slice(0, SAVED_MAX);
}

/** Forgets a saved search. */
export function dropSearch(label: string): void {
  savedSearches.value = savedSearches.peek().filter((other) => other.label !== label);
}
