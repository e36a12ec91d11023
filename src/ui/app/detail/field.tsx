import type { VNode } from "preact";
import { copy } from "../state/clipboard.ts";
import { termState, toggleTerm } from "../state/filters.ts";
import { Icon } from "../parts/icons.tsx";
import { navigate, view } from "../state/navigation.ts";

interface FieldProps {
  readonly name: string;
  readonly value: string;
  /** The filter's field; absent: it cannot be filtered by. */
  readonly filter?: string;
  readonly note?: string;
  readonly isJson?: boolean;
}

/** A longer value could not be filtered by: the server takes 1,024 characters. */
const FILTER_UNITS_MAX = 1_024;

/** One field of a record, with what can be done with its value. */
export function Field({ name, value, filter, note = "", isJson = false }: FieldProps): VNode {
  const canFilter = filter !== undefined && value.length <= FILTER_UNITS_MAX;
  const state = canFilter ? termState(view.value.filters, filter, value) : "none";
  return (
    <div class={`field ${state}`}>
      <dt title={name}>{name}</dt>
      <dd>
        <div class="field-text">
          <span class="field-value">{isJson ? indented(value) : value}</span>
          {note !== "" && <small>{note}</small>}
        </div>
        <span class="field-actions">
          {canFilter && <FilterButton field={filter} name={name} value={value} not={false} />}
          {canFilter && filter !== "trace_id" &&
            <FilterButton field={filter} name={name} value={value} not />}
          <button
            type="button"
            class="bare"
            title="Copy"
            aria-label={`Copy ${name}`}
            onClick={() => void copy(value, name)}
          >
            <Icon name="copy" />
          </button>
        </span>
      </dd>
    </div>
  );
}

interface FilterButtonProps {
  readonly field: string;
  readonly name: string;
  readonly value: string;
  readonly not: boolean;
}

function FilterButton({ field, name, value, not }: FilterButtonProps): VNode {
  const state = termState(view.value.filters, field, value);
  const label = not ? `Filter out this ${name}` : `Filter for this ${name}`;
  return (
    <button
      type="button"
      class="bare"
      title={label}
      aria-label={label}
      aria-pressed={state === (not ? "out" : "in")}
      onClick={() =>
        navigate({
          filters: toggleTerm(view.peek().filters, { field, value, not }),
          around: undefined,
        })}
    >
      {not ? "≠" : "="}
    </button>
  );
}

function indented(json: string): string {
  return JSON.stringify(JSON.parse(json), null, 2);
}
