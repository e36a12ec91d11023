import { type CanaryFinding, hasProblem } from "./canary.ts";
import { counted, type Counters, sumCounters } from "./counters.ts";
import type { ServiceState } from "./crew.ts";
import { formatCount } from "./output.ts";

/** A run that has ended. */
export interface RunResult {
  readonly run: string;
  readonly seed: number;
  /** From the first record to the last answer. */
  readonly elapsedMs: number;
  readonly services: readonly ServiceState[];
  /** Of each service, if the run was a canary. */
  readonly canary?: readonly CanaryFinding[];
}

/** 1 if a service failed, nothing of what was sent was stored, or the canary found a problem; else 0. */
export function exitCodeOf(result: RunResult): number {
  const sum = sumCounters(result.services.map(({ counters }) => counters));
  const failed = result.services.some(({ failure }) => failure !== undefined) ||
    (counted(sum, "sent") > 0 && counted(sum, "accepted") === 0) ||
    (result.canary ?? []).some(hasProblem);
  return failed ? 1 : 0;
}

/** The run in a line, and one for each thing that went wrong; ends with `\n`. */
export function summaryText(result: RunResult): string {
  const sum = sumCounters(result.services.map(({ counters }) => counters));
  const count = (name: Parameters<typeof counted>[1]) => counted(sum, name);
  const seconds = result.elapsedMs / 1000;
  const more = (["unconfirmed", "delayed"] as const)
    .filter((name) => count(name) > 0)
    .map((name) => `, ${formatCount(count(name))} ${name}`);
  const lines = [
    ...result.services.flatMap(({ service, failure }) =>
      failure === undefined ? [] : [`${service} ${failure}`]
    ),
    `Sent ${formatCount(count("sent"))} records from ${plural(result.services.length, "service")}` +
    ` in ${seconds.toFixed(1)} s (${formatCount(perSecond(count("sent"), result.elapsedMs))}/s): ` +
    `${formatCount(count("accepted"))} accepted, ${formatCount(count("refused"))} refused, ` +
    `${formatCount(count("retries"))} retries${more.join("")}`,
    ...(result.canary === undefined ? [] : canaryLines(result.canary)),
  ];
  return lines.map((line) => line + "\n").join("");
}

function canaryLines(findings: readonly CanaryFinding[]): string[] {
  const all = (pick: (finding: CanaryFinding) => number) =>
    formatCount(findings.reduce((sum, finding) => sum + pick(finding), 0));
  return [
    ...findings.filter(hasProblem).map((finding) =>
      `${finding.service}: ${finding.missing} missing, ${finding.duplicates} duplicate, ` +
      `${finding.outOfOrder} out of order, ${finding.unexpected} unexpected` +
      (finding.incomplete === undefined ? "" : `; the server left out: ${finding.incomplete}`)
    ),
    `Canary read back ${all((finding) => finding.read)} records: ` +
    `${all((finding) => finding.missing)} missing, ` +
    `${all((finding) => finding.duplicates)} duplicate, ` +
    `${all((finding) => finding.outOfOrder)} out of order, ` +
    `${all((finding) => finding.unexpected)} unexpected`,
  ];
}

/** The run as one JSON object on one line; ends with `\n`. */
export function summaryJson(result: RunResult): string {
  const sum = sumCounters(result.services.map(({ counters }) => counters));
  return JSON.stringify({
    run: result.run,
    seed: result.seed,
    seconds: result.elapsedMs / 1000,
    services: result.services.length,
    ...countersJson(sum),
    per_second: perSecond(counted(sum, "sent"), result.elapsedMs),
    per_service: result.services.map(({ service, counters, failure }) => ({
      service,
      ...countersJson(counters),
      ...(failure === undefined ? {} : { failure }),
    })),
    ...(result.canary === undefined ? {} : { canary: result.canary.map(findingJson) }),
    ok: exitCodeOf(result) === 0,
  }) + "\n";
}

function countersJson(counters: Counters): Record<string, number> {
  return {
    sent: counted(counters, "sent"),
    accepted: counted(counters, "accepted"),
    refused: counted(counters, "refused"),
    unconfirmed: counted(counters, "unconfirmed"),
    delayed: counted(counters, "delayed"),
    retries: counted(counters, "retries"),
    batches: counted(counters, "batches"),
  };
}

function findingJson({ outOfOrder, ...rest }: CanaryFinding): Record<string, unknown> {
  return { ...rest, out_of_order: outOfOrder };
}

function perSecond(records: number, elapsedMs: number): number {
  return elapsedMs > 0 ? Math.round(records * 1000 / elapsedMs) : 0;
}

function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}
