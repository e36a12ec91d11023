/** @module Rounds as one figure each: medians, and ratios of servers that were measured in the same round. */

import { median } from "../quantile.ts";
import type { Figures } from "../rows.ts";

/** The median of the rounds that have the figure; `undefined` if none has. */
export function medianOf(rounds: readonly Figures[], key: string): number | undefined {
  const values = rounds.flatMap((figures) => figures[key] ?? []);
  return values.length === 0 ? undefined : median(values);
}

/**
 * The median of what one figure is to another in the same round, so that a round in which the machine was busy counts
 * for no more than the others; `undefined` if no round has both.
 */
export function ratioOf(
  own: readonly Figures[],
  ownKey: string,
  other: readonly Figures[],
  otherKey: string = ownKey,
): number | undefined {
  const ratios = own.flatMap((figures, round) => {
    const [mine, theirs] = [figures[ownKey], other[round]?.[otherKey]];
    return mine === undefined || theirs === undefined || theirs === 0 ? [] : mine / theirs;
  });
  return ratios.length === 0 ? undefined : median(ratios);
}
