/** @module Counts the calls of the platform that make strings and objects: each is garbage, and many are slow. */

import type { Counts } from "./_counts.ts";

type Method = (this: unknown, ...args: never[]) => unknown;

const WATCHED: readonly (readonly [target: object, method: string, name: string])[] = [
  [TextDecoder.prototype, "decode", "texts decoded"],
  [TextEncoder.prototype, "encode", "texts encoded"],
  [JSON, "parse", "JSON parsed"],
  [JSON, "stringify", "JSON written"],
];

/** Counts them while `work` runs. Nothing else may run beside it. */
export async function countingGlobalCalls<T>(counts: Counts, work: () => Promise<T>): Promise<T> {
  const originals = WATCHED.map(([target, method]) => Reflect.get(target, method) as Method);
  WATCHED.forEach(([target, method, name], i) => {
    const original = originals[i]!;
    const counted: Method = function (...args) {
      counts.add(name);
      return original.apply(this, args);
    };
    Reflect.set(target, method, counted);
  });
  try {
    return await work();
  } finally {
    WATCHED.forEach(([target, method], i) => Reflect.set(target, method, originals[i]!));
  }
}
