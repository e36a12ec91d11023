import {
  decodeGelfMessage,
  decodeSyslogMessage,
  type GelfFrame,
  GelfFramer,
  type SyslogFrame,
  SyslogFramer,
} from "../ingest/mod.ts";
import { RecordBatch } from "../record.ts";

/** Turns the bytes of one sender into records. */
export interface SocketDecoder {
  /** The records that are complete with these bytes. */
  push(chunk: Uint8Array): RecordBatch;
  /** What is left when the connection ends. */
  finish(): RecordBatch;
}

/** A format that comes over sockets. */
export interface SocketFormat {
  readonly name: "syslog" | "gelf";
  /** The service of records that name none. */
  readonly service: string;
  /** The decoder of a connection. @param source the other end's address */
  open(source: string): SocketDecoder;
  /** Appends the record of a datagram. */
  datagram(bytes: Uint8Array, source: string, batch: RecordBatch): void;
}

/** Syslog: RFC 5424 and RFC 3164, octet-counted or by line. */
export const SYSLOG: SocketFormat = {
  name: "syslog",
  service: "syslog",
  open: (source) => new FramedDecoder(new SyslogFramer(), syslogDecode(source)),
  datagram: (bytes, source, batch) => syslogDecode(source)({ bytes, lostBytes: 0 }, batch),
};

/** Graylog's format, each message ended by a NUL over TCP. */
export const GELF: SocketFormat = {
  name: "gelf",
  service: "gelf",
  open: () => new FramedDecoder(new GelfFramer(), gelfDecode),
  datagram: (bytes, _, batch) => gelfDecode({ bytes, lostBytes: 0 }, batch),
};

function syslogDecode(source: string) {
  return (frame: SyslogFrame, batch: RecordBatch): void => {
    const ms = Date.now();
    // RFC 3164's times are local, and senders are mostly where the server is.
    const utcOffsetMs = -new Date(ms).getTimezoneOffset() * 60_000;
    const defaults = { now: { ms, ns: 0 }, service: SYSLOG.service, utcOffsetMs, source };
    decodeSyslogMessage(frame, defaults, batch);
  };
}

function gelfDecode(frame: GelfFrame, batch: RecordBatch): void {
  decodeGelfMessage(frame, { ms: Date.now(), ns: 0 }, GELF.service, batch);
}

/** Finds the messages in a stream of bytes. */
interface Framer<F> {
  push(chunk: Uint8Array): F[];
  finish(): F[];
}

class FramedDecoder<F> implements SocketDecoder {
  constructor(
    readonly framer: Framer<F>,
    readonly decode: (frame: F, batch: RecordBatch) => void,
  ) {}

  push(chunk: Uint8Array): RecordBatch {
    return this.#batchOf(this.framer.push(chunk));
  }

  finish(): RecordBatch {
    return this.#batchOf(this.framer.finish());
  }

  #batchOf(frames: readonly F[]): RecordBatch {
    const batch = new RecordBatch();
    for (const frame of frames) this.decode(frame, batch);
    return batch;
  }
}
