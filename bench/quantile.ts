/** The value below which a share of ascending ones lie: of 1,000 with a share of 0.99 the 991st. */
export function quantile(ascending: ArrayLike<number>, share: number): number {
  const index = Math.min(ascending.length - 1, Math.floor(share * ascending.length));
  return ascending[index] ?? NaN;
}

/** The middle of an odd number of values. */
export function median(values: readonly number[]): number {
  return quantile(values.toSorted((a, b) => a - b), 0.5);
}
