import { BadBodyError } from "./errors.ts";

/** Strict, and drops a byte order mark that starts the body. */
const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * A body as text, without the byte order mark that may start it.
 * @throws {BadBodyError} it is not UTF-8
 */
export function decodeUtf8(body: Uint8Array): string {
  try {
    return decoder.decode(body);
  } catch (cause) {
    const message = `Cannot read the body: it is not valid UTF-8 at byte ${invalidAt(body)}`;
    throw new BadBodyError(message, undefined, { cause });
  }
}

/** Where the first byte is that makes the body invalid; its length, if only more bytes could complete it. */
function invalidAt(body: Uint8Array): number {
  const step = 4096;
  let start = 0;
  const block = new TextDecoder("utf-8", { fatal: true });
  while (start < body.length && accepts(block, body.subarray(start, start + step))) start += step;
  // Sequences have at most four bytes: three before the block are enough to begin within or before one.
  let at = Math.max(0, Math.min(start, body.length) - 3);
  while (at > 0 && (body[at]! & 0xc0) === 0x80) at--;
  const single = new TextDecoder("utf-8", { fatal: true });
  while (at < body.length && accepts(single, body.subarray(at, at + 1))) at++;
  return at;
}

function accepts(streaming: TextDecoder, bytes: Uint8Array): boolean {
  try {
    streaming.decode(bytes, { stream: true });
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
