import type { Signal } from "@preact/signals";
import type { VNode } from "preact";
import { dense, facetsShown, utc, wrap } from "../state/preferences.ts";
import { zoneName } from "../state/time_text.ts";
import { Popover } from "./popover.tsx";

/** How rows are shown. */
export function LookPanel(): VNode {
  return (
    <Popover name="look" label="View" icon="look">
      <Switch of={wrap} label="Wrap long lines" note="w" />
      <Switch of={dense} label="Close rows" />
      <Switch of={utc} label="Times in UTC" note={utc.value ? "" : `now ${zoneName()}`} />
      <Switch of={facetsShown} label="Filters at the left" />
    </Popover>
  );
}

function Switch(
  { of, label, note = "" }: { of: Signal<boolean>; label: string; note?: string },
): VNode {
  return (
    <label class="switch">
      <input
        type="checkbox"
        checked={of.value}
        onChange={(event) => of.value = event.currentTarget.checked}
      />
      <span>{label}</span>
      {note !== "" && <small>{note}</small>}
    </label>
  );
}
