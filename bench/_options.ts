/**
 * Reads a command-line option as an integer.
 *
 * @throws {RangeError} it is none, or not from `low` to `high`
 */
export function integerOption(name: string, text: string, low: number, high: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= low && value <= high) return value;
  throw new RangeError(
    `Cannot parse --${name} ${JSON.stringify(text)}: give an integer from ${low} to ${high}`,
  );
}
