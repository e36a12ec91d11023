import { encodeClef } from "./clef.ts";
import { encodeElasticsearch } from "./elasticsearch.ts";
import { encodeLoki } from "./loki.ts";
import { encodeOtlp } from "./otlp.ts";
import type { SimulatedRecord } from "./record.ts";
import { encodeSyslog } from "./syslog.ts";

/** How a service of the simulator speaks to the server. */
export interface WireFormat {
  readonly path: string;
  readonly contentType: string;
  /** The body of a request. @param json the records as a JSON array */
  encode(json: string): string | Uint8Array<ArrayBuffer>;
  /** Whether an answer says that all records were stored. */
  isStored(status: number, text: string, records: number): boolean;
}

/** Every format, by the name that `--format` takes. */
export const FORMATS = {
  native: {
    path: "/logs",
    contentType: "application/json",
    encode: (json) => json,
    isStored: (status, text, records) => status === 201 && member(text, "count") === records,
  },
  otlp: {
    path: "/v1/logs",
    contentType: "application/x-protobuf",
    encode: (json) => encodeOtlp(parse(json)),
    isStored: (status) => status === 200,
  },
  loki: {
    path: "/loki/api/v1/push",
    contentType: "application/json",
    encode: (json) => encodeLoki(parse(json)),
    isStored: (status) => status === 204,
  },
  elasticsearch: {
    path: "/_bulk",
    contentType: "application/x-ndjson",
    encode: (json) => encodeElasticsearch(parse(json)),
    isStored: (status, text) => status === 200 && member(text, "errors") === false,
  },
  syslog: {
    path: "",
    contentType: "",
    encode: (json) => encodeSyslog(parse(json)),
    isStored: (status) => status === 204,
  },
  clef: {
    path: "/ingest/clef",
    contentType: "application/vnd.serilog.clef",
    encode: (json) => encodeClef(parse(json)),
    isStored: (status) => status === 201,
  },
} as const satisfies Record<string, WireFormat>;

/** The name of a format. */
export type FormatName = keyof typeof FORMATS;

/** Whether a text names a format. */
export function isFormatName(text: string): text is FormatName {
  return Object.hasOwn(FORMATS, text);
}

/** The format of a name. */
export function wireFormat(name: FormatName): WireFormat {
  return FORMATS[name];
}

function parse(json: string): SimulatedRecord[] {
  return JSON.parse(json);
}

function member(text: string, name: string): unknown {
  try {
    return JSON.parse(text)?.[name];
  } catch {
    return undefined; // Not the API's answer: then nothing says that the records were stored.
  }
}
