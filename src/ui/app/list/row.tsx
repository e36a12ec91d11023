import { Component, type VNode } from "preact";
import { signal } from "@preact/signals";
import type { LogRecord } from "../api/record.ts";
import { activeKey } from "../state/live.ts";
import { cutAtMatches, highlightPattern } from "../state/highlight.ts";
import { attributesLine, shownMessage } from "../state/message_text.ts";
import { view } from "../state/navigation.ts";
import { utc, wrap } from "../state/preferences.ts";
import { results } from "../state/results.ts";
import { openRow } from "../state/row_moves.ts";
import { fullTime, rowTime } from "../state/time_text.ts";
import type { ListRow } from "./block.ts";
import type { RowList } from "./row_list.ts";

/** Rows whose whole message is shown. */
export const expandedKeys = signal<ReadonlySet<number>>(new Set());

/** How rows look; the same object as long as nothing of it changes, so that rows need not be drawn again. */
export interface RowLook {
  readonly withDate: boolean;
  readonly wrapped: boolean;
  readonly utc: boolean;
  readonly pattern: RegExp | undefined;
  readonly q: string;
  readonly around: number | undefined;
}

let look: RowLook | undefined;

/** How rows of a list look now. */
export function rowLook(list: RowList, q: string): RowLook {
  const next: RowLook = {
    withDate: spansDays(list),
    wrapped: wrap.value,
    utc: utc.value,
    pattern: look?.q === q ? look.pattern : highlightPattern(q),
    q,
    around: results.value?.around?.id,
  };
  const keys = Object.keys(next) as (keyof RowLook)[];
  if (look === undefined || keys.some((key) => look![key] !== next[key])) look = next;
  return look;
}

const DAY_MS = 86_400_000;

function spansDays(list: RowList): boolean {
  const { bounds, asOfMs, around } = results.value ?? {};
  if (around !== undefined) return true;
  if (bounds?.start !== undefined) {
    const end = bounds.end === undefined ? asOfMs! : Date.parse(bounds.end);
    // Yesterday's times are not today's: the date is left out only where there can be but one.
    return end - Date.parse(bounds.start) >= DAY_MS / 2 || asOfMs! - end > DAY_MS / 2;
  }
  return list.count > 0;
}

interface RowProps {
  readonly row: ListRow | undefined;
  readonly index: number;
  readonly look: RowLook;
}

/** One line of the list. */
export class Row extends Component<RowProps> {
  #drawn = "";

  override shouldComponentUpdate(next: RowProps): boolean {
    const { props } = this;
    return next.row !== props.row || next.look !== props.look || next.index !== props.index ||
      this.#drawn !== stateOf(next.row);
  }

  override render({ row, index, look }: RowProps): VNode {
    this.#drawn = stateOf(row);
    if (row === undefined) return <div class="row blank" role="row" aria-rowindex={index + 1} />;
    if (row.record === undefined) {
      return (
        <div class="row notice" role="row" aria-rowindex={index + 1}>
          <span role="gridcell">{row.notice}</span>
        </div>
      );
    }
    return drawRecord(row.record, index, look, this.#drawn);
  }
}

/** What of the page's state a row shows, as classes. */
function stateOf(row: ListRow | undefined): string {
  if (row === undefined) return "";
  let state = "";
  if (activeKey.value === row.key) state += " active";
  if (view.value.open === row.key) state += " open";
  if (expandedKeys.value.has(row.key)) state += " expanded";
  return state;
}

function drawRecord(record: LogRecord, index: number, look: RowLook, state: string): VNode {
  const expanded = state.includes("expanded");
  const { text, isCut } = expanded
    ? { text: record.message, isCut: true }
    : shownMessage(record.message, look.wrapped);
  const ms = Date.parse(record.timestamp);
  const around = look.around === record.id ? " around" : "";
  return (
    <div
      class={`row ${record.severity}${state}${around}`}
      id={`row${record.id}`}
      role="row"
      aria-rowindex={index + 1}
      aria-selected={state.includes("open")}
      onClick={(event) => clicked(event, record.id)}
    >
      <span class="time" role="gridcell" title={fullTime(ms)}>{rowTime(ms, look.withDate)}</span>
      <span class="letter" role="gridcell" aria-label={record.severity} title={record.severity}>
        {record.severity[0]}
      </span>
      <span class="service" role="gridcell" title={record.service}>{record.service}</span>
      <span class="message" role="gridcell">
        <bdi class="text">{marked(text, look.pattern)}</bdi>
        {!expanded && <bdi class="attributes">{attributesLine(record.attributes)}</bdi>}
      </span>
      {isCut && showAll(record, expanded)}
    </div>
  );
}

function showAll({ id, message }: LogRecord, expanded: boolean): VNode {
  const size = message.length > 2_000 ? ` (${Math.round(message.length / 1_000)} k)` : "";
  return (
    <span class="more" role="gridcell">
      <button type="button" class="link" onClick={() => toggleExpanded(id)}>
        {expanded ? "show less" : `show all${size}`}
      </button>
    </span>
  );
}

function marked(text: string, pattern: RegExp | undefined) {
  const pieces = cutAtMatches(text, pattern);
  if (pieces.length === 1) return text;
  return pieces.map((piece, i) => i % 2 === 1 ? <mark key={i}>{piece}</mark> : piece);
}

function toggleExpanded(key: number): void {
  const keys = new Set(expandedKeys.peek());
  if (!keys.delete(key)) keys.add(key);
  const list = results.peek()?.list;
  // What was asked for begins where the reader looks: the list does not run to its end.
  if (list !== undefined) list.atEnd = false;
  expandedKeys.value = keys;
}

function clicked(event: MouseEvent, key: number): void {
  if (event.target instanceof HTMLButtonElement) return;
  // The end of a selection is not a wish to open something.
  if (getSelection()?.isCollapsed === false) return;
  openRow(key);
}
