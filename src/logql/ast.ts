/** @module LogQL as data: https://grafana.com/docs/loki/latest/query/. Times are in milliseconds. */

/** How a label's value is compared as a text. */
export type MatchOp = "=" | "!=" | "=~" | "!~";

/** A comparison of a label's value as a text; a label that is absent has the empty text. */
export interface Matcher {
  readonly name: string;
  readonly op: MatchOp;
  readonly value: string;
}

/** A comparison of numbers. */
export type CompareOp = "==" | "!=" | ">" | ">=" | "<" | "<=";

/** What kind of number a label's value is read as. */
export type Unit = "number" | "duration" | "bytes";

/** A condition on a line's labels. */
export type LabelFilter =
  | { readonly kind: "match"; readonly matcher: Matcher }
  | {
    readonly kind: "compare";
    readonly name: string;
    readonly op: CompareOp;
    /** Seconds, if it is a duration. */
    readonly value: number;
    readonly unit: Unit;
  }
  | { readonly kind: "and" | "or"; readonly left: LabelFilter; readonly right: LabelFilter };

/** How a line is searched. */
export type LineOp = "|=" | "!=" | "|~" | "!~";

/** Keeps lines that one of some texts is found in, or (`!=`, `!~`) none of them. */
export interface LineFilter {
  readonly kind: "line";
  readonly op: LineOp;
  readonly values: readonly string[];
}

/** A label and where in a structured line its value stands. */
export interface Extraction {
  readonly name: string;
  readonly path: string;
}

/** What `label_format` makes a label of: another label, which goes, or a template. */
export interface LabelFormat {
  readonly name: string;
  readonly from?: string;
  readonly template?: string;
}

/** What `drop` or `keep` names: a label, or one with such a value. */
export interface NamedLabel {
  readonly name: string;
  readonly matcher?: Matcher;
}

/** One step of a pipeline. */
export type Stage =
  | LineFilter
  | { readonly kind: "label"; readonly filter: LabelFilter }
  | { readonly kind: "json"; readonly extractions: readonly Extraction[] }
  | {
    readonly kind: "logfmt";
    readonly strict: boolean;
    readonly keepEmpty: boolean;
    readonly extractions: readonly Extraction[];
  }
  | { readonly kind: "regexp" | "pattern"; readonly pattern: string }
  | { readonly kind: "unpack" | "decolorize" }
  | { readonly kind: "line_format"; readonly template: string }
  | { readonly kind: "label_format"; readonly formats: readonly LabelFormat[] }
  | { readonly kind: "drop" | "keep"; readonly labels: readonly NamedLabel[] };

/** A stream selector and its pipeline. */
export interface LogExpr {
  readonly kind: "log";
  readonly matchers: readonly Matcher[];
  readonly stages: readonly Stage[];
}

/** The label whose value is a sample's. */
export interface Unwrap {
  readonly name: string;
  /** Seconds, if it is a duration. */
  readonly unit: Unit;
  /** Conditions on the lines that have such a value. */
  readonly filters: readonly LabelFilter[];
}

/** Functions over what lies in a range of time. */
export const RANGE_OPS = [
  "count_over_time",
  "rate",
  "bytes_over_time",
  "bytes_rate",
  "absent_over_time",
  "sum_over_time",
  "avg_over_time",
  "min_over_time",
  "max_over_time",
  "first_over_time",
  "last_over_time",
  "stddev_over_time",
  "stdvar_over_time",
  "quantile_over_time",
] as const;

/** See {@linkcode RANGE_OPS}. */
export type RangeOp = typeof RANGE_OPS[number];

/** By which labels series are put together: by those, or by all but those. */
export interface Grouping {
  readonly without: boolean;
  readonly names: readonly string[];
}

/** A function over the lines of a range of time before each point. */
export interface RangeExpr {
  readonly kind: "range";
  readonly op: RangeOp;
  readonly param?: number;
  readonly log: LogExpr;
  readonly unwrap?: Unwrap;
  readonly rangeMs: number;
  readonly offsetMs: number;
  readonly grouping?: Grouping;
}

/** Functions over the series of one point. */
export const VECTOR_OPS = [
  "sum",
  "avg",
  "min",
  "max",
  "count",
  "stddev",
  "stdvar",
  "topk",
  "bottomk",
  "sort",
  "sort_desc",
] as const;

/** See {@linkcode VECTOR_OPS}. */
export type VectorOp = typeof VECTOR_OPS[number];

/** A function over the series of each point. */
export interface AggregateExpr {
  readonly kind: "aggregate";
  readonly op: VectorOp;
  readonly param?: number;
  readonly expr: MetricExpr;
  readonly grouping?: Grouping;
}

/** Operators between two metric expressions, from those that bind least to those that bind most. */
export const BINARY_OPS = [
  ["or"],
  ["and", "unless"],
  ["==", "!=", ">", ">=", "<", "<="],
  ["+", "-"],
  ["*", "/", "%"],
  ["^"],
] as const;

/** See {@linkcode BINARY_OPS}. */
export type BinaryOp = typeof BINARY_OPS[number][number];

/** Which series of both sides go together. */
export interface Matching {
  /** By these labels, or by all but these. */
  readonly on: boolean;
  readonly names: readonly string[];
  /** The side of which several series may go with one of the other. */
  readonly many?: "left" | "right";
  /** Labels that the result takes from the other side. */
  readonly include: readonly string[];
}

/** Two expressions with an operator between them. */
export interface BinaryExpr {
  readonly kind: "binary";
  readonly op: BinaryOp;
  readonly left: MetricExpr;
  readonly right: MetricExpr;
  /** A comparison gives 1 or 0 instead of leaving out what it does not hold for. */
  readonly bool: boolean;
  readonly matching?: Matching;
}

/** An expression whose value is a number, or numbers over time. */
export type MetricExpr =
  | RangeExpr
  | AggregateExpr
  | BinaryExpr
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "vector"; readonly value: number };

/** A whole query. */
export type Query = LogExpr | MetricExpr;
