import { SEVERITIES, type Stream } from "../record.ts";
import type { ScanSpec, Snapshot } from "../storage/mod.ts";
import { badParameter, integerValue, quote, singleValue } from "./_parameters.ts";
import { type NameClasses, nameClasses } from "./_name_classes.ts";
import { countClasses } from "./_row_classes.ts";
import { FIRST_VALUE, TOO_LONG, type ValueClasses, valueClasses } from "./_value_classes.ts";
import { type CommonestValues, ValueTally } from "./_value_tally.ts";
import type { LogFilters } from "./filters.ts";
import { FACET_LIMIT_MAX, FILTER_VALUE_UNITS_MAX } from "./limits.ts";
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
export interface Facets extends CommonestValues {
  readonly field: string;
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
  else if (isAttribute(field)) await tallyAttribute(snapshot, spec, field, tally);
  else await tallyStreams(snapshot, spec, field, tally);
  return { field, ...tally.commonest(limit) };
}

function isAttribute(field: string): field is `attr.${string}` {
  return field.startsWith("attr.");
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
      tally.addText(valueOf(run), run.count);
      return true;
    },
    rows({ streams, streamOf }, rows) {
      const counts = new Float64Array(streams.length);
      for (const row of rows) counts[streamOf[row]!]!++;
      for (const [i, stream] of streams.entries()) {
        if (counts[i]! > 0) tally.addText(valueOf(stream), counts[i]!);
      }
    },
  });
}

async function tallyAttribute(
  snapshot: Snapshot,
  spec: ScanSpec,
  field: `attr.${string}`,
  tally: ValueTally,
): Promise<void> {
  const name = field.slice("attr.".length);
  await snapshot.visitDigests<ValueClasses>(spec, {
    key: field,
    columns: [field],
    make: (columns) => valueClasses(columns, name),
    rows(classes, rows) {
      const counts = countClasses(classes, rows);
      tally.addUntold(counts[TOO_LONG]!);
      for (let i = FIRST_VALUE; i < counts.length; i++) {
        if (counts[i]! > 0) tally.add(classes.values, i - FIRST_VALUE, counts[i]!);
      }
    },
  });
}

async function tallyNames(snapshot: Snapshot, spec: ScanSpec, tally: ValueTally): Promise<void> {
  await snapshot.visitDigests<NameClasses>(spec, {
    key: "attr",
    columns: ["attributes"],
    make: nameClasses,
    rows(classes, rows) {
      const { names, namesOf } = classes;
      const counts = new Float64Array(names.size);
      countClasses(classes, rows).forEach((count, index) => {
        for (const name of namesOf[index]!) {
          if (name < 0) tally.addUntold(count);
          else counts[name]! += count;
        }
      });
      counts.forEach((count, name) => {
        if (count > 0) tally.add(names, name, count);
      });
    },
  });
}
