/** @module How long records are kept: one time for everything, and exceptions by service, by severity or by both. */

import { SEVERITIES, type SeverityCode, type Stream } from "../../record.ts";
import { SERVICES_DELETED_BYTES_MAX } from "../limits.ts";

/** An exception: how long what a service logs, what has a severity, or a service's records of one severity are kept. */
export interface RetentionRule {
  readonly service?: string | undefined;
  readonly severity?: SeverityCode | undefined;
  /** Milliseconds; `Infinity`: for ever. */
  readonly keepMs: number;
}

/** Streams that are kept equally long, as a deletion names them. */
export interface RetentionGroup {
  readonly keepMs: number;
  /** Absent: all. */
  readonly services?: readonly string[] | undefined;
  /** Absent: all. */
  readonly severities?: readonly SeverityCode[] | undefined;
}

const CODES = SEVERITIES.map((_, code) => code as SeverityCode);

/**
 * The rules of a store. Of those that match a record the most specific one holds: service and severity, then service, then
 * severity, then what holds for everything.
 */
export class RetentionPolicy {
  /** What holds where no rule does; `undefined`: for ever. Milliseconds. */
  readonly everythingMs: number | undefined;
  readonly rules: readonly RetentionRule[];
  /** The different times that something is kept, without "for ever". */
  readonly times: readonly number[];
  readonly #keepMs = new Map<string, number>();
  readonly #namesServices: boolean;

  constructor(everythingMs: number | undefined, rules: readonly RetentionRule[] = []) {
    this.everythingMs = everythingMs;
    this.rules = rules;
    this.#namesServices = rules.some(({ service }) => service !== undefined);
    for (const rule of rules) this.#keepMs.set(ruleKey(rule), rule.keepMs);
    const all = new Set([everythingMs ?? Infinity, ...this.#keepMs.values()]);
    this.times = [...all].filter((keepMs) => keepMs < Infinity);
  }

  /** How long records of a stream are kept, in milliseconds; `Infinity`: for ever. */
  keepMs({ service, severity }: Stream): number {
    const ofRule = (rule: Omit<RetentionRule, "keepMs">) => this.#keepMs.get(ruleKey(rule));
    return ofRule({ service, severity }) ?? ofRule({ service }) ?? ofRule({ severity }) ??
      this.everythingMs ?? Infinity;
  }

  /**
   * Groups streams by how long they are kept, those that are kept for ever left out. Services are named only where a rule
   * names one, and never more of them than one stored deletion holds.
   */
  groups(streams: Iterable<Stream>): RetentionGroup[] {
    if (!this.#namesServices) return this.#classes("");
    const byClass = new Map<string, { group: RetentionGroup; services: string[] }>();
    for (const service of new Set([...streams].map((stream) => stream.service))) {
      for (const group of this.#classes(service)) {
        const key = `${group.keepMs} ${group.severities}`;
        const known = byClass.get(key) ?? { group, services: [] };
        known.services.push(service);
        byClass.set(key, known);
      }
    }
    return [...byClass.values()].flatMap(({ group, services }) =>
      inPieces(services).map((some) => ({ ...group, services: some }))
    );
  }

  /** The severities of a service by how long they are kept. */
  #classes(service: string): RetentionGroup[] {
    const byTime = new Map<number, SeverityCode[]>();
    for (const severity of CODES) {
      const keepMs = this.keepMs({ service, severity });
      if (keepMs === Infinity) continue;
      byTime.set(keepMs, [...byTime.get(keepMs) ?? [], severity]);
    }
    return [...byTime].map(([keepMs, severities]) =>
      severities.length === CODES.length ? { keepMs } : { keepMs, severities }
    );
  }
}

function ruleKey({ service, severity }: Omit<RetentionRule, "keepMs">): string {
  return `${severity ?? ""} ${service ?? ""}`;
}

/** Cuts a list of names so that each piece fits a stored deletion. */
function inPieces(services: readonly string[]): string[][] {
  const pieces: string[][] = [];
  let bytes = Infinity;
  for (const service of services) {
    // At most three bytes of UTF-8 a unit, or two of an escape; quotes and a comma.
    const added = 3 * service.length + 3;
    if (bytes + added > SERVICES_DELETED_BYTES_MAX) {
      pieces.push([]);
      bytes = 0;
    }
    pieces.at(-1)!.push(service);
    bytes += added;
  }
  return pieces;
}
