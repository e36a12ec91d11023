import type { VNode } from "preact";
import {
  cancelExport,
  exportedBytes,
  exportError,
  type ExportFormat,
  exportRecords,
} from "../state/export.ts";
import { view } from "../state/navigation.ts";
import { bytesText, countOf } from "../state/numbers.ts";
import { histogram, results, shownParams } from "../state/results.ts";
import { Popover } from "./popover.tsx";

/** Saves what matches as a file. */
export function ExportPanel(): VNode | null {
  const { screen, around } = view.value;
  if (screen !== "rows" || around !== undefined) return null;
  const total = histogram.value?.total;
  return (
    <Popover name="export" label="Export" icon="down">
      <p>
        {total === undefined ? "Everything that matches" : `${countOf(total, "record")} that match`}
        , oldest first
      </p>
      {exportedBytes.value === undefined
        ? (
          <div class="choices">
            <button type="button" class="item" onClick={() => start("ndjson")}>
              NDJSON <small>one JSON object a line</small>
            </button>
            <button type="button" class="item" onClick={() => start("csv")}>
              CSV <small>for spreadsheets</small>
            </button>
          </div>
        )
        : (
          <div class="choices">
            <span role="status">{bytesText(exportedBytes.value)} received…</span>
            <button type="button" onClick={cancelExport}>Cancel</button>
          </div>
        )}
      {exportError.value !== "" && <p class="wrong" role="alert">{exportError.value}</p>}
    </Popover>
  );
}

function start(format: ExportFormat): void {
  const shown = results.peek();
  if (shown === undefined) return;
  const params = shownParams(shown);
  params.set("order", "asc");
  void exportRecords(params, format);
}
