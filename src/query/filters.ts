import {
  type Instant,
  parseInstant,
  parseSeverity,
  SERVICE_CHARS_MAX,
  SEVERITIES,
  type SeverityCode,
} from "../record.ts";
import type { RowPredicate } from "../storage/mod.ts";
import { badParameter, quote, singleValue } from "./_parameters.ts";
import { FILTER_VALUE_UNITS_MAX, FILTER_VALUES_MAX, TEXT_QUERY_UNITS_MAX } from "./limits.ts";
import { parseTextQuery, type TextQuery } from "./text_query.ts";

/** One attribute and the values of which a record must have one. */
export interface AttributeFilter {
  readonly name: string;
  /** A string attribute's value itself, any other's JSON. */
  readonly values: readonly string[];
}

/** What a request wants to see, read from its parameters. An absent field does not limit; ends are inclusive. */
export interface LogFilters {
  readonly timestampStart: Instant | undefined;
  readonly timestampEnd: Instant | undefined;
  readonly receivedStartMs: number | undefined;
  readonly receivedEndMs: number | undefined;
  readonly services: readonly string[] | undefined;
  readonly notServices: readonly string[];
  readonly severities: readonly SeverityCode[] | undefined;
  readonly notSeverities: readonly SeverityCode[];
  readonly minSeverity: SeverityCode | undefined;
  readonly traceIds: readonly string[];
  readonly attributes: readonly AttributeFilter[];
  readonly notAttributes: readonly AttributeFilter[];
  readonly text: TextQuery | undefined;
  /** `q` as it was given. */
  readonly textSource: string | undefined;
  /** What another query language wants beside; no parameter of this one. */
  readonly where?: RowPredicate;
}

/** The filter parameters; `attr.NAME` and `not_attr.NAME` stand for one for each attribute. */
export const FILTER_PARAMETERS: readonly string[] = [
  "timestamp_start",
  "timestamp_end",
  "received_at_start",
  "received_at_end",
  "service",
  "not_service",
  "severity",
  "not_severity",
  "min_severity",
  "q",
  "trace_id",
  "attr.NAME",
  "not_attr.NAME",
];

const ATTRIBUTE = "attr.";
const NOT_ATTRIBUTE = "not_attr.";

/**
 * Reads the filter parameters of a request.
 * @param others names of the parameters that the route reads itself
 * @throws {InvalidParameterError} for a parameter that is neither a filter nor in `others`, and for a bad value
 * @throws {QuerySyntaxError} for a bad `q`
 */
export function parseLogFilters(
  params: URLSearchParams,
  others: readonly string[] = [],
): LogFilters {
  checkNames(params, others);
  const receivedStart = instantValue(params, "received_at_start");
  const textSource = singleValue(params, "q");
  if (textSource !== undefined) checkLength("q", textSource, TEXT_QUERY_UNITS_MAX);
  return {
    timestampStart: instantValue(params, "timestamp_start"),
    timestampEnd: instantValue(params, "timestamp_end"),
    // Receipt is known to the millisecond: one that an instant lies within began before it.
    receivedStartMs: receivedStart && receivedStart.ms + (receivedStart.ns > 0 ? 1 : 0),
    receivedEndMs: instantValue(params, "received_at_end")?.ms,
    services: params.has("service") ? serviceValues(params, "service") : undefined,
    notServices: serviceValues(params, "not_service"),
    severities: params.has("severity") ? severityValues(params, "severity") : undefined,
    notSeverities: severityValues(params, "not_severity"),
    minSeverity: severityOf("min_severity", singleValue(params, "min_severity")),
    traceIds: filledValues(params, "trace_id", FILTER_VALUE_UNITS_MAX),
    attributes: attributeFilters(params, ATTRIBUTE),
    notAttributes: attributeFilters(params, NOT_ATTRIBUTE),
    text: textSource === undefined ? undefined : parseTextQuery(textSource),
    textSource,
  };
}

/** Whether filters let every record through. */
export function isUnfiltered(filters: LogFilters): boolean {
  return filters.services === undefined && filters.severities === undefined &&
    filters.notServices.length === 0 && filters.notSeverities.length === 0 &&
    filters.minSeverity === undefined && filtersStreamsOnly(filters);
}

/** Whether filters look at nothing but services and severities, so that streams match as wholes. */
export function filtersStreamsOnly(filters: LogFilters): boolean {
  return filters.timestampStart === undefined && filters.timestampEnd === undefined &&
    filters.receivedStartMs === undefined && filters.receivedEndMs === undefined &&
    filters.traceIds.length === 0 && filters.attributes.length === 0 &&
    filters.notAttributes.length === 0 && filters.text === undefined && filters.where === undefined;
}

