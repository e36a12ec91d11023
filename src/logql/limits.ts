/** @module Every bound of the Loki query side, with its reason. */

/** UTF-16 units of a query: some ten times the longest that dashboards hold, parsed in a few milliseconds. */
export const QUERY_UNITS_MAX = 65_536;

/** Parentheses and functions within one another: the parser's recursion. */
export const DEPTH_MAX = 100;

/** Stages, matchers and operands in a query; each costs something for each record. */
export const PARTS_MAX = 500;

/** Range aggregations in a query; each reads the store once. */
export const RANGES_MAX = 20;

/** Lines in an answer if the request does not say, and at most: Loki's own defaults. */
export const ENTRIES_DEFAULT = 100;
/** See {@linkcode ENTRIES_DEFAULT}. */
export const ENTRIES_MAX = 5_000;

/** Bytes of the lines and labels of an answer: 5,000 lines of the greatest length would be 320 MB in memory. */
export const ENTRIES_BYTES_MAX = 64 * 1024 * 1024;

/** Points of a series: Loki's and Prometheus' own bound. */
export const STEPS_MAX = 11_000;

/** Series in an answer: Loki's default. */
export const SERIES_MAX = 500;

/**
 * Points of all series that an expression works with, before functions such as `topk` or `max` make them fewer: 500 series
 * of the greatest length, 50 MB.
 */
export const POINTS_MAX = SERIES_MAX * STEPS_MAX;

/**
 * What a range aggregation counts apart while it reads: one for each series and piece of time that has records, at some
 * 50 bytes for a count and 150 for unwrapped values.
 */
export const PANES_MAX = 500_000;

/** Values that a quantile keeps until they can be sorted. */
export const QUANTILE_VALUES_MAX = 1_000_000;

/** Values in all windows of a quantile, which may lie in many each: some seconds of sorting. */
export const QUANTILE_SORTED_MAX = 10_000_000;

/** Names of labels, and distinct values of one, that a listing gives. */
export const LISTED_MAX = 10_000;

/** Streams (services with a severity) of which a listing of labels or of series looks at records. */
export const SAMPLED_STREAMS_MAX = 100;

/** The newest records of each of them that it looks at. */
export const SAMPLED_ROWS_MAX = 200;

/** Label sets that a listing of series gives. */
export const LISTED_SERIES_MAX = 1_000;

/** Distinct values of which is remembered whether a regular expression matches them, by each expression. */
export const REMEMBERED_VALUES_MAX = 1_000;

/** UTF-16 units of what a template makes: four of the longest messages. A label that is put into itself doubles each time. */
export const TEMPLATE_UNITS_MAX = 262_144;

/** Objects within one another of which a JSON line's labels are made: deeper names are of no use to anyone. */
export const JSON_DEPTH_MAX = 32;

/** Points calculated with before other requests get a turn: some milliseconds. */
export const TURN_POINTS_MAX = 100_000;
