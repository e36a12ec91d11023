/** No silence shorter than this is worth a look. */
const SILENCE_MS_MIN = 60_000;
/** A service that was heard less often than this has no habit that it could break. */
const HEARD_MIN = 3;
/** How much longer than its longest pause before a service must be silent. */
const FACTOR = 2;

/**
 * Whether a service that used to log has gone quiet: it is silent for more than twice its longest pause before.
 * @param counts its records over time, one count each step, ascending
 * @param silentMs how long it has been silent
 */
export function isQuiet(counts: readonly number[], stepMs: number, silentMs: number): boolean {
  const heard = counts.flatMap((count, i) => count > 0 ? [i] : []);
  if (heard.length < HEARD_MIN) return false;
  const longest = Math.max(...heard.slice(1).map((at, i) => at - heard[i]!));
  return silentMs > Math.max(SILENCE_MS_MIN, FACTOR * longest * stepMs);
}
