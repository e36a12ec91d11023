/** @module What `/metrics` tells, gathered from the store, the HTTP server and the process. */

import { cpuUsage } from "node:process";
import { METRICS } from "./metric_catalogue.ts";
import { type Labels, PrometheusText } from "./prometheus_text.ts";
import { severityName } from "../record.ts";
import type { Store } from "../storage/mod.ts";
import { type HttpContext, SOCKET_FIGURES } from "./route.ts";

/** What a figure means that has no words of its own in {@linkcode METRICS}. */
const UNDESCRIBED = "Of the store at this moment.";

/** The whole text. */
export async function metricsText(context: HttpContext): Promise<string> {
  const text = new MetricsText();
  text.single("sentinel_build_info", 1, { version: context.version, deno: Deno.version.deno });
  text.single("sentinel_ready", context.store.notReady === undefined ? 1 : 0);
  await addDisk(text, context);
  addRequests(text, context);
  addSockets(text, context);
  text.single("sentinel_own_log_records_stored_total", context.ownLog?.stored ?? 0);
  text.single("sentinel_own_log_records_dropped_total", context.ownLog?.dropped ?? 0);
  addStore(text, context);
  addProcess(text);
  return text.toString();
}

/** Metrics by the names of the catalogue. */
class MetricsText extends PrometheusText {
  /** A metric with one sample. */
  single(name: string, value: number, labels?: Labels): void {
    this.start(name);
    this.sample(name, value, labels);
  }

  /** Begins a metric of the catalogue; a figure that is not in it is a gauge. */
  start(name: string): void {
    this.begin(name, METRICS[name] ?? ["gauge", UNDESCRIBED]);
  }
}

async function addDisk(text: MetricsText, { store }: HttpContext): Promise<void> {
  const disk = await store.disk();
  if (disk !== undefined) text.single("sentinel_data_bytes", disk.dataBytes);
  if (disk?.freeBytes !== undefined) text.single("sentinel_disk_free_bytes", disk.freeBytes);
  addRetention(text, store);
}

/** What is kept for ever is 0, as if there were no rule. */
function addRetention(text: MetricsText, { retention, retentionBytes }: Store): void {
  text.single("sentinel_retention_seconds", (retention.everythingMs ?? 0) / 1000);
  text.start("sentinel_retention_rule_seconds");
  for (const { service, severity, keepMs } of retention.rules) {
    text.sample("sentinel_retention_rule_seconds", keepMs === Infinity ? 0 : keepMs / 1000, {
      ...(service === undefined ? {} : { service }),
      ...(severity === undefined ? {} : { severity: severityName(severity) }),
    });
  }
  text.single("sentinel_retention_bytes", retentionBytes ?? 0);
}

function addRequests(text: MetricsText, context: HttpContext): void {
  const { counters, bodies, queries, exports, tails } = context;
  text.single("sentinel_records_stored_total", counters.recordsStored);
  text.single("sentinel_body_bytes_total", counters.bodyBytes);
  text.start("sentinel_refused_total");
  for (const [reason, count] of counters.refusals()) {
    text.sample("sentinel_refused_total", count, { reason });
  }
  text.start("sentinel_http_requests_total");
  for (const [{ method, path }, { statuses }] of counters.routes()) {
    for (const [status, count] of statuses) {
      text.sample("sentinel_http_requests_total", count, { method, route: path, status });
    }
  }
  const duration = "sentinel_http_request_duration_seconds";
  text.start(duration);
  for (const [{ method, path }, { durations }] of counters.routes()) {
    text.durations(duration, durations, { method, route: path });
  }
  text.single("sentinel_http_body_bytes_held", bodies.heldBytes);
  text.single("sentinel_http_queries_running", queries.running);
  text.single("sentinel_http_queries_waiting", queries.waiting);
  text.single("sentinel_http_exports_running", exports.running);
  text.single("sentinel_http_tails_open", tails.open);
  text.single("sentinel_http_tails_bytes_waiting", tails.heldBytes);
  text.single("sentinel_http_tails_records_missed", tails.missed);
}

/** Figures of what listens beside HTTP: a metric for each, a sample for each format. */
function addSockets(text: MetricsText, { sockets = [] }: HttpContext): void {
  for (const name of SOCKET_FIGURES) {
    text.start(`sentinel_socket_${name}`);
    for (const socket of sockets) {
      text.sample(`sentinel_socket_${name}`, socket.figures()[name], { format: socket.format });
    }
  }
}

function addStore(text: MetricsText, { store }: HttpContext): void {
  for (const [name, value] of Object.entries(store.figures())) {
    text.single(`sentinel_store_${name}`, value);
  }
  for (const [name, value] of Object.entries(store.counters())) {
    text.single(`sentinel_${name}_total`, value);
  }
  for (const [name, durations] of Object.entries(store.durations())) {
    text.start(`sentinel_${name}_duration_seconds`);
    text.durations(`sentinel_${name}_duration_seconds`, durations);
  }
}

function addProcess(text: MetricsText): void {
  const { rss, heapUsed, heapTotal } = Deno.memoryUsage();
  const { user, system } = cpuUsage();
  text.single("process_resident_memory_bytes", rss);
  text.single("process_cpu_seconds_total", (user + system) / 1e6);
  text.single("process_start_time_seconds", performance.timeOrigin / 1000);
  text.single("sentinel_heap_bytes", heapUsed);
  text.single("sentinel_heap_reserved_bytes", heapTotal);
}
