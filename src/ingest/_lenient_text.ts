/** @module Texts from clients that cannot be told: brought within a record's limits instead of refused. */

import {
  MESSAGE_BYTES_MAX,
  SERVICE_CHARS_MAX,
  SEVERITY_TEXT_CHARS_MAX,
  TRACE_ID_CHARS_MAX,
  utf8Length,
} from "../record.ts";

/** What a service is called whose name is missing, or nothing but characters that no name may have. */
export const UNKNOWN_SERVICE = "unknown";

/** The attribute that says how many bytes of a message were cut off. */
export const MESSAGE_TRUNCATED_NAME = "message_truncated_bytes";

/** The name cleaned last and what came of it: batches repeat few names. */
let lastName = "";
let lastCleaned = UNKNOWN_SERVICE;

/**
 * A name as a record's service: white space around it trimmed, control characters replaced by a space, lone surrogates
 * by U+FFFD, cut to 128 characters; {@linkcode UNKNOWN_SERVICE} if nothing is left. Gives the same string if it is fine.
 */
export function cleanService(name: string): string {
  if (name === lastName) return lastCleaned;
  // deno-lint-ignore no-control-regex -- they are what is looked for
  let cleaned = name.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
  if (cleaned.length > SERVICE_CHARS_MAX) {
    // An iterator's steps are characters; twice as many units hold as many as are needed.
    const characters = [...cleaned.slice(0, SERVICE_CHARS_MAX * 2)];
    cleaned = characters.slice(0, SERVICE_CHARS_MAX).join("").toWellFormed().trim();
  }
  if (cleaned === "") cleaned = UNKNOWN_SERVICE;
  lastName = name;
  lastCleaned = cleaned;
  return cleaned;
}

/** Whether a message may stay as it is; by its length alone where that tells. */
export function fitsMessage(text: string): boolean {
  if (!text.isWellFormed()) return false;
  return text.length * 3 <= MESSAGE_BYTES_MAX ||
    (text.length <= MESSAGE_BYTES_MAX && utf8Length(text) <= MESSAGE_BYTES_MAX);
}

/** A message within its limit, and what it lost. */
export interface CutMessage {
  readonly text: string;
  /** Bytes of UTF-8 cut off its end; 0 mostly. */
  readonly lostBytes: number;
}

/** The message with U+FFFD for lone surrogates, cut between two characters to 65,536 bytes. */
export function cutMessage(message: string): CutMessage {
  const text = message.toWellFormed();
  if (fitsMessage(text)) return { text, lostBytes: 0 };
  const kept = cutToBytes(text, MESSAGE_BYTES_MAX);
  return { text: kept, lostBytes: utf8Length(text) - utf8Length(kept) };
}

/** Whether a trace or span id may stay one. Units for characters: the few of characters beyond 16 bits are attributes. */
export function fitsId(id: string): boolean {
  return id !== "" && id.length <= TRACE_ID_CHARS_MAX && id.isWellFormed();
}

/** Whether a severity's text may stay as it is. */
export function fitsSeverityText(text: string): boolean {
  return text.length <= SEVERITY_TEXT_CHARS_MAX && text.isWellFormed();
}

/** As much of a severity's text as there may be. */
export function cutSeverityText(text: string): string {
  return text.slice(0, SEVERITY_TEXT_CHARS_MAX).toWellFormed();
}

const encoder = new TextEncoder();

/** The longest beginning of a well-formed text that takes at most `max` bytes as UTF-8. */
export function cutToBytes(text: string, max: number): string {
  // encodeInto() stops before the first character that no longer fits as a whole.
  return text.slice(0, encoder.encodeInto(text, new Uint8Array(max)).read);
}
