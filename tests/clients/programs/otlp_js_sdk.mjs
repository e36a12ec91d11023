/** OpenTelemetry's JavaScript SDK. Arguments: URL, token, `http` (JSON) or `proto`, `gzip` or `none`. */

import process from "node:process";
import { SeverityNumber } from "@opentelemetry/api-logs";
import { OTLPLogExporter as JsonExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as ProtobufExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";

const [url, token, encoding, compression] = process.argv.slice(2);
const Exporter = encoding === "http" ? JsonExporter : ProtobufExporter;
const exporter = new Exporter({
  url: `${url}/v1/logs`,
  headers: { Authorization: `Token ${token}` },
  compression,
});
const provider = new LoggerProvider({
  resource: resourceFromAttributes({
    "service.name": "otel-js",
    "host.name": "web-1",
  }),
  processors: [new BatchLogRecordProcessor({ exporter })],
});
const logger = provider.getLogger("my.library", "1.2.3");
for (let i = 0; i < 1000; i++) {
  logger.emit({
    timestamp: 1_743_508_800_000 + i,
    severityNumber: SeverityNumber.ERROR,
    severityText: "ERROR",
    body: `order ${i} failed 🎉`,
    attributes: { index: i, "http.route": "/orders/:id", tags: ["a", "b"] },
  });
}
await provider.shutdown();
