/** @module Reads the Prometheus text format as strictly as Prometheus does, and a little more. */

import assert from "node:assert/strict";

/** One line with a value. */
export interface Sample {
  /** With `_bucket`, `_sum` or `_count`, if it is one of a histogram. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One metric. */
export interface Metric {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

const LABEL = /([a-z_][a-z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(?:,|$)/y;

/** The metrics by name. @throws {AssertionError} the text is not well-formed */
export function parsePrometheus(text: string): Map<string, Metric> {
  assert.ok(text.endsWith("\n"), "The last line ends");
  const metrics = new Map<string, { type: string; help: string; samples: Sample[] }>();
  let name = "";
  let help: string | undefined;
  for (const line of text.slice(0, -1).split("\n")) {
    const [, keyword, of, rest] = /^# (HELP|TYPE) ([a-z_][a-z0-9_]*) (.+)$/.exec(line) ?? [];
    if (keyword === "HELP") {
      assert.ok(!metrics.has(of!), `${of} is there twice`);
      [name, help] = [of!, rest!];
    } else if (keyword === "TYPE") {
      assert.ok(of === name && help !== undefined, `HELP comes before TYPE: ${line}`);
      assert.match(rest!, /^(counter|gauge|histogram)$/);
      metrics.set(name, { type: rest!, help, samples: [] });
      help = undefined;
    } else {
      const metric = metrics.get(name);
      assert.ok(metric !== undefined, `A sample of no metric: ${line}`);
      metric.samples.push(parseSample(line, name, metric.type));
    }
  }
  for (const [of, { type, samples }] of metrics) {
    const series = samples.map((sample) => sample.name + JSON.stringify(sample.labels));
    assert.equal(new Set(series).size, series.length, `${of} has a sample twice`);
    if (type === "histogram") checkHistogram(of, samples);
  }
  return metrics;
}

function parseSample(line: string, metric: string, type: string): Sample {
  const match = /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (\S+)$/.exec(line);
  assert.ok(match !== null, line);
  const [, name, pairs = "", text] = match as unknown as [string, string, string?, string?];
  const suffix = name.startsWith(metric) ? name.slice(metric.length) : undefined;
  assert.ok(
    suffix === "" ? type !== "histogram" : /^_(bucket|sum|count)$/.test(suffix ?? ""),
    `${name} is no sample of the ${type} ${metric}`,
  );
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < pairs.length) {
    const label = LABEL.exec(pairs);
    assert.ok(label !== null, line);
    labels[label[1]!] = label[2]!.replace(/\\(.)/g, (_, c) => c === "n" ? "\n" : c);
  }
  const value = Number(text);
  assert.ok(Number.isFinite(value), line);
  return { name, labels, value };
}

/** Buckets of each series ascend, and the last one has all. */
function checkHistogram(name: string, samples: readonly Sample[]): void {
  const of = (suffix: string) => samples.filter((sample) => sample.name === name + suffix);
  for (const { labels, value } of of("_count")) {
    const buckets = of("_bucket").filter(({ labels: { le: _, ...others } }) =>
      JSON.stringify(others) === JSON.stringify(labels)
    );
    assert.ok(buckets.length > 1, `${name} has no buckets`);
    buckets.reduce((before, bucket) => {
      assert.ok(bucket.value >= before.value, `${name}: a bucket holds fewer than the one before`);
      return bucket;
    });
    assert.equal(buckets.at(-1)!.labels.le, "+Inf");
    assert.equal(buckets.at(-1)!.value, value);
    assert.equal(of("_sum").filter((sum) => sameLabels(sum.labels, labels)).length, 1);
  }
  assert.equal(of("_bucket").length % Math.max(1, of("_count").length), 0);
}

function sameLabels(a: Sample["labels"], b: Sample["labels"]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
