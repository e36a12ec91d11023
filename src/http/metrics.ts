import type { Store } from "../storage/mod.ts";

/** A route as counters name it: from a closed set, because each makes lines. */
export interface CountedRoute {
  readonly method: string;
  readonly path: string;
}

/** What the HTTP server counts of itself. */
export class RequestCounters {
  readonly #answers = new Map<CountedRoute, Map<number, number>>();
  /** Records acknowledged since the start. */
  recordsStored = 0;
  /** Bytes of request bodies read, after decompression. */
  bodyBytes = 0;

  /** Counts an answer; a status of 0 stands for a connection closed without one. */
  count(route: CountedRoute, status: number): void {
    let statuses = this.#answers.get(route);
    if (statuses === undefined) this.#answers.set(route, statuses = new Map());
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }

  /** Route, status and number of answers, in the order of first appearance. */
  *answers(): Generator<readonly [route: CountedRoute, status: number, count: number]> {
    for (const [route, statuses] of this.#answers) {
      for (const [status, count] of statuses) yield [route, status, count];
    }
  }
}

/** A figure of this moment, by its Prometheus name without prefix. */
export type Gauges = Readonly<Record<string, number>>;

/** The Prometheus text format, version 0.0.4, of everything there is to tell. */
export function prometheusText(store: Store, counters: RequestCounters, gauges: Gauges): string {
  const lines: string[] = [];
  const add = (name: string, type: "counter" | "gauge", help: string, samples: string[]) => {
    const full = `sentinel_${name}`;
    lines.push(`# HELP ${full} ${help}`, `# TYPE ${full} ${type}`);
    for (const sample of samples) lines.push(full + sample);
  };
  const requests = [...counters.answers()].map(([route, status, count]) => {
    return `{method="${route.method}",route="${route.path}",status="${status}"} ${count}`;
  });
  add("http_requests_total", "counter", "Requests answered, by route and status.", requests);
  add("records_stored_total", "counter", "Records acknowledged since the start.", [
    ` ${counters.recordsStored}`,
  ]);
  add("body_bytes_total", "counter", "Bytes of accepted bodies, decompressed.", [
    ` ${counters.bodyBytes}`,
  ]);
  add("ready", "gauge", "1 if the server takes records.", [
    ` ${store.notReady === undefined ? 1 : 0}`,
  ]);
  for (const [name, value] of Object.entries(gauges)) {
    add(name, "gauge", "Of the HTTP server at this moment.", [` ${value}`]);
  }
  for (const [name, value] of Object.entries(store.figures())) {
    add(`store_${metricName(name)}`, "gauge", "Of the store at this moment.", [` ${value}`]);
  }
  return lines.join("\n") + "\n";
}

/** `memtableBytes` as `memtable_bytes`; characters that a metric's name may not have become `_`. */
function metricName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    .replace(/[^a-z0-9_]/g, "_");
}
