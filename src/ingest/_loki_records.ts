/**
 * @module Loki's streams as our records, whichever encoding they come in.
 *
 * Labels, structured metadata and, where a line is a JSON object with a message, its members become attributes under their own
 * names; of two with one name and different values the second is `name_1`. Not among them are `service_name` or `service`, the
 * label that the severity was read from, and `trace_id` and `span_id`: they have fields of their own.
 */

import type { SeverityReading } from "../record.ts";
import { jsonText } from "./_json_text.ts";
import { PLAIN_INFO, severityOfLoggerValue } from "./_lenient_severity.ts";
import { fitsId } from "./_lenient_text.ts";
import { type JsonLine, readJsonLine } from "./_loki_line.ts";
import type { Label } from "./_loki_labels.ts";
import { WireRecords } from "./_wire_records.ts";

/** Labels that name a service, the first there is counts. The first two say nothing else; the others stay attributes. */
const SERVICE_LABELS = [
  "service_name",
  "service",
  "app",
  "application",
  "name",
  "container",
  "job",
];
const SERVICE_ONLY_LABELS = 2;

/** Labels, metadata and members of JSON lines that hold a severity, the first there is counts. */
const SEVERITY_LABELS = ["level", "severity", "detected_level", "lvl", "severity_text"];

/** Collects the records of one body. */
export class LokiRecords {
  readonly wire = new WireRecords();
  readonly #fallbackService: string | undefined;
  /** The current stream's, if its labels say, and the label that does. */
  #severity: SeverityReading | undefined;
  #severityLabel: Label | undefined;

  constructor(fallbackService: string | undefined) {
    this.#fallbackService = fallbackService;
  }

  /** Begins a stream. @param labels of names that differ */
  startStream(labels: readonly Label[]): void {
    const { wire } = this;
    const serviceAt = firstOf(labels, SERVICE_LABELS);
    const [serviceLabel = "", service] = labels[serviceAt] ?? [];
    const fits = wire.setService(service, this.#fallbackService);
    const isOnlyService = SERVICE_LABELS.indexOf(serviceLabel) < SERVICE_ONLY_LABELS;
    const severityAt = firstOf(labels, SEVERITY_LABELS);
    this.#severityLabel = labels[severityAt];
    this.#severity = severityAt < 0 ? undefined : severityOf(labels[severityAt]![1]);
    const isShared = (_: Label, i: number) =>
      i !== severityAt && !(i === serviceAt && fits && isOnlyService);
    wire.attributes.setContext(
      labels.filter(isShared).map(([name, value]) => [name, jsonText(value)]),
    );
  }

  /**
   * Adds an entry of the stream.
   * @param metadata structured metadata, if there is any
   */
  add(ms: number, ns: number, line: string, metadata?: readonly Label[]): void {
    const { wire } = this;
    wire.startRecord();
    wire.ms = ms;
    wire.ns = ns;
    let severity = this.#severity;
    if (metadata !== undefined && metadata.length > 0) {
      severity = this.#addMetadata(metadata, severity);
    }
    const json = line.charCodeAt(0) === 0x7b ? readJsonLine(line) : undefined;
    wire.message = json?.message ?? line;
    if (json !== undefined) severity = this.#addMembers(json, severity);
    // The attributes of a label's text that is too long are added here, one for each record.
    wire.setReading(severity ?? PLAIN_INFO);
    wire.endRecord();
  }

  #addMetadata(
    metadata: readonly Label[],
    severity: SeverityReading | undefined,
  ): SeverityReading | undefined {
    const severityAt = severity === undefined ? firstOf(metadata, SEVERITY_LABELS) : -1;
    metadata.forEach(([name, value], i) => {
      // winston-loki says the level in both.
      const [labelName, labelValue] = this.#severityLabel ?? [];
      if (i === severityAt || (name === labelName && value === labelValue)) return;
      if (!this.#setId(name, value)) this.wire.add(name, jsonText(value));
    });
    return severityAt < 0 ? severity : severityOf(metadata[severityAt]![1]);
  }

  #addMembers(
    line: JsonLine,
    severity: SeverityReading | undefined,
  ): SeverityReading | undefined {
    let from: string | undefined;
    for (const name of severity === undefined ? SEVERITY_LABELS : []) {
      const value = line.members[name];
      if (value === "") continue;
      severity = severityOfLoggerValue(value);
      if (severity === undefined) continue;
      from = name;
      break;
    }
    for (const name of Object.keys(line.members)) {
      if (name === from || name === line.messageName) continue;
      const value = line.members[name];
      if (typeof value === "string" && this.#setId(name, value)) continue;
      this.wire.add(
        name.toWellFormed(),
        typeof value === "string" ? jsonText(value) : JSON.stringify(value),
      );
    }
    return severity;
  }

  /** Takes an id, if that is what it is and there is none yet. */
  #setId(name: string, value: string): boolean {
    const { wire } = this;
    if (!fitsId(value)) return false;
    if (name === "trace_id" && wire.traceId === undefined) wire.traceId = value;
    else if (name === "span_id" && wire.spanId === undefined) wire.spanId = value;
    else return false;
    return true;
  }
}

/** The place of the first of `names` that a label has a value for; -1 if none. */
function firstOf(labels: readonly Label[], names: readonly string[]): number {
  for (const name of names) {
    const found = labels.findIndex((label) => label[0] === name && label[1] !== "");
    if (found >= 0) return found;
  }
  return -1;
}

/** A label's text as a severity: names, and the numbers that loggers use, as digits. */
function severityOf(text: string): SeverityReading {
  return severityOfLoggerValue(text) ?? PLAIN_INFO;
}
