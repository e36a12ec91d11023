import type { VNode } from "preact";
import { ApiError, sentenceOf } from "../api/client.ts";
import { isFiltered, NO_FILTERS } from "../state/filters.ts";
import { navigate, view } from "../state/navigation.ts";
import { rangeLabel } from "../state/range.ts";
import { reload, rowsError } from "../state/results.ts";
import { shortTime } from "../state/time_text.ts";

/** What stands where rows would be: nothing was found, or nothing could be asked. */
export function Empty(): VNode {
  const { filters, range, live } = view.value;
  const error = rowsError.value;
  if (error instanceof ApiError && error.queryOffset !== undefined) {
    return (
      <div class="empty">
        <h2>The search cannot be read</h2>
        <p>The search line says where. Press / to mend it.</p>
      </div>
    );
  }
  if (error !== undefined) {
    return (
      <div class="empty">
        <h2>The records could not be read</h2>
        <p>{sentenceOf(error)}</p>
        <button type="button" onClick={reload}>Try again</button>
      </div>
    );
  }
  return (
    <div class="empty">
      <h2>{live ? "Waiting for records" : "No records"}</h2>
      <p>{rangeLabel(range, shortTime)}{isFiltered(filters) ? ", with these filters" : ""}</p>
      <div class="choices">
        {isFiltered(filters) && (
          <button
            type="button"
            onClick={() => navigate({ filters: NO_FILTERS })}
          >
            Clear the filters
          </button>
        )}
        {range.kind !== "all" && (
          <button
            type="button"
            onClick={() => navigate({ range: { kind: "all" } })}
          >
            Show all time
          </button>
        )}
      </div>
    </div>
  );
}
