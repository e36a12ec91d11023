/**
 * @module Generated log records: what twenty services of a shop might write on one day, the same on every machine.
 *
 * Run alone it writes them as NDJSON: `deno run bench/generate.ts --records 1000000 > logs.ndjson`.
 */

import { parseArgs } from "node:util";
import { integerOption } from "./_options.ts";
import { FIELDS } from "./_fields.ts";
import { Random } from "./_random.ts";
import { RARE_TEMPLATE, TEMPLATES } from "./_templates.ts";

/** A record as clients send it. */
export interface GeneratedRecord {
  readonly timestamp: string;
  readonly service: string;
  readonly severity: string;
  readonly message: string;
}

/** The services, the busiest first: the k-th writes in proportion to 1/k, as Zipf's law has it. */
export const SERVICES: readonly string[] = (
  "api-gateway checkout accounts articles payments search basket mail stock parcels " +
  "invoices ranking profiles pictures prices risk exports scheduler callbacks audit"
).split(" ");

/** The severities and how many of a hundred records have them. */
const SEVERITY_PERCENT = { DEBUG: 15, INFO: 70, WARNING: 10, ERROR: 5 } as const;

/** The day that the records are spread over evenly, its end excluded. */
export const DAY_START_MS: number = Date.parse("2026-10-31T00:00:00Z");
const DAY_MS = 24 * 60 * 60 * 1000;

/** One record in so many has the rare word: at this place among them. */
export const RARE_EVERY = 50_000;
export const RARE_AT = 12_345;

/** Constant texts and what stands between them: one more text than fields. */
interface Template {
  readonly texts: readonly string[];
  readonly fields: readonly ((random: Random) => string)[];
}

const RARE = compile(RARE_TEMPLATE);
const SERVICE_SUMS = sumsOf(SERVICES.map((_, index) => 1 / (index + 1)));
const SEVERITIES = Object.keys(SEVERITY_PERCENT);
const SEVERITY_SUMS = sumsOf(Object.values(SEVERITY_PERCENT));
const COMPILED = SEVERITIES.map((severity) => TEMPLATES[severity]!.map(compile));

/** What a record says, without when. */
export type GeneratedText = Omit<GeneratedRecord, "timestamp">;

/** The records in the order of time, about 105 bytes of message each; the seed makes another day of the same kind. */
export function* generateRecords(count: number, seed = 20261031): Generator<GeneratedRecord> {
  const random = new Random(seed);
  for (let index = 0; index < count; index++) {
    const timestamp = new Date(DAY_START_MS + Math.floor(index * DAY_MS / count)).toISOString();
    yield { timestamp, ...generateText(random, index) };
  }
}

/** What the record at this place says. */
export function generateText(random: Random, index: number): GeneratedText {
  const service = SERVICES[random.weighted(SERVICE_SUMS)]!;
  const severity = random.weighted(SEVERITY_SUMS);
  const rare = index % RARE_EVERY === RARE_AT;
  const template = rare ? RARE : random.pick(COMPILED[severity]!);
  return { service, severity: SEVERITIES[severity]!, message: fill(template, random) };
}

function compile(template: string): Template {
  const parts = template.split(/\{(\w+)\}/);
  const names = parts.filter((_, index) => index % 2 === 1);
  const fields = names.map((name) => {
    const field = FIELDS[name];
    if (field === undefined) throw new Error(`Template "${template}" names no field: {${name}}`);
    return field;
  });
  return { texts: parts.filter((_, index) => index % 2 === 0), fields };
}

function fill({ texts, fields }: Template, random: Random): string {
  let message = texts[0]!;
  for (let index = 0; index < fields.length; index++) {
    message += fields[index]!(random) + texts[index + 1]!;
  }
  return message;
}

function sumsOf(weights: readonly number[]): Float64Array {
  let sum = 0;
  return Float64Array.from(weights, (weight) => sum += weight);
}

/** Writes the first so many records as NDJSON, some thousand lines at a time, and closes what it writes to. */
export async function writeGenerated(
  count: number,
  out: WritableStream<Uint8Array>,
): Promise<void> {
  const encoder = new TextEncoder();
  const writer = out.getWriter();
  let lines = "";
  for (const record of generateRecords(count)) {
    lines += JSON.stringify(record) + "\n";
    if (lines.length < 1024 * 1024) continue;
    await writer.write(encoder.encode(lines));
    lines = "";
  }
  await writer.write(encoder.encode(lines));
  await writer.close();
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { records: { type: "string", default: "1000000" } } });
  await writeGenerated(integerOption("records", values.records, 0, 1e9), Deno.stdout.writable);
}
