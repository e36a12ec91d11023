/** @module Durations and sizes, in the spellings of Go's `time` package, of Prometheus, and of go-humanize. */

const SECONDS: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  "µs": 1e-6,
  "μs": 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3_600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
};

const PARTS = /([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h|d|w|y)/y;

/** The seconds of a duration such as `1h30m`, `1.5s`, `250ms` or `-2d`; `undefined` if it is none. */
export function parseSeconds(text: string): number | undefined {
  const sign = text.startsWith("-") ? -1 : 1;
  let at = /^[+-]/.test(text) ? 1 : 0;
  if (text.slice(at) === "0") return 0;
  if (at === text.length) return undefined;
  let seconds = 0;
  while (at < text.length) {
    PARTS.lastIndex = at;
    const match = PARTS.exec(text);
    if (match === null) return undefined;
    seconds += Number(match[1]) * SECONDS[match[2]!]!;
    at = PARTS.lastIndex;
  }
  return sign * seconds;
}

/** The milliseconds of a duration; `undefined` if it is none, or no whole number of them. */
export function parseMilliseconds(text: string): number | undefined {
  const seconds = parseSeconds(text);
  if (seconds === undefined) return undefined;
  const ms = Math.round(seconds * 1000);
  // Sums of fractions are not exact; a thousandth of a millisecond is beyond what was meant.
  return Math.abs(seconds * 1000 - ms) < 1e-3 && Number.isSafeInteger(ms) ? ms : undefined;
}

const SIZE = /^\s*([0-9]+\.?[0-9]*|\.[0-9]+)\s*(?:([kmgtpe])(i?))?b?\s*$/i;

/** The bytes of a size such as `512`, `5KB` (5,000), `5KiB` (5,120) or `1.5 gb`; `undefined` if it is none. */
export function parseBytes(text: string): number | undefined {
  const match = SIZE.exec(text.replaceAll(",", ""));
  if (match === null) return undefined;
  const [, digits = "", prefix, binary] = match;
  const power = prefix === undefined ? 0 : "kmgtpe".indexOf(prefix.toLowerCase()) + 1;
  return Math.floor(Number(digits) * (binary ? 1024 : 1000) ** power);
}

/** A number as Go's `strconv.ParseFloat` reads it; `undefined` if it is none. */
export function parseNumber(text: string): number | undefined {
  if (/^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?$/i.test(text)) return Number(text);
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (special === null) return undefined;
  if (special[2]!.toLowerCase() === "nan") return NaN;
  return special[1] === "-" ? -Infinity : Infinity;
}
