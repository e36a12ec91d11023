/**
 * @module Syslog messages: RFC 5424, and the older format in its many shapes (RFC 3164). What is neither is kept whole as a
 * message with severity INFO.
 *
 * PRI gives the severity, TIMESTAMP the time, APP-NAME or TAG the service; facility, host name, process id, message id and
 * structured data are the attributes `facility`, `hostname`, `procid`, `msgid` and `structured_data`; who sent a message without
 * a host name is `source`.
 */

import { type Instant, parseInstantInto, type RecordBatch } from "../record.ts";
import type { Members } from "./_lenient_attributes.ts";
import { lenientUtf8 } from "./_lenient_json.ts";
import { appendLenient, blankRecord, type LenientRecord } from "./_lenient_record.ts";
import { PLAIN_INFO, severityOfSyslogNumber } from "./_lenient_severity.ts";
import { readStructuredData } from "./syslog_structured_data.ts";
import { readBsdTime } from "./syslog_time.ts";
import type { SyslogFrame } from "./syslog_framer.ts";

/** What a message may leave open. */
export interface SyslogDefaults {
  /** The time of receipt: of messages without a time, and where years come from. */
  readonly now: Instant;
  /** The service of messages that name no program. */
  readonly service: string;
  /** How far the senders' clocks are ahead of UTC, in milliseconds: RFC 3164's times are local. */
  readonly utcOffsetMs: number;
  /** The address that the message came from: of messages that name no host. */
  readonly source?: string;
}

/** Facilities by number (RFC 5424, section 6.2.1, with the names that syslog.conf has for them). */
const FACILITIES = [
  "kern",
  "user",
  "mail",
  "daemon",
  "auth",
  "syslog",
  "lpr",
  "news",
  "uucp",
  "cron",
  "authpriv",
  "ftp",
  "ntp",
  "security",
  "console",
  "solaris-cron",
  "local0",
  "local1",
  "local2",
  "local3",
  "local4",
  "local5",
  "local6",
  "local7",
];

const PRI = /^<([0-9]{1,3})>/;
const PRI_MAX = FACILITIES.length * 8 - 1;

const record = blankRecord();

/** Appends the record of one message, whatever it holds; of an empty one too. */
export function decodeSyslogMessage(
  frame: SyslogFrame,
  defaults: SyslogDefaults,
  batch: RecordBatch,
): void {
  const text = withoutEnd(lenientUtf8(frame.bytes));
  record.ms = defaults.now.ms;
  record.ns = defaults.now.ns;
  record.service = "";
  record.severity = PLAIN_INFO;
  const attributes: Members = {};
  record.attributes = attributes;
  const match = PRI.exec(text);
  const pri = match === null ? NaN : Number(match[1]);
  if (match !== null && pri <= PRI_MAX) {
    record.severity = severityOfSyslogNumber(pri % 8);
    attributes.facility = FACILITIES[Math.floor(pri / 8)];
    const rest = text.slice(match[0].length);
    if (!read5424(rest, record)) read3164(rest, defaults, record);
  } else {
    record.message = text;
  }
  if (record.service === "") record.service = defaults.service;
  const { source } = defaults;
  if (attributes.hostname === undefined && source !== undefined) attributes.source = source;
  record.lostBytes = frame.lostBytes;
  appendLenient(batch, record);
}

/** The text without the NULs and line ends that some senders add, in datagrams and counted frames too. */
function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && "\0\r\n".includes(text[end - 1]!)) end--;
  return text.slice(0, end);
}

/** VERSION TIMESTAMP HOSTNAME APP-NAME PROCID MSGID, and what follows a space. */
const HEADER_5424 = /^1 (\S{1,64}) (\S{1,255}) (\S{1,255}) (\S{1,255}) (\S{1,255})(?: |$)/;

const NIL = "-";
const BYTE_ORDER_MARK = "\ufeff";

function read5424(text: string, out: LenientRecord): boolean {
  const match = HEADER_5424.exec(text);
  if (match === null) return false;
  const [header, timestamp = NIL, hostname = NIL, appName = NIL, procid = NIL, msgid = NIL] = match;
  const attributes = out.attributes!;
  const isTimeKnown = parseInstantInto(timestamp, out);
  if (!isTimeKnown && timestamp !== NIL) attributes.timestamp = timestamp;
  if (appName !== NIL) out.service = appName;
  if (hostname !== NIL) attributes.hostname = hostname;
  if (procid !== NIL) attributes.procid = procid;
  if (msgid !== NIL) attributes.msgid = msgid;
  const data = readStructuredData(text, header.length);
  if (data === undefined) {
    // As it is: part of the text is better than none.
    out.message = text.slice(header.length);
    return true;
  }
  if (data.elements !== undefined) attributes.structured_data = data.elements;
  const message = text.slice(data.end);
  out.message = message.startsWith(BYTE_ORDER_MARK) ? message.slice(1) : message;
  return true;
}

/** A program's name, its process id in brackets, a colon. */
const TAG = /^([^\s:[\]<>(){}"']{1,128})(?:\[([^\]\s]{0,128})\])?:(?: |$)/;
/** The same with a process id for certain, colon or not. */
const TAG_WITH_PID = /^([^\s:[\]<>(){}"']{1,128})\[([^\]\s]{1,128})\]:?(?: |$)/;
const HOST = /^([^\s:[\]]{1,255}|\[?[0-9a-fA-F:.]{2,64}\]?) /;
/** Where no time tells that a tag follows: words that begin messages rather. */
const NO_TAG =
  /^(?:trace|debug|info|notice|warn|warning|error|err|critical|fatal|\w*(?:Error|Exception))$/i;

/** TIMESTAMP HOSTNAME TAG: message, as far as they are there. */
function read3164(text: string, { now, utcOffsetMs }: SyslogDefaults, out: LenientRecord): void {
  const attributes = out.attributes!;
  const timeEnd = readBsdTime(text, now, utcOffsetMs, out);
  let rest = text.slice(timeEnd);
  let tag = TAG_WITH_PID.exec(rest) ?? TAG.exec(rest);
  if (timeEnd > 0 && tag === null) {
    const host = HOST.exec(rest);
    if (host !== null) {
      attributes.hostname = host[1];
      rest = rest.slice(host[0].length);
      tag = TAG_WITH_PID.exec(rest) ?? TAG.exec(rest);
    }
  } else if (timeEnd === 0 && tag !== null && NO_TAG.test(tag[1]!)) {
    tag = null;
  }
  if (tag !== null) {
    out.service = tag[1]!;
    if (tag[2] !== undefined && tag[2] !== "") attributes.procid = tag[2];
    rest = rest.slice(tag[0].length);
  }
  out.message = rest;
}
