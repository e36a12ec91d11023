import { signal } from "@preact/signals";
import type { VNode } from "preact";
import { ApiError, sentenceOf } from "../api/client.ts";
import { enter } from "../state/session_state.ts";

const problem = signal("");
const isBusy = signal(false);

/** Asks for a token. The cookie that stands for it can be read by no script. */
export function SignIn(): VNode {
  return (
    <main class="sign-in">
      <form onSubmit={(event) => void submit(event)}>
        <h1>
          <i class="mark" aria-hidden="true" /> Log Sentinel
        </h1>
        <label for="token">Token</label>
        <input
          id="token"
          name="token"
          type="password"
          autocomplete="current-password"
          autofocus
          required
          spellcheck={false}
          aria-describedby={problem.value === "" ? undefined : "sign-in-problem"}
        />
        {problem.value !== "" && (
          <p id="sign-in-problem" class="wrong" role="alert">{problem.value}</p>
        )}
        <button type="submit" class="primary" disabled={isBusy.value}>Sign in</button>
        <small>
          A token is made with <code>sentinel token create NAME --read</code>.
        </small>
      </form>
    </main>
  );
}

async function submit(event: SubmitEvent): Promise<void> {
  event.preventDefault();
  const token = String(new FormData(event.currentTarget as HTMLFormElement).get("token")).trim();
  problem.value = "";
  isBusy.value = true;
  try {
    await enter(token);
  } catch (error) {
    const isUnknown = error instanceof ApiError && error.status === 401;
    problem.value = isUnknown ? "This token is unknown, or has expired" : sentenceOf(error);
  }
  isBusy.value = false;
}
