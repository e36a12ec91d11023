import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { sentenceOf } from "../api/client.ts";
import { attributeText, type LogRecord } from "../api/record.ts";
import { copy } from "../state/clipboard.ts";
import { NO_FILTERS } from "../state/filters.ts";
import { navigate, view } from "../state/navigation.ts";
import { openError, openRecord } from "../state/open_record.ts";
import { results } from "../state/results.ts";
import { closeRow, moveRow } from "../state/row_moves.ts";
import { fullTime, spanText, zoneName } from "../state/time_text.ts";
import { formatView } from "../state/view.ts";
import { Icon } from "../parts/icons.tsx";
import { Field } from "./field.tsx";

/** The open record: every field, and what can be done with it. */
export function Detail(): VNode | null {
  const { open } = view.value;
  if (open === undefined) return null;
  const record = openRecord.value;
  return (
    <aside class="detail" aria-label={`Record ${open}`}>
      <header>
        <h2>
          {record !== undefined && <span class={`badge ${record.severity}`}>{record.severity}
          </span>}
          <span>{record?.service ?? `Record ${open}`}</span>
        </h2>
        <Step by={-1} label="Previous record (k)" sign="↑" />
        <Step by={1} label="Next record (j)" sign="↓" />
        <button type="button" class="tool only-icon" aria-label="Close (Esc)" onClick={closeRow}>
          <Icon name="close" />
        </button>
      </header>
      {openError.value !== undefined && <p class="wrong">{sentenceOf(openError.value)}</p>}
      {record !== undefined && <Fields record={record} />}
    </aside>
  );
}

function Step({ by, label, sign }: { by: number; label: string; sign: string }): VNode {
  return (
    <button
      type="button"
      class="tool only-icon"
      aria-label={label}
      title={label}
      onClick={() => moveRow(by)}
    >
      {sign}
    </button>
  );
}

function Fields({ record }: { record: LogRecord }): VNode {
  const body = useRef<HTMLDivElement>(null);
  useEffect(() => body.current!.scrollTo(0, 0), [record.id]);
  const ms = Date.parse(record.timestamp);
  const attributes = Object.entries(record.attributes ?? {});
  return (
    <div class="detail-body" ref={body} tabIndex={0} role="group" aria-label="Fields">
      <Actions record={record} />
      <pre class="whole-message">{record.message}</pre>
      <dl class="fields">
        <Field name="time" value={record.timestamp} note={`${fullTime(ms)} ${zoneName(ms)}`} />
        <Field name="severity" value={record.severity} filter="severity" />
        <Field name="service" value={record.service} filter="service" />
        {attributes.map(([name, value]) => (
          <Field
            key={name}
            name={name}
            value={attributeText(value)}
            filter={`attr.${name}`}
            isJson={typeof value === "object" && value !== null}
          />
        ))}
        {record.trace_id !== undefined && (
          <Field name="trace_id" value={record.trace_id} filter="trace_id" />
        )}
        {record.span_id !== undefined && <Field name="span_id" value={record.span_id} />}
        <Field name="received" value={record.received_at} note={delay(record)} />
        <Field name="id" value={String(record.id)} />
      </dl>
    </div>
  );
}

function delay({ timestamp, received_at }: LogRecord): string {
  const ms = Date.parse(received_at) - Date.parse(timestamp);
  if (Math.abs(ms) < 1_000) return "";
  return ms > 0 ? `${spanText(ms)} after it was written` : `${spanText(-ms)} before its own time`;
}

function Actions({ record }: { record: LogRecord }): VNode {
  return (
    <div class="actions">
      <button type="button" onClick={() => void copy(record.message, "Message")}>
        Copy message
      </button>
      <button
        type="button"
        onClick={() => void copy(JSON.stringify(record, null, 2), "JSON")}
      >
        Copy as JSON
      </button>
      <button type="button" onClick={() => void copy(linkTo(record), "Link")}>Copy link</button>
      <button
        type="button"
        title="The same service before and after, filters cleared"
        onClick={() => around(record)}
      >
        Around this
      </button>
    </div>
  );
}

/** A link that shows the same tomorrow: a range like "the last hour" is made one of fixed times. */
function linkTo(record: LogRecord): string {
  const now = view.peek();
  const bounds = results.peek()?.bounds;
  const range = bounds?.start !== undefined && bounds.end !== undefined
    ? { kind: "between" as const, start: bounds.start, end: bounds.end }
    : now.range;
  const pinned = { ...now, range, live: false, open: record.id };
  return location.origin + location.pathname + formatView(pinned);
}

function around(record: LogRecord): void {
  navigate({ around: record.id, filters: NO_FILTERS, live: false, screen: "rows" });
}
