/** @module The wire formats that the simulator speaks, as real clients of theirs write them. */
export { encodeClef } from "./clef.ts";
export { encodeElasticsearch } from "./elasticsearch.ts";
export { type FormatName, FORMATS, isFormatName, type WireFormat, wireFormat } from "./format.ts";
export { encodeLoki } from "./loki.ts";
export { encodeOtlp } from "./otlp.ts";
export type { SimulatedRecord } from "./record.ts";
export { encodeSyslog } from "./syslog.ts";
export { syslogFetch } from "./syslog_fetch.ts";
