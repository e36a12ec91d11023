import type { VNode } from "preact";
import { describeRights } from "../api/session.ts";
import { panel } from "../state/keys.ts";
import { leave, mayNow, session } from "../state/session_state.ts";
import { Popover } from "./popover.tsx";

/** Who is signed in, what the token may do, and what else there is. */
export function AccountPanel(): VNode | null {
  const now = session.value;
  if (now === null || now === undefined) return null;
  return (
    <Popover name="account" label="Account" icon="person">
      <p class="who">
        <b>{now.name}</b>
        <small>This token {describeRights(now)}.</small>
      </p>
      {mayNow("delete") && (
        <button
          type="button"
          class="item"
          onClick={() => panel.value = "delete"}
        >
          Delete old records…
        </button>
      )}
      <button type="button" class="item" onClick={() => panel.value = "help"}>
        Keys and searching
      </button>
      <a class="item" href="/docs">The API</a>
      <button type="button" class="item" onClick={signOut}>Sign out</button>
    </Popover>
  );
}

function signOut(): void {
  panel.value = "none";
  void leave();
}
