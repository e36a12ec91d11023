import { SEVERITIES, type Stream } from "../record.ts";
import type { ScanSpec, Snapshot } from "../storage/mod.ts";
import { badParameter, integerValue, quote, singleValue } from "./_parameters.ts";
import { attributeNames, AttributeReader } from "./attribute_values.ts";
import type { LogFilters } from "./filters.ts";
import {
  FACET_LIMIT_MAX,
  FACET_VALUE_UNITS_MAX,
  FACET_VALUES_COUNTED_MAX,
  FILTER_VALUE_UNITS_MAX,
} from "./limits.ts";
import { planScan, type ReadScope } from "./plan.ts";

/** The parameters that {@linkcode parseFacetOptions} reads. */
export const FACET_PARAMETERS: readonly string[] = ["field", "limit"];

/** What to count. */
export interface FacetOptions {
  /** `service`, `severity`, `attr.NAME`, or `attr` for the attributes' names. */
  readonly field: string;
  /** Values to list at most. */
  readonly limit: number;
}

/** The commonest values of a field among the matches. */
export interface Facets {
  readonly field: string;
  /** By descending count, then by value. */
  readonly values: readonly FacetValue[];
  /** Records whose value is not listed. */
  readonly others: number;
  /** Values were too many or too long to be told apart: some of `others` may be commoner than what is listed. */
  readonly truncated: boolean;
}

/** A value, a string itself or anything else as JSON, and how many records have it. */
export interface FacetValue {
  readonly value: string;
  readonly count: number;
}

/**
 * Reads `field` and `limit`.
 * @throws {InvalidParameterError} for a missing or unknown field, and for a bad limit
 */
export function parseFacetOptions(params: URLSearchParams): FacetOptions {
  const field = singleValue(params, "field");
  const right = "service, severity, attr.NAME, or attr for the attributes' names";
  if (field === undefined) throw badParameter("field", `it is missing; it can be ${right}`);
  const known = ["service", "severity", "attr"].includes(field) || /^attr\../s.test(field);
  if (!known || field.length > FILTER_VALUE_UNITS_MAX) {
    throw badParameter("field", `${quote(field)} is no field; it can be ${right}`);
  }
  const limit = integerValue(params, "limit", 1, FACET_LIMIT_MAX) ?? FACET_LIMIT_MAX;
  return { field, limit };
}

/**
 * Counts the values of a field over the matches. Of `attr` and `attr.NAME` only over those that have attributes, or the
 * attribute.
 */
export async function readFacets(
  snapshot: Snapshot,
  filters: LogFilters,
  scope: ReadScope,
  { field, limit }: FacetOptions,
): Promise<Facets> {
  const spec = planScan(snapshot, filters, scope);
  const tally = new ValueTally();
  if (field === "attr") await tallyNames(snapshot, spec, tally);
  else if (field.startsWith("attr.")) await tallyAttribute(snapshot, spec, field, tally);
  else await tallyStreams(snapshot, spec, field, tally);
  return { field, ...tally.toFacets(limit) };
}

/** Counts values up to a number of distinct ones, and all others together. */
class ValueTally {
  readonly #counts = new Map<string, number>();
  #untold = 0;

  add(value: string, count: number): void {
    const before = this.#counts.get(value);
    const tooMany = before === undefined && this.#counts.size === FACET_VALUES_COUNTED_MAX;
    if (tooMany || value.length > FACET_VALUE_UNITS_MAX) this.#untold += count;
    else this.#counts.set(value, (before ?? 0) + count);
  }

  toFacets(limit: number): Omit<Facets, "field"> {
    const all = [...this.#counts].map(([value, count]) => ({ value, count }));
    all.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
    const others = all.slice(limit).reduce((sum, { count }) => sum + count, this.#untold);
    return { values: all.slice(0, limit), others, truncated: this.#untold > 0 };
  }
}

async function tallyStreams(
  snapshot: Snapshot,
  spec: ScanSpec,
  field: string,
  tally: ValueTally,
): Promise<void> {
  const valueOf = field === "service"
    ? ({ service }: Stream) => service
    : ({ severity }: Stream) => SEVERITIES[severity];
  await snapshot.visit(spec, [], {
    whole(run) {
      tally.add(valueOf(run), run.count);
      return true;
    },
    rows({ streams, streamOf }, rows) {
      const counts = new Float64Array(streams.length);
      for (const row of rows) counts[streamOf[row]!]!++;
      for (const [i, stream] of streams.entries()) {
        if (counts[i]! > 0) tally.add(valueOf(stream), counts[i]!);
      }
    },
  });
}

async function tallyAttribute(
  snapshot: Snapshot,
  spec: ScanSpec,
  field: string,
  tally: ValueTally,
): Promise<void> {
  const name = field.slice("attr.".length);
  await snapshot.visit(spec, [`attr.${name}`], {
    rows(columns, rows) {
      const reader = new AttributeReader(columns, name);
      for (const row of rows) {
        const text = reader.text(row);
        if (text !== undefined) tally.add(text, 1);
      }
    },
  });
}

async function tallyNames(snapshot: Snapshot, spec: ScanSpec, tally: ValueTally): Promise<void> {
  await snapshot.visit(spec, ["attributes"], {
    rows(columns, rows) {
      for (const row of rows) {
        for (const name of attributeNames(columns, row)) tally.add(name, 1);
      }
    },
  });
}
