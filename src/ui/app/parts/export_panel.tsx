import type { VNode } from "preact";
import { exportError, type ExportFormat, exportRecords } from "../state/export.ts";
import { panel } from "../state/keys.ts";
import { view } from "../state/navigation.ts";
import { countOf } from "../state/numbers.ts";
import { histogram, results, shownParams } from "../state/results.ts";
import { say } from "../state/toast.ts";
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
      <div class="choices">
        <button type="button" class="item" onClick={() => void start("ndjson")}>
          NDJSON <small>one JSON object a line</small>
        </button>
        <button type="button" class="item" onClick={() => void start("csv")}>
          CSV <small>for spreadsheets</small>
        </button>
      </div>
      {exportError.value !== "" && <p class="wrong" role="alert">{exportError.value}</p>}
    </Popover>
  );
}

async function start(format: ExportFormat): Promise<void> {
  const shown = results.peek();
  if (shown === undefined) return;
  const params = shownParams(shown);
  params.set("order", "asc");
  if (!await exportRecords(params, format)) return;
  panel.value = "none";
  say("Your browser is saving the records");
}
