/** @module Protobuf written by hand, for tests: any message, right or wrong. */

/** Bytes of a message. */
export type Message = readonly number[];

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return bytes;
}

/** A field of type varint; negative numbers as int64. */
export function varintField(field: number, value: number | bigint): Message {
  return [...varint(BigInt(field << 3)), ...varint(BigInt(value))];
}

/** A field of type fixed64. */
export function fixed64Field(field: number, value: bigint): Message {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return [...varint(BigInt((field << 3) | 1)), ...bytes];
}

/** A field of type bytes: a string, bytes or a message. */
export function bytesField(field: number, value: string | Message): Message {
  const bytes = typeof value === "string" ? [...new TextEncoder().encode(value)] : value;
  return [...varint(BigInt((field << 3) | 2)), ...varint(BigInt(bytes.length)), ...bytes];
}

/** Fields one after the other. */
export function message(...fields: Message[]): Message {
  return fields.flat();
}

/** An `AnyValue` that is a string. */
export function stringValue(text: string): Message {
  return bytesField(1, text);
}

/** A `KeyValue`. */
export function keyValue(key: string, value: Message): Message {
  return message(bytesField(1, key), bytesField(2, value));
}

/** An `ExportLogsServiceRequest` of these log records, of service `s`. */
export function logsRequest(...logRecords: Message[]): Uint8Array {
  const resource = bytesField(1, keyValue("service.name", stringValue("s")));
  const scopeLogs = logRecords.flatMap((record) => bytesField(2, record));
  return Uint8Array.from(
    bytesField(1, message(bytesField(1, resource), bytesField(2, scopeLogs))),
  );
}

/** A block of snappy that holds the bytes as they are. */
export function storedSnappy(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return Uint8Array.of(0);
  const size = bytes.length - 1;
  // A literal with a length of three bytes.
  const tag = [0xf8, size & 0xff, (size >> 8) & 0xff, (size >> 16) & 0xff];
  return Uint8Array.from([...varint(BigInt(bytes.length)), ...tag, ...bytes]);
}
