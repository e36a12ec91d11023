/*
 * Written by hand and not with Intl.NumberFormat: making the first of those costs a browser some ten milliseconds, which the
 * first rows would wait for.
 */

/** `1,234,567`. */
export function whole(n: number): string {
  return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ",");
}

const UNITS: readonly (readonly [value: number, sign: string])[] = [
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "K"],
];

/** `9,876`, `12.3K`, `1M`. */
export function compact(n: number): string {
  if (n < 10_000) return whole(n);
  // What rounds to a thousand of a unit is one of the next.
  const [value, sign] = UNITS.find(([value]) => n >= value * 0.99995) ?? [1, ""];
  return `${Number((n / value).toFixed(1))}${sign}`;
}

/** `1 record`, `2 records`. */
export function countOf(n: number, noun: string): string {
  return `${whole(n)} ${noun}${n === 1 ? "" : "s"}`;
}

/** `12.3 MiB`. */
export function bytesText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** A share as `0.4 %`; anything above nothing shows as more than nothing. */
export function percentText(share: number): string {
  if (share === 0) return "0 %";
  const percent = share * 100;
  if (percent < 0.1) return "< 0.1 %";
  return `${percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}
