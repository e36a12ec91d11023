import type { Appended } from "../storage/mod.ts";
import { JSON_HEADERS } from "./respond.ts";

const encoder = new TextEncoder();

const COMMA = 0x2c;
const ZERO = 0x30;
const NINE = 0x39;

/** The answer of `POST /logs`: how many records were stored, under which ids. */
export function savedResponse({ firstId, count }: Appended): Response {
  const head = `{"message":"Log(s) saved successfully","count":${count},"ids":[`;
  const body = count < 2 ? `${head}${count === 0 ? "" : firstId}]}` : idBytes(head, firstId, count);
  return new Response(body, { status: 201, headers: JSON_HEADERS });
}

/**
 * The answer as bytes, each id made of the digits of the one before: as text, a thousand ids would be thousands of strings
 * in a row.
 */
function idBytes(head: string, firstId: number, count: number): Uint8Array<ArrayBuffer> {
  const widest = String(firstId + count).length;
  const bytes = new Uint8Array(head.length + count * (widest + 1) + 1);
  let at = encoder.encodeInto(head, bytes).written;
  let width = 0;
  let wider = 0;
  for (let id = firstId; id < firstId + count; id++) {
    if (id >= wider) {
      width = encoder.encodeInto(String(id), bytes.subarray(at)).written;
      wider = 10 ** width;
    } else {
      for (let i = at; i < at + width; i++) bytes[i] = bytes[i - width - 1]!;
      let digit = at + width - 1;
      while (bytes[digit] === NINE) bytes[digit--] = ZERO;
      bytes[digit]!++;
    }
    at += width;
    bytes[at++] = COMMA;
  }
  at += encoder.encodeInto("]}", bytes.subarray(at - 1)).written - 1;
  return bytes.subarray(0, at);
}
