import type { Durations } from "../storage/mod.ts";
import type { MetricMeaning } from "./metric_catalogue.ts";

/** Labels of a sample, by name. */
export type Labels = Readonly<Record<string, string | number>>;

/** The media type of what {@linkcode PrometheusText} writes. */
export const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Writes the Prometheus text format, version 0.0.4.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export class PrometheusText {
  readonly #lines: string[] = [];

  /** Begins a metric; its samples follow. */
  begin(name: string, [type, help]: MetricMeaning): void {
    this.#lines.push(`# HELP ${name} ${escaped(help, /[\\\n]/g)}`, `# TYPE ${name} ${type}`);
  }

  sample(name: string, value: number, labels: Labels = {}): void {
    const pairs = Object.entries(labels).map(([label, text]) => {
      return `${label}="${escaped(String(text), /[\\\n"]/g)}"`;
    });
    this.#lines.push(`${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`);
  }

  /** The samples of a histogram. */
  durations(name: string, durations: Durations, labels: Labels = {}): void {
    for (const [bound, count] of durations.within()) {
      this.sample(`${name}_bucket`, count, { ...labels, le: bound });
    }
    this.sample(`${name}_bucket`, durations.count, { ...labels, le: "+Inf" });
    this.sample(`${name}_sum`, durations.sumSeconds, labels);
    this.sample(`${name}_count`, durations.count, labels);
  }

  toString(): string {
    return this.#lines.join("\n") + "\n";
  }
}

function escaped(text: string, special: RegExp): string {
  return text.replace(special, (character) => character === "\n" ? "\\n" : `\\${character}`);
}
