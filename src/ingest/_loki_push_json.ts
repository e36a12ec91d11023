/** @module Loki's push request in JSON: of its API v1, and as its first one had it (`labels` and `entries`). */

import { type Instant, parseInstantInto } from "../record.ts";
import type { JsonFields, JsonObject } from "./_json_fields.ts";
import { deepJson } from "./_lenient_deep_json.ts";
import { type Label, parseLabels } from "./_loki_labels.ts";
import type { LokiRecords } from "./_loki_records.ts";
import { BadBodyError } from "./errors.ts";

/** Where the current timestamp is read to: an object an entry would be wasted. */
const time = { ms: 0, ns: 0 };

/** Reads a whole request into `records`. */
export function readPushJson(
  request: unknown,
  fields: JsonFields,
  now: Instant,
  records: LokiRecords,
): void {
  const { streams } = fields.object(request, "the body");
  for (const item of fields.array(streams, "streams")) {
    const stream = fields.object(item, "streams");
    if (typeof stream.labels === "string") {
      const labels = stream.labels.toWellFormed();
      records.startStream(parseLabels(labels) ?? [["labels", labels]]);
    } else {
      records.startStream(labelsOf(fields.object(stream.stream, "stream")));
    }
    for (const value of fields.array(stream.values, "values")) {
      addValue(fields.array(value, "values"), fields, now, records);
    }
    for (const entry of fields.array(stream.entries, "entries")) {
      addEntry(fields.object(entry, "entries"), fields, now, records);
    }
  }
}

function addValue(
  value: readonly unknown[],
  fields: JsonFields,
  now: Instant,
  records: LokiRecords,
): void {
  if (value.length < 2 || value.length > 3) {
    throw new BadBodyError(
      `Cannot read "values": one has ${value.length} items; expected a timestamp, a line, and ` +
        "perhaps an object of structured metadata",
    );
  }
  const [timestamp, line, metadata] = value;
  const { ms, ns } = fields.unixNanos(timestamp, "values", time) ? time : now;
  const text = typeof line === "string" ? line : fields.text(line, "values");
  if (metadata === undefined || metadata === null) records.add(ms, ns, text);
  else records.add(ms, ns, text, labelsOf(fields.object(metadata, "values")));
}

function addEntry(
  entry: JsonObject,
  fields: JsonFields,
  now: Instant,
  records: LokiRecords,
): void {
  const { ts, timestamp = ts, line } = entry;
  const isTime = (typeof timestamp === "string" && parseInstantInto(timestamp, time)) ||
    fields.unixNanos(timestamp, "ts", time);
  const { ms, ns } = isTime ? time : now;
  records.add(ms, ns, fields.text(line, "line"));
}

/** Labels are texts; what is none is kept as its JSON text, and null as nothing. */
function labelsOf(object: JsonObject): Label[] {
  const labels: Label[] = [];
  for (const name of Object.keys(object)) {
    const value = object[name];
    if (value === null) continue;
    const text = typeof value === "string" ? value : deepJson(value);
    labels.push([name.toWellFormed(), text.toWellFormed()]);
  }
  return labels;
}
