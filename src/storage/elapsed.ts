/**
 * How long ago something was, by a clock that may be put back: then it was long ago, rather than not for as long as the
 * clock was put back by. Milliseconds.
 */
export function elapsed(sinceMs: number, nowMs: number): number {
  return nowMs < sinceMs ? Infinity : nowMs - sinceMs;
}
