import type { VNode } from "preact";
import { isBelowLeast, termState, toggleTerm } from "../state/filters.ts";
import { navigate, view } from "../state/navigation.ts";
import { compact, whole } from "../state/numbers.ts";
import { Icon } from "./icons.tsx";

interface ValueProps {
  readonly field: string;
  readonly value: string;
  readonly count: number;
  readonly share: number;
}

/** One value of a field: a click includes it, Alt and a click excludes it. */
export function FacetValue({ field, value, count, share }: ValueProps): VNode {
  const state = termState(view.value.filters, field, value);
  const name = value === "" ? "(empty)" : value;
  const kind = field !== "severity"
    ? ""
    : isBelowLeast(value, view.value.filters)
    ? `${value} below`
    : value;
  return (
    <li class={`value ${state} ${kind}`}>
      <button
        type="button"
        class="include"
        aria-pressed={state === "in"}
        title={`${name}: ${whole(count)}. Click to include, Alt-click to exclude`}
        onClick={(event) => choose(field, value, event.altKey)}
      >
        <i class="bar" style={{ width: `${share * 100}%` }} />
        <span class="name">{name}</span>
        <em>{compact(count)}</em>
      </button>
      <button
        type="button"
        class="exclude"
        aria-label={`Exclude ${name}`}
        aria-pressed={state === "out"}
        title={`Exclude ${name}`}
        onClick={() => choose(field, value, true)}
      >
        <Icon name="close" />
      </button>
    </li>
  );
}

function choose(field: string, value: string, not: boolean): void {
  navigate({ filters: toggleTerm(view.peek().filters, { field, value, not }) });
}
