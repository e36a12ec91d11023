/** @module Seeded randomness: the same seed gives the same world, on every Worker and every machine. */

/**
 * A 32-bit hash of two integers, each from 0 to 2^53 (the murmur3 finalizer over both halves).
 * Stateless, so a Worker can ask for order 1,000,000 without making the ones before it.
 */
export function mix(a: number, b: number): number {
  let hash = Math.imul((a | 0) ^ 0x9e3779b9, 0x85ebca6b) ^
    Math.imul((a / 0x1_0000_0000) | 0, 0x27d4eb2f);
  hash ^= hash >>> 13;
  hash = Math.imul(hash ^ (b | 0), 0xc2b2ae35) ^ Math.imul((b / 0x1_0000_0000) | 0, 0x165667b1);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A 32-bit hash of a text's UTF-16 units (FNV-1a). */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** A 32-bit number as eight lowercase hexadecimal digits. */
export function hex32(value: number): string {
  return HEX[value >>> 24]! + HEX[(value >>> 16) & 255]! + HEX[(value >>> 8) & 255]! +
    HEX[value & 255]!;
}

/** A stream of pseudo-random numbers (mulberry32) that can be moved to another seed at no cost. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** Starts again from `seed`. */
  reseed(seed: number): void {
    this.#state = seed | 0;
  }

  /** An integer from 0 to 2^32 - 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let value = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return (value ^ (value >>> 14)) >>> 0;
  }

  /** A number in [0, 1). */
  fraction(): number {
    return this.next() / 0x1_0000_0000;
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.fraction() * bound);
  }

  /** True with this probability, 0 to 1. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** One of the choices, all as likely. */
  pick<const T extends readonly [unknown, ...unknown[]]>(choices: T): T[number] {
    return choices[this.below(choices.length)] ?? choices[0];
  }

  /** An integer in [0, bound), small ones much more often: as some users and products are. */
  skewed(bound: number): number {
    const fraction = this.fraction();
    return Math.floor(fraction * fraction * fraction * bound);
  }

  /** A duration in ms around `typical` with the long tail that real ones have; at least 1. */
  duration(typical: number): number {
    const fraction = this.fraction();
    return Math.max(1, Math.round(typical * (0.5 + fraction + 3 * fraction ** 12)));
  }

  /** Sixteen hexadecimal digits, never all zero. */
  spanId(): string {
    return hex32(this.next()) + hex32(this.next() | 1);
  }

  /** Thirty-two hexadecimal digits, never all zero. */
  traceId(): string {
    return this.spanId() + this.spanId();
  }
}
