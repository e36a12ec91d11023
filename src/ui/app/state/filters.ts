import { SEVERITIES } from "../api/record.ts";

/** A value that a field must have, or must not have. */
export interface Term {
  /** `service`, `severity`, `trace_id` or `attr.NAME`. */
  readonly field: string;
  readonly value: string;
  readonly not: boolean;
}

/** What is looked for, without the time. */
export interface Filters {
  /** The text query; empty: none. */
  readonly q: string;
  /** The least severity; empty: any. */
  readonly minSeverity: string;
  readonly terms: readonly Term[];
}

/** Filters that let everything through. */
export const NO_FILTERS: Filters = { q: "", minSeverity: "", terms: [] };

/** Whether a URL's parameter is a term, and of which field. */
function termField(name: string): { field: string; not: boolean } | undefined {
  const not = name.startsWith("not_");
  const field = not ? name.slice(4) : name;
  const known = field === "service" || field === "severity" || (field === "trace_id" && !not) ||
    /^attr\../s.test(field);
  return known ? { field, not } : undefined;
}

/** Reads filters from parameters that may hold others too. */
export function readFilters(params: URLSearchParams): Filters {
  const terms: Term[] = [];
  for (const [name, value] of params) {
    const found = termField(name);
    if (found !== undefined) terms.push({ ...found, value });
  }
  return { q: params.get("q") ?? "", minSeverity: params.get("min_severity") ?? "", terms };
}

/** Filters as the API's parameters. */
export function filterParams(filters: Filters): URLSearchParams {
  const params = new URLSearchParams();
  if (filters.q.trim() !== "") params.set("q", filters.q);
  if (filters.minSeverity !== "") params.set("min_severity", filters.minSeverity);
  for (const { field, value, not } of filters.terms) {
    params.append(not ? `not_${field}` : field, value);
  }
  return params;
}

/** Whether two terms are about the same value of the same field. */
function sameValue(a: Term, b: Term): boolean {
  return a.field === b.field && a.value === b.value;
}

/** Adds a term; its opposite goes. */
export function withTerm(filters: Filters, term: Term): Filters {
  return { ...filters, terms: [...filters.terms.filter((other) => !sameValue(other, term)), term] };
}

/** Takes a term away. */
export function withoutTerm(filters: Filters, term: Term): Filters {
  return { ...filters, terms: filters.terms.filter((other) => !sameValue(other, term)) };
}

/** Adds a term, or takes it away if it is there: what a click on a facet does. */
export function toggleTerm(filters: Filters, term: Term): Filters {
  const present = filters.terms.some((other) => sameValue(other, term) && other.not === term.not);
  return present ? withoutTerm(filters, term) : withTerm(filters, term);
}

/** How a value is filtered now. */
export function termState(filters: Filters, field: string, value: string): "in" | "out" | "none" {
  const term = filters.terms.find((other) => other.field === field && other.value === value);
  return term === undefined ? "none" : term.not ? "out" : "in";
}

/** The same filters without those of one field: what the field's own facet counts. */
export function withoutField(filters: Filters, field: string): Filters {
  return {
    ...filters,
    minSeverity: field === "severity" ? "" : filters.minSeverity,
    terms: filters.terms.filter((term) => term.field !== field),
  };
}

/** Whether a severity is left out because it is below the least one. */
export function isBelowLeast(severity: string, { minSeverity }: Filters): boolean {
  return rank(severity) < rank(minSeverity);
}

/** Whether only errors and what is graver is let through: then being one is nothing special. */
export function isGraveOnly({ minSeverity, terms }: Filters): boolean {
  const chosen = terms.filter(({ field, not }) => field === "severity" && !not);
  return rank(minSeverity) >= rank("ERROR") ||
    (chosen.length > 0 && chosen.every(({ value }) => rank(value) >= rank("ERROR")));
}

function rank(severity: string): number {
  return SEVERITIES.findIndex((each) => each === severity);
}

/** Whether anything is filtered. */
export function isFiltered(filters: Filters): boolean {
  return filters.q.trim() !== "" || filters.minSeverity !== "" || filters.terms.length > 0;
}

/** A field's name for people. */
export function fieldLabel(field: string): string {
  if (field.startsWith("attr.")) return field.slice(5);
  return field === "trace_id" ? "trace" : field;
}
