import type { VNode } from "preact";
import { panel, toggleOverview } from "../state/keys.ts";
import { navigate, view } from "../state/navigation.ts";
import { FIRST_VIEW } from "../state/view.ts";
import { AccountPanel } from "./account_panel.tsx";
import { ExportPanel } from "./export_panel.tsx";
import { Icon } from "./icons.tsx";
import { LiveButton } from "./live_button.tsx";
import { LookPanel } from "./look_panel.tsx";
import { RangePanel } from "./range_panel.tsx";
import { SearchField } from "./search_field.tsx";

/** The search line and everything that stands beside it. */
export function TopBar(): VNode {
  const isOverview = view.value.screen === "overview";
  return (
    <header class="top">
      <h1>
        <a
          class="brand"
          href="/"
          aria-label="Log Sentinel: begin anew"
          title="Begin anew"
          onClick={(event) => {
            event.preventDefault();
            navigate(FIRST_VIEW);
          }}
        >
          <i class="mark" aria-hidden="true" />
          <span>Sentinel</span>
        </a>
      </h1>
      <button
        type="button"
        class="tool only-icon filters"
        aria-label="Filters"
        aria-expanded={panel.value === "facets"}
        onClick={() => panel.value = panel.value === "facets" ? "none" : "facets"}
      >
        <Icon name="filter" />
      </button>
      <SearchField />
      <RangePanel />
      <LiveButton />
      <button
        type="button"
        class="tool"
        aria-pressed={isOverview}
        title="Services and storage (o)"
        onClick={toggleOverview}
      >
        <Icon name="chart" />
        <span class="tool-text">Overview</span>
      </button>
      <LookPanel />
      <ExportPanel />
      <AccountPanel />
    </header>
  );
}
