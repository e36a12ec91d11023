import { attributeToken, traceToken } from "../codec/mod.ts";
import { allOf, type ReadScope, scopeAllows } from "../query/mod.ts";
import type { RecordColumns, TextColumn, TextColumnName } from "../record.ts";
import { type Instant, instantBefore } from "./instants.ts";
import type { RowPredicate, ScanSpec, Snapshot } from "../storage/mod.ts";
import type { LogExpr, Matcher } from "./ast.ts";
import { compileMatcher, type Condition, passingLevels } from "./conditions.ts";
import { Entry } from "./entry.ts";
import { LogqlError } from "./errors.ts";
import { isLevelLabel } from "./levels.ts";
import type { LineTest } from "./line_filters.ts";
import { compilePipeline, type Pipeline, runSteps } from "./pipeline.ts";
import type { Regexes } from "./regexes.ts";
import {
  ALL_LABEL_COLUMNS,
  columnsOfLabel,
  isPlainName,
  isServiceLabel,
  isStreamLabel,
  RowLabels,
} from "./row_labels.ts";

/** A compiled selector and pipeline. */
export interface LogPlan {
  readonly services: readonly Condition[];
  readonly levels: readonly Condition[];
  /** What decides about rows of such services and levels; `undefined`: nothing does. */
  readonly predicate: RowPredicate | undefined;
  readonly pipeline: Pipeline;
}

/** A range of time, its first moment included and its last excluded. */
export interface TimeRange {
  readonly start: Instant;
  readonly end: Instant;
}

/**
 * Compiles a selector and its pipeline, without the steps of which the order counts.
 * @throws {LogqlError} for a bad regular expression or the like, and for a selector that every stream could match
 */
export function planLog({ matchers, stages }: LogExpr, regexes: Regexes): LogPlan {
  const selected = matchers.map((matcher) => compileMatcher(matcher, regexes));
  if (selected.every(({ passes }) => passes(""))) {
    throw new LogqlError(
      "parse error : queries require at least one regexp or equality matcher that does not have an " +
        'empty-compatible value. For instance, app=~".*" does not meet this requirement, but app=~".+" will',
    );
  }
  const pipeline = compilePipeline(stages, regexes);
  const conditions = [...selected, ...pipeline.matchers.map((one) => compileMatcher(one, regexes))];
  return {
    services: conditions.filter(({ name }) => isServiceLabel(name)),
    levels: conditions.filter(({ name }) => isLevelLabel(name)),
    predicate: allOf([
      ...conditions.filter(({ name }) => !isStreamLabel(name)).map(labelPredicate),
      ...pipeline.lineTests.map(linePredicate),
    ]),
    pipeline,
  };
}

/** Conditions on labels alone, for listings: any selector is right. @throws {LogqlError} for a bad regular expression */
export function planSelector(matchers: readonly Matcher[], regexes: Regexes): LogPlan {
  const all: Matcher = { name: "service_name", op: "=~", value: ".+" };
  return planLog({ kind: "log", matchers: [...matchers, all], stages: [] }, regexes);
}

/** The scan that finds what a plan wants within a range. */
export function planScan(
  snapshot: Snapshot,
  plan: LogPlan,
  scope: ReadScope,
  { start, end }: TimeRange,
  predicate: RowPredicate | undefined = plan.predicate,
): ScanSpec {
  const isEmpty = start.ms > end.ms || (start.ms === end.ms && start.ns >= end.ns);
  return {
    from: start,
    to: instantBefore(end),
    services: isEmpty ? [] : servicesOf(snapshot, plan.services, scope),
    severities: severitiesOf(plan.levels),
    predicate,
  };
}

/** Whether a stream is of a plan's service and level. */
export function wantsStream(
  { services, levels }: LogPlan,
  { service, level }: { readonly service: string; readonly level: string },
): boolean {
  return services.every(({ passes }) => passes(service)) &&
    levels.every(({ passes }) => passes(level));
}

function servicesOf(
  snapshot: Snapshot,
  conditions: readonly Condition[],
  scope: ReadScope,
): readonly string[] | undefined {
  // Every record has a service: what lets all through is no condition.
  if (conditions.length === 0) return scope.services;
  const known = new Set(snapshot.streamTotals().map(({ service }) => service));
  const passing = [...known].filter((service) =>
    scopeAllows(scope, service) && conditions.every(({ passes }) => passes(service))
  );
  return passing.length === known.size ? undefined : passing;
}

function severitiesOf(conditions: readonly Condition[]): readonly number[] | undefined {
  if (conditions.length === 0) return undefined;
  return conditions.map(passingLevels).reduce((left, passing) =>
    left.filter((code) => passing.includes(code))
  );
}

function labelPredicate({ name, passes, only }: Condition): RowPredicate {
  const columns = columnsOfLabel(name);
  return {
    columns,
    requiredTokens: only === undefined ? [] : tokensOf(name, only),
    select(columns, rows) {
      const labels = new RowLabels(columns);
      return rows.filter((row) => passes(labels.get(row, name)));
    },
  };
}

/** What the filter of a segment must have where a label has a value; none where an attribute of another name may be it. */
function tokensOf(name: string, value: string): string[] {
  if (name === "trace_id") return [traceToken(value)];
  return isPlainName(name) ? [attributeToken(name, value)] : [];
}

function linePredicate(test: LineTest): RowPredicate {
  return {
    columns: ["message"],
    requiredTokens: test.words,
    select: (columns, rows) => test.select(messagesOf(columns), rows),
  };
}

/** A plan's predicate together with those of its steps that filter. */
export function wholePredicate({ predicate, pipeline }: LogPlan): RowPredicate | undefined {
  const steps = pipeline.steps.slice(0, pipeline.filterSteps);
  const before = predicate === undefined ? [] : [predicate];
  if (steps.length === 0) return predicate;
  return allOf([...before, {
    columns: pipeline.columns,
    requiredTokens: [],
    select(columns, rows) {
      const entry = new Entry(columns, rows, pipeline.reads);
      return rows.filter((_, place) => {
        entry.start(place);
        return runSteps(steps, entry);
      });
    },
  }]);
}

/** The columns that an entry's line and all of its labels are read from. */
export const ENTRY_COLUMNS: readonly TextColumnName[] = ["message", ...ALL_LABEL_COLUMNS];

function messagesOf({ texts }: RecordColumns): TextColumn {
  const messages = texts.get("message");
  if (messages === undefined) throw new TypeError("Cannot filter lines: none is loaded");
  return messages;
}
