import { type Command, InvalidArgumentError } from "commander";
import {
  formatInstant,
  parseDuration,
  parseInstant,
  parseSeverity,
  severityName,
} from "../record.ts";
import { list, setting } from "./_command.ts";

/** The filters of `GET /logs`, as options give them. */
export interface FilterOptions {
  readonly service?: readonly string[];
  readonly severity?: readonly string[];
  readonly minSeverity?: string;
  readonly start?: string;
  readonly end?: string;
  readonly receivedStart?: string;
  readonly receivedEnd?: string;
  readonly q?: string;
  readonly traceId?: string;
  readonly attr?: readonly string[];
}

/** Adds the options of every filter. */
export function addFilterOptions(command: Command): Command {
  const time = { parse: momentText };
  return command
    .addOption(setting("--service <name>", "only this service (repeatable)", { parse: list }))
    .addOption(setting("--severity <name>", "only this severity (repeatable)", {
      parse: (text: string, previous: readonly string[] | undefined) =>
        list(severityText(text), previous),
    }))
    .addOption(setting("--min-severity <name>", "only this severity and worse ones", {
      parse: severityText,
    }))
    .addOption(setting(
      "--start <time>",
      "only from this time on: 2025-04-01T12:00:00Z, or 15m for 15 minutes ago",
      time,
    ))
    .addOption(setting("--end <time>", "only up to this time, itself included", time))
    .addOption(setting("--received-start <time>", "only what the server got from then on", time))
    .addOption(setting("--received-end <time>", "only what the server got up to then", time))
    .addOption(setting("--q <text>", 'words, "phrases", -without, begin*, *part*, /regex/'))
    .addOption(setting("--trace-id <id>", "only records of this trace"))
    .addOption(setting("--attr <name=value>", "only records with this attribute (repeatable)", {
      parse: (text: string, previous: readonly string[] | undefined) =>
        list(attributeText(text), previous),
    }));
}

/** The filters as parameters of the API. */
export function filterParameters(options: FilterOptions): URLSearchParams {
  const parameters = new URLSearchParams();
  const set = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== "") parameters.set(name, value);
  };
  for (const service of options.service ?? []) parameters.append("service", service);
  for (const severity of options.severity ?? []) parameters.append("severity", severity);
  set("min_severity", options.minSeverity);
  set("timestamp_start", options.start);
  set("timestamp_end", options.end);
  set("received_at_start", options.receivedStart);
  set("received_at_end", options.receivedEnd);
  set("q", options.q);
  set("trace_id", options.traceId);
  for (const attribute of options.attr ?? []) {
    const split = attribute.indexOf("=");
    parameters.append(`attr.${attribute.slice(0, split)}`, attribute.slice(split + 1));
  }
  return parameters;
}

/** Reads `asc` or `desc`. */
export function order(text: string): "asc" | "desc" {
  if (text !== "asc" && text !== "desc") {
    throw new InvalidArgumentError("Give asc (oldest first) or desc (newest first).");
  }
  return text;
}

/** Reads a severity in any spelling that loggers use. */
export function severityText(text: string): string {
  const code = parseSeverity(text);
  if (code === undefined) {
    throw new InvalidArgumentError("Give TRACE, DEBUG, INFO, WARNING, ERROR or FATAL.");
  }
  return severityName(code);
}

function attributeText(text: string): string {
  if (text.indexOf("=") < 1) {
    throw new InvalidArgumentError("Give NAME=VALUE, such as user.id=42.");
  }
  return text;
}

/** Reads a time, or a duration for that long ago, as a time. */
export function momentText(text: string): string {
  if (parseInstant(text) !== undefined) return text;
  const ago = parseDuration(text);
  if (ago === undefined) {
    throw new InvalidArgumentError(
      "Give a time such as 2025-04-01T12:00:00Z, or a duration such as 15m for that long ago.",
    );
  }
  return formatInstant(Date.now() - ago, 0);
}
