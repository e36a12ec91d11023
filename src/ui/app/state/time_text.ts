import { utc } from "./preferences.ts";

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n);
}

/** The parts of a moment in the time zone that is shown, as ISO 8601 without an offset: `2025-04-01T12:00:00.123`. */
export function wallClock(ms: number): string {
  const date = new Date(ms);
  if (utc.value) return date.toISOString().slice(0, -1);
  const year = String(date.getFullYear()).padStart(4, "0");
  const day = `${year}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day}T${time}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** `12:00:00.123`, with the date before it if asked for. */
export function rowTime(ms: number, withDate: boolean): string {
  const text = wallClock(ms);
  return withDate ? `${text.slice(5, 10)} ${text.slice(11)}` : text.slice(11);
}

/** A moment as short as its day allows: `12:00:00` today, `04-01 12:00:00` else. */
export function shortTime(ms: number): string {
  const text = wallClock(ms);
  const today = wallClock(Date.now()).slice(0, 10);
  if (text.startsWith(today)) return text.slice(11, 19);
  const sameYear = text.slice(0, 4) === today.slice(0, 4);
  return `${text.slice(sameYear ? 5 : 0, 10)} ${text.slice(11, 16)}`;
}

/** `2025-04-01 12:00:00.123`. */
export function fullTime(ms: number): string {
  return wallClock(ms).replace("T", " ");
}

/** The name of the time zone that is shown, such as `UTC` or `UTC+2`. */
export function zoneName(ms = Date.now()): string {
  if (utc.value) return "UTC";
  const minutes = -new Date(ms).getTimezoneOffset();
  if (minutes === 0) return "UTC+0";
  const rest = Math.abs(minutes) % 60;
  const hours = Math.floor(Math.abs(minutes) / 60);
  return `UTC${minutes < 0 ? "−" : "+"}${hours}${rest === 0 ? "" : `:${two(rest)}`}`;
}

/** How long something took, in its largest unit: `3 s`, `12 min`, `5 h`, `2 d`. */
export function spanText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3_600) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
