/** @module Wire formats: bytes in, a batch of records out. */
export { decompressBody } from "./decompress.ts";
export {
  BadBodyError,
  BodyTooLargeError,
  UnsupportedEncodingError,
  UnsupportedMediaTypeError,
} from "./errors.ts";
export { BODY_RECORDS_MAX } from "./limits.ts";
export { decodeNative } from "./native.ts";
export { decodeClef } from "./clef.ts";
export {
  type BulkRequest,
  decodeElasticsearchBulk,
  decodeElasticsearchDocument,
} from "./elasticsearch.ts";
export {
  type BulkItem,
  encodeBulkResponse,
  encodeDocumentResponse,
  encodeElasticsearchError,
} from "./elasticsearch_answers.ts";
export { answerElasticsearchProbe, type ProbeAnswer } from "./elasticsearch_probes.ts";
export { decodeGelf, decodeGelfMessage, gelfContentEncoding } from "./gelf.ts";
export { type GelfFrame, GelfFramer } from "./gelf_framer.ts";
export { decodeJsonHttp } from "./json_http.ts";
export { decodeSyslogMessage, type SyslogDefaults } from "./syslog.ts";
export { type SyslogFrame, SyslogFramer } from "./syslog_framer.ts";
export { decodeLokiPush } from "./loki_push.ts";
export {
  encodeOtlpLogsResponse,
  encodeOtlpResponse,
  encodeOtlpStatus,
  type OtlpAnswer,
  type OtlpSignal,
} from "./otlp_answer.ts";
export { dropOtlpMetrics, dropOtlpTraces } from "./otlp_dropped.ts";
export { decodeOtlpLogs, type OtlpLogs } from "./otlp_logs.ts";
