import { allOf } from "../query/mod.ts";
import type { RowRef } from "../record.ts";
import type { RowPredicate } from "../storage/mod.ts";
import type { LogExpr } from "./ast.ts";
import { LEVELS } from "./levels.ts";
import { planLog, wantsStream, wholePredicate } from "./plan.ts";
import { Regexes } from "./regexes.ts";
import { linesOf, type LogLine } from "./run_log.ts";

/** A log query for records as they come. */
export interface LiveQuery {
  /** Decides about records of any stream; needs every text column that they have. */
  readonly predicate: RowPredicate;
  /** Makes lines of records that the predicate let through. */
  lines(rows: readonly RowRef[]): LogLine[];
}

/** Compiles a log query for records as they come. @throws {LogqlError} for a bad query */
export function compileLive(expr: LogExpr): LiveQuery {
  const plan = planLog(expr, new Regexes());
  const byStream: RowPredicate = {
    columns: [],
    requiredTokens: [],
    select({ streams, streamOf }, rows) {
      const wanted = streams.map(({ service, severity }) =>
        wantsStream(plan, { service, level: LEVELS[severity] })
      );
      return wanted.includes(false) ? rows.filter((row) => wanted[streamOf[row]!]) : rows;
    },
  };
  const rest = wholePredicate(plan);
  return {
    predicate: rest === undefined ? byStream : allOf([byStream, rest])!,
    lines: (rows) => linesOf(plan, rows),
  };
}
