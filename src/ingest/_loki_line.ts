import { ATTRIBUTE_DEPTH_MAX } from "../record.ts";
import { quoteLongIntegers } from "./_long_integers.ts";

/** A line that is a JSON object with a message. */
export interface JsonLine {
  /** As `JSON.parse` gives them, the message among them; safe to write with `JSON.stringify`. */
  readonly members: { readonly [name: string]: unknown };
  readonly messageName: "message" | "msg";
  readonly message: string;
}

/** Digits that may be an integer beyond 2^53. */
const LONG_DIGITS = /[0-9]{16}/;

/**
 * Reads a line as JSON; `undefined` if it is no object, has no message, or holds what attributes cannot: then the line itself
 * is the message, and nothing is lost.
 */
export function readJsonLine(line: string): JsonLine | undefined {
  if (line.trimEnd().at(-1) !== "}") return undefined;
  let members: unknown;
  try {
    members = JSON.parse(line);
    if (LONG_DIGITS.test(line)) members = JSON.parse(quoteLongIntegers(line));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (typeof members !== "object" || members === null || !isTame(members, 1)) return undefined;
  const object = members as JsonLine["members"];
  const messageName = typeof object.message === "string" ? "message" : "msg";
  const message = object[messageName];
  return typeof message === "string" ? { members: object, messageName, message } : undefined;
}

/** Whether attributes can hold a value as it is. @param depth its own, if it is an object or array */
function isTame(value: unknown, depth: number): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return true;
  if (depth > ATTRIBUTE_DEPTH_MAX) return false;
  if (Array.isArray(value)) return value.every((item) => isTame(item, depth + 1));
  for (const [name, member] of Object.entries(value)) {
    if (!name.isWellFormed() || !isTame(member, depth + 1)) return false;
  }
  return true;
}
