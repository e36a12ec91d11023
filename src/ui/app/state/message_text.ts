/** UTF-16 units of a message in a row that is not wrapped: more than the widest screen shows. */
const LINE_UNITS = 600;
/** UTF-16 units of a message in a wrapped row: some lines; the rest is a click away. */
const WRAPPED_UNITS = 1_500;
/** Lines of a wrapped message. */
const WRAPPED_LINES = 12;
/** UTF-16 units of the attributes behind a message. */
const ATTRIBUTES_UNITS = 300;

/** What a row shows of a message. */
export interface ShownMessage {
  readonly text: string;
  /** Whether there is more. */
  readonly isCut: boolean;
}

/** A message as a row shows it. */
export function shownMessage(message: string, wrapped: boolean): ShownMessage {
  return wrapped ? wrappedMessage(message) : lineMessage(message);
}

function lineMessage(message: string): ShownMessage {
  const head = cutUnits(message, LINE_UNITS);
  const text = head.replace(/\r\n|[\r\n]/g, " ⏎ ").replaceAll("\t", " ");
  return { text, isCut: head.length < message.length || /[\r\n]/.test(head.trimEnd()) };
}

function wrappedMessage(message: string): ShownMessage {
  let text = cutUnits(message, WRAPPED_UNITS);
  const lines = text.split("\n");
  if (lines.length > WRAPPED_LINES) text = lines.slice(0, WRAPPED_LINES).join("\n");
  return { text, isCut: text.length < message.length };
}

/** The first units of a text, without half a surrogate pair at the end. */
function cutUnits(text: string, units: number): string {
  if (text.length <= units) return text;
  const last = text.charCodeAt(units - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? units - 1 : units);
}

/** Attributes as `name=value` behind a message, as many as have room. */
export function attributesLine(attributes: Readonly<Record<string, unknown>> | undefined): string {
  if (attributes === undefined) return "";
  let line = "";
  for (const [name, value] of Object.entries(attributes)) {
    if (line.length >= ATTRIBUTES_UNITS) return `${cutUnits(line, ATTRIBUTES_UNITS)}…`;
    const text = typeof value === "string" ? value : JSON.stringify(value);
    line += `${line === "" ? "" : "  "}${name}=${cutUnits(text, ATTRIBUTES_UNITS)}`;
  }
  return cutUnits(line, ATTRIBUTES_UNITS).replace(/\s*[\r\n]\s*/g, " ");
}