function checkNames(params: URLSearchParams, others: readonly string[]): void {
  const known = [...FILTER_PARAMETERS, ...others];
  for (const name of params.keys()) {
    if (name.startsWith(ATTRIBUTE) && name !== ATTRIBUTE) continue;
    if (name.startsWith(NOT_ATTRIBUTE) && name !== NOT_ATTRIBUTE) continue;
    if (!known.includes(name)) {
      throw badParameter(name, `it is unknown; known are ${known.join(", ")}`);
    }
  }
}

/**
 * A time, or `undefined` if the parameter is not given.
 * @throws {InvalidParameterError} if it is not a time
 */
export function instantValue(params: URLSearchParams, name: string): Instant | undefined {
  const text = singleValue(params, name);
  if (text === undefined) return undefined;
  // A + that was not percent-encoded arrives as a space, and no time is written with one there.
  const instant = parseInstant(text.replace(/^(.{19,29}) (\d\d:\d\d)$/, "$1+$2"));
  if (instant === undefined) {
    const right = "an RFC 3339 time from 0001 to 9999, such as 2025-04-01T12:00:00Z";
    throw badParameter(name, `${quote(text)} is not ${right}`);
  }
  return instant;
}

/**
 * The services that a repeatable parameter names, none if it is not given.
 * @throws {InvalidParameterError} for a name that no service can have, and for too many
 */
export function serviceValues(params: URLSearchParams, name: string): string[] {
  const values = filledValues(params, name, FILTER_VALUE_UNITS_MAX);
  for (const value of values) {
    if ([...value].length > SERVICE_CHARS_MAX) {
      const found = `${quote(value)} is longer than the ${SERVICE_CHARS_MAX} characters`;
      throw badParameter(name, `${found} that the name of a service can have`);
    }
  }
  return values;
}

/**
 * The severities that a repeatable parameter names, none if it is not given.
 * @throws {InvalidParameterError} for an unknown severity, and for too many
 */
export function severityValues(params: URLSearchParams, name: string): SeverityCode[] {
  const values = filledValues(params, name, FILTER_VALUE_UNITS_MAX);
  return [...new Set(values.map((value) => severityOf(name, value)))];
}

function severityOf(name: string, text: string): SeverityCode;
function severityOf(name: string, text: string | undefined): SeverityCode | undefined;
function severityOf(name: string, text: string | undefined): SeverityCode | undefined {
  if (text === undefined) return undefined;
  const severity = parseSeverity(text);
  if (severity === undefined) {
    const right = `${SEVERITIES.join(", ")} or an alias of one`;
    throw badParameter(name, `${quote(text)} is none of ${right}`);
  }
  return severity;
}

function attributeFilters(params: URLSearchParams, prefix: string): AttributeFilter[] {
  const names = new Set([...params.keys()].filter((name) => name.startsWith(prefix)));
  if (names.size > FILTER_VALUES_MAX) {
    const found = `it is one of ${names.size} attributes`;
    throw badParameter(`${prefix}NAME`, `${found}; at most ${FILTER_VALUES_MAX} can be given`);
  }
  return [...names].map((name) => {
    const attribute = name.slice(prefix.length);
    checkLength(name, attribute, FILTER_VALUE_UNITS_MAX);
    // An attribute's value may be the empty string.
    return { name: attribute, values: values(params, name, FILTER_VALUE_UNITS_MAX) };
  });
}

function filledValues(params: URLSearchParams, name: string, unitsMax: number): string[] {
  const given = values(params, name, unitsMax);
  if (given.includes("")) throw badParameter(name, "it is empty; give a value or leave it out");
  return given;
}

function values(params: URLSearchParams, name: string, unitsMax: number): string[] {
  const given = params.getAll(name);
  if (given.length > FILTER_VALUES_MAX) {
    const found = `it is given ${given.length} times`;
    throw badParameter(name, `${found}; at most ${FILTER_VALUES_MAX} can be given`);
  }
  for (const value of given) checkLength(name, value, unitsMax);
  return [...new Set(given)];
}

function checkLength(name: string, value: string, unitsMax: number): void {
  if (value.length > unitsMax) {
    throw badParameter(name, `it has ${value.length} characters; at most ${unitsMax} are allowed`);
  }
}
