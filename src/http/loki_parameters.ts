/** @module The parameters of Loki's HTTP API: https://grafana.com/docs/loki/latest/reference/loki-http-api/. */

import {
  ENTRIES_DEFAULT,
  ENTRIES_MAX,
  type Grid,
  type Instant,
  LogqlError,
  parseMilliseconds,
  parseTime,
  STEPS_MAX,
  type TimeRange,
} from "../logql/mod.ts";
import { HttpError } from "./errors.ts";
import { LOKI_FORM_BYTES_MAX } from "./limits.ts";
import { shown } from "./parameters.ts";
import type { Call, HttpContext } from "./route.ts";

const HOUR_MS = 3_600_000;

/** Parameters of a request, from its address and, of a POST, from its form; unknown ones do not matter. */
export class LokiParameters {
  readonly #params: URLSearchParams;
  readonly #nowMs: number;

  private constructor(params: URLSearchParams, nowMs: number) {
    this.#params = params;
    this.#nowMs = nowMs;
  }

  /** @throws {HttpError} 413 or 415 for a body that is no small form */
  static async of(call: Call, context: HttpContext): Promise<LokiParameters> {
    const params = new URLSearchParams(call.query);
    if (call.request.method === "POST") {
      for (const [name, value] of await readForm(call, context)) params.append(name, value);
    }
    return new LokiParameters(params, context.now());
  }

  /** The values of a parameter that may be given several times. */
  all(name: string): string[] {
    return this.#params.getAll(name);
  }

  /** A parameter's value; empty if it is not given. */
  text(name: string): string {
    return this.#params.get(name) ?? "";
  }

  /** @throws {LogqlError} it is not given */
  required(name: string): string {
    const value = this.text(name);
    if (value === "") throw new LogqlError(`parse error : the parameter ${name} is missing`);
    return value;
  }

  /** The time of an instant query. @throws {LogqlError} it is none */
  get time(): Instant {
    return this.#instant("time", { ms: this.#nowMs, ns: 0 });
  }

  /**
   * `start` and `end`, or `since` before the end.
   * @param sinceMs how long a range is if the request does not say
   * @throws {LogqlError} one of them is none, or the end is before the start
   */
  range(sinceMs: number = HOUR_MS): TimeRange {
    const since = this.#duration("since") ?? sinceMs;
    const now = { ms: this.#nowMs, ns: 0 };
    const end = this.#instant("end", now);
    const latest = end.ms > now.ms ? now : end;
    const start = this.#instant("start", { ms: latest.ms - since, ns: latest.ns });
    if (end.ms < start.ms || (end.ms === start.ms && end.ns < start.ns)) {
      throw new LogqlError("end timestamp must not be before or equal to start time");
    }
    return { start, end };
  }

  /**
   * The points of a range query. Its ends are multiples of the step, as those of Loki's query frontend.
   * @throws {LogqlError} the step is none, or gives too many points
   */
  grid({ start, end }: TimeRange): Grid {
    const lengthMs = end.ms - start.ms;
    const stepMs = this.#duration("step") ??
      Math.max(Math.floor(lengthMs / 250_000), 1) * 1_000;
    if (!(stepMs >= 1)) {
      throw new LogqlError(
        "zero or negative query resolution step widths are not accepted. Try a positive integer",
      );
    }
    if (lengthMs / stepMs > STEPS_MAX) {
      throw new LogqlError(
        `exceeded maximum resolution of ${
          STEPS_MAX.toLocaleString("en")
        } points per time series. ` +
          "Try increasing the value of the step parameter",
      );
    }
    const first = Math.floor(start.ms / stepMs) * stepMs;
    const endMs = end.ms + (end.ns > 0 ? 1 : 0);
    const count = Math.ceil((endMs - first) / stepMs) + 1;
    return { start: { ms: first, ns: 0 }, stepMs, count };
  }

  /** The milliseconds between lines; 0: every line. @throws {LogqlError} it is no duration */
  get intervalMs(): number {
    return this.#duration("interval") ?? 0;
  }

  /** Whether the oldest line comes first. @throws {LogqlError} neither `forward` nor `backward` */
  get forward(): boolean {
    const text = this.text("direction").toLowerCase();
    if (["", "backward", "forward"].includes(text)) return text === "forward";
    throw new LogqlError(
      `invalid direction ${shown(text)}: it can be forward or backward`,
    );
  }

  /** The most lines that an answer may have. @throws {LogqlError} no positive integer, or too large */
  get lineLimit(): number {
    const limit = this.integer("limit", ENTRIES_DEFAULT);
    if (limit <= ENTRIES_MAX) return limit;
    throw new LogqlError(
      `max entries limit per query exceeded, limit > max_entries_limit_per_query (${limit} > ${ENTRIES_MAX})`,
    );
  }

  /** A positive integer. @throws {LogqlError} anything else was given */
  integer(name: string, absent: number): number {
    const text = this.text(name);
    if (text === "") return absent;
    const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
    if (value > 0) return value;
    throw new LogqlError(`${name} must be a positive value: ${shown(text)} is no positive integer`);
  }

  #instant(name: string, absent: Instant): Instant {
    const text = this.text(name);
    if (text === "") return absent;
    const instant = parseTime(text);
    if (instant !== undefined) return instant;
    throw new LogqlError(
      `could not parse '${name}' parameter: ${shown(text)} is no time; ` +
        "give nanoseconds or seconds since 1970, or RFC 3339",
    );
  }

  /** A duration or a number of seconds, in milliseconds; `undefined` if it is not given. */
  #duration(name: string): number | undefined {
    const text = this.text(name);
    if (text === "") return undefined;
    const isNumber = /^-?[0-9]*\.?[0-9]+$/.test(text);
    const ms = isNumber ? Math.ceil(Number(text) * 1000) : parseMilliseconds(text);
    if (ms !== undefined && Number.isSafeInteger(ms)) return ms;
    throw new LogqlError(
      `could not parse '${name}' parameter: ${shown(text)} is no duration such as 30s, nor seconds`,
    );
  }
}

async function readForm(call: Call, context: HttpContext): Promise<URLSearchParams> {
  const type = call.request.headers.get("content-type") ?? "";
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
    throw new HttpError(415, "Cannot read a body of this type: send a form, urlencoded");
  }
  return await context.bodies.read(
    call.request,
    (body) => new URLSearchParams(new TextDecoder().decode(body)),
    LOKI_FORM_BYTES_MAX,
  );
}
