/** @module One record in the bodies of every wire format that comes over HTTP, as far as each can say it. */

/** What a record says. */
export interface Said {
  readonly message: string;
  /** A level as loggers name it. */
  readonly level: string;
  /** What has no field of its own. */
  readonly order: number;
}

/** A format at one of its paths. */
export interface FormatCase {
  readonly path: string;
  readonly contentType: string;
  /** Of an answer that says that everything was stored. */
  readonly status: number;
  readonly service: string;
  body(said: Said): string;
  /** What becomes of `order`: labels and metadata are texts. */
  readonly order: unknown;
}

const TIME = "2025-06-01T00:00:00Z";
const NANOS = "1748736000000000000";

const otlp = ({ message, level, order }: Said) =>
  JSON.stringify({
    resourceLogs: [{
      resource: { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] },
      scopeLogs: [{
        logRecords: [{
          timeUnixNano: NANOS,
          severityText: level,
          body: { stringValue: message },
          attributes: [{ key: "order", value: { intValue: String(order) } }],
        }],
      }],
    }],
  });

const loki = ({ message, level, order }: Said) =>
  JSON.stringify({
    streams: [{
      stream: { service_name: "shop", level },
      values: [[NANOS, message, { order: String(order) }]],
    }],
  });

const document = ({ message, level, order }: Said) =>
  JSON.stringify({
    "@timestamp": TIME,
    message,
    "log.level": level,
    "service.name": "shop",
    order,
  });

const bulk = (said: Said) => `{"create":{}}\n${document(said)}\n`;

const clef = ({ message, level, order }: Said) =>
  JSON.stringify({ "@t": TIME, "@m": message, "@l": level, Application: "shop", order });

const json = ({ message, level, order }: Said) =>
  JSON.stringify({ time: TIME, msg: message, level, service: "shop", order });

const gelf = ({ message, level, order }: Said) =>
  JSON.stringify({
    version: "1.1",
    host: "shop",
    short_message: message,
    level,
    timestamp: 1748736000,
    _order: order,
  });

const JSON_TYPE = "application/json";
const LINES = "application/x-ndjson";
const SHOP = { service: "shop", order: 7 };

/** Every path that takes records, but for `POST /logs`. */
export const FORMATS: readonly FormatCase[] = [
  { ...SHOP, path: "/v1/logs", contentType: JSON_TYPE, status: 200, body: otlp },
  {
    ...SHOP,
    path: "/loki/api/v1/push",
    contentType: JSON_TYPE,
    status: 204,
    body: loki,
    order: "7",
  },
  { ...SHOP, path: "/_bulk", contentType: LINES, status: 200, body: bulk },
  { ...SHOP, path: "/shop/_bulk", contentType: LINES, status: 200, body: bulk },
  { ...SHOP, path: "/shop/_doc", contentType: JSON_TYPE, status: 201, body: document },
  { ...SHOP, path: "/ingest/json", contentType: JSON_TYPE, status: 200, body: json },
  { ...SHOP, path: "/ingest/clef", contentType: LINES, status: 201, body: clef },
  { ...SHOP, path: "/api/events/raw", contentType: LINES, status: 201, body: clef },
  { ...SHOP, path: "/gelf", contentType: JSON_TYPE, status: 202, body: gelf },
];
