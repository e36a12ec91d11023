/**
 * Prints bodies made by the encoders of real clients, as the JSON that `src/ingest/_wire_fixtures.json` holds: binary ones
 * in base64. Run it to renew that file:
 *
 *     deno run -A --config tests/clients/client_packages.json tests/clients/programs/make_fixtures.mjs > src/ingest/_wire_fixtures.json
 */

import { JsonLogsSerializer, ProtobufLogsSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import process from "node:process";
import protobuf from "protobufjs";
import snappy from "snappyjs";

const resource = resourceFromAttributes(
  { "service.name": "auth-service", "host.name": "web-1", "process.pid": 123 },
  { schemaUrl: "https://opentelemetry.io/schemas/1.40.0" },
);
const instrumentationScope = {
  name: "my.library",
  version: "1.2.3",
  attributes: { "library.build": 7 },
  schemaUrl: "https://opentelemetry.io/schemas/1.39.0",
};
const plain = {
  hrTime: [1743508800, 123456789],
  hrTimeObserved: [1743508800, 123456789],
  severityNumber: 9,
  severityText: "INFO",
  body: "hello, wörld 🎉",
  attributes: {},
  droppedAttributesCount: 0,
  resource,
  instrumentationScope,
};
const records = [
  plain,
  {
    ...plain,
    hrTimeObserved: [1743508801, 5],
    severityNumber: 18,
    severityText: "Severe",
    body: 'quotes " and \\ and\nlines',
    attributes: {
      "http.method": "GET",
      status: 200,
      negative: -5,
      huge: 2 ** 53 + 2,
      ratio: 0.25,
      ok: true,
      no: false,
      empty: "",
      nothing: null,
      list: ["a", 1, true, null],
      bytes: new Uint8Array([0, 1, 250, 255]),
      nested: { a: { b: [{ c: "d" }] } },
      "tab\t": "ctrl\u0001",
    },
    droppedAttributesCount: 3,
    eventName: "user.login",
    spanContext: {
      traceId: "5b8efff798038103d269b633813fc60c",
      spanId: "eee19b7ec3c1b174",
      traceFlags: 1,
    },
  },
  {
    ...plain,
    severityNumber: undefined,
    severityText: undefined,
    body: { a: 1, list: ["x"] },
  },
  { ...plain, severityNumber: 0, severityText: "whatever", body: undefined },
];

const { root } = protobuf.parse(`
  syntax = "proto3";
  message PushRequest { repeated Stream streams = 1; }
  message Stream { string labels = 1; repeated Entry entries = 2; uint64 hash = 3; }
  message Timestamp { int64 seconds = 1; int32 nanos = 2; }
  message Pair { string name = 1; string value = 2; }
  message Entry { Timestamp timestamp = 1; string line = 2; repeated Pair structuredMetadata = 3; }
`);
const push = root.lookupType("PushRequest");
const streams = [
  {
    labels: '{service_name="auth-service", level="warn", path="C:\\\\logs\\n\\u00e9"}',
    hash: 5,
    entries: [
      {
        timestamp: { seconds: 1743508800, nanos: 123456789 },
        line: "hello, wörld 🎉",
      },
      {
        timestamp: { seconds: -1, nanos: 999_000_001 },
        line: "before 1970",
        structuredMetadata: [
          { name: "trace_id", value: "5b8efff798038103d269b633813fc60c" },
          { name: "user", value: "u1" },
        ],
      },
    ],
  },
  {
    labels: '{job="varlogs"}',
    entries: [{ timestamp: { seconds: 1 }, line: "x".repeat(500) }],
  },
];
const lokiProtobuf = push.encode(push.create({ streams })).finish();

const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
const fixtures = {
  otlpProtobuf: base64(ProtobufLogsSerializer.serializeRequest(records)),
  otlpJson: new TextDecoder().decode(
    JsonLogsSerializer.serializeRequest(records),
  ),
  lokiSnappyProtobuf: base64(snappy.compress(new Uint8Array(lokiProtobuf))),
};
process.stdout.write(`${JSON.stringify(fixtures, undefined, 2)}\n`);
