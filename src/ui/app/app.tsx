import type { VNode } from "preact";
import { sentenceOf } from "./api/client.ts";
import { Detail } from "./detail/detail.tsx";
import { Histogram } from "./histogram/histogram.tsx";
import { Rows } from "./list/rows.tsx";
import { Overview } from "./overview/overview.tsx";
import { DeleteDialog } from "./parts/delete_dialog.tsx";
import { Empty } from "./parts/empty.tsx";
import { Facets } from "./parts/facets.tsx";
import { FilterChips } from "./parts/filter_chips.tsx";
import { Help } from "./parts/help.tsx";
import { SignIn } from "./parts/sign_in.tsx";
import { StatusBar, WaitingPill } from "./parts/status_bar.tsx";
import { TopBar } from "./parts/top_bar.tsx";
import { panel } from "./state/keys.ts";
import { view } from "./state/navigation.ts";
import { facetsShown } from "./state/preferences.ts";
import { isLoading, results, rowsError } from "./state/results.ts";
import { mayNow, refreshSession, session, sessionError } from "./state/session_state.ts";
import { toast } from "./state/toast.ts";

/** The whole page. */
export function App(): VNode {
  if (session.value === null) return <SignIn />;
  if (sessionError.value !== undefined && results.value === undefined) return <Unreachable />;
  return (
    <>
      <TopBar />
      {session.value !== undefined && !mayNow("read") ? <MayNotRead /> : <Screen />}
      {panel.value === "help" && <Help />}
      {panel.value === "delete" && mayNow("delete") && <DeleteDialog />}
      <div class="toast" role="status">{toast.value}</div>
    </>
  );
}

function Screen(): VNode {
  const { screen, open, around } = view.value;
  if (screen === "overview") return <Overview />;
  const names = ["screen"];
  if (open !== undefined) names.push("with-detail");
  if (around !== undefined) names.push("only-around");
  if (!facetsShown.value || around !== undefined) names.push("without-facets");
  return (
    <main class={names.join(" ")}>
      <FilterChips />
      {around === undefined && <Histogram />}
      {around === undefined && <Facets />}
      <div class={isLoading.value ? "list loading" : "list"}>
        <List />
        <WaitingPill />
      </div>
      <Detail />
      <StatusBar />
    </main>
  );
}

function List(): VNode | null {
  const shown = results.value;
  if (shown === undefined) return rowsError.value === undefined ? null : <Empty />;
  void shown.list.version.value;
  if (shown.list.count === 0) return isLoading.value ? null : <Empty />;
  return <Rows key={shown.id} results={shown} />;
}

function MayNotRead(): VNode {
  return (
    <main class="empty">
      <h1>This token may not read</h1>
      <p>Sign in with one that may.</p>
    </main>
  );
}

function Unreachable(): VNode {
  return (
    <main class="empty">
      <h1>Log Sentinel does not answer</h1>
      <p>{sentenceOf(sessionError.value)}</p>
      <button type="button" onClick={() => void refreshSession()}>Try again</button>
    </main>
  );
}
