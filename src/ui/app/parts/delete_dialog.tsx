import { signal } from "@preact/signals";
import type { VNode } from "preact";
import { getStats } from "../api/counts.ts";
import { send, sentenceOf } from "../api/client.ts";
import { panel } from "../state/keys.ts";
import { countOf } from "../state/numbers.ts";
import { reload } from "../state/results.ts";
import { lastBefore } from "../state/range.ts";
import { fullTime, zoneName } from "../state/time_text.ts";
import { utc } from "../state/preferences.ts";
import { say } from "../state/toast.ts";
import { Modal } from "./modal.tsx";

/** What would be deleted. */
interface Plan {
  readonly beforeMs: number;
  readonly service: string;
  readonly count: number;
}

const plan = signal<Plan | undefined>(undefined);
const problem = signal("");

/** Deletes what is older than a time, after saying how much that is. */
export function DeleteDialog(): VNode {
  return (
    <Modal title="Delete old records">
      <form
        class="delete"
        onSubmit={(event) => submit(event)}
        onInput={() => plan.value = undefined}
      >
        <label>
          Everything before <input type="datetime-local" name="before" step="1" required />
        </label>
        <label>
          of the service <input name="service" placeholder="all services" autocomplete="off" />
        </label>
        <small>The time is in {zoneName()}. What is deleted cannot be brought back.</small>
        {problem.value !== "" && <p class="wrong" role="alert">{problem.value}</p>}
        {plan.value === undefined
          ? <button type="submit">Count them</button>
          : <Confirm plan={plan.value} />}
      </form>
    </Modal>
  );
}

function Confirm({ plan: { count, beforeMs } }: { plan: Plan }): VNode {
  if (count === 0) return <p role="status">There are no records before {fullTime(beforeMs)}.</p>;
  return <button type="submit" class="danger">Delete {countOf(count, "record")}</button>;
}

async function submit(event: SubmitEvent): Promise<void> {
  event.preventDefault();
  problem.value = "";
  const data = new FormData(event.currentTarget as HTMLFormElement);
  const text = String(data.get("before"));
  const beforeMs = Date.parse(utc.peek() ? `${text}Z` : text);
  const service = String(data.get("service")).trim();
  if (Number.isNaN(beforeMs)) {
    problem.value = "Give a date and a time";
    return;
  }
  try {
    if (plan.peek() === undefined) plan.value = await count(beforeMs, service);
    else await remove(plan.peek()!);
  } catch (error) {
    problem.value = sentenceOf(error);
  }
}

async function count(beforeMs: number, service: string): Promise<Plan> {
  const params = new URLSearchParams({ timestamp_end: lastBefore(beforeMs) });
  if (service !== "") params.set("service", service);
  const { counts } = await getStats(params);
  return { beforeMs, service, count: counts.reduce((sum, each) => sum + each.count, 0) };
}

async function remove({ beforeMs, service }: Plan): Promise<void> {
  const params = new URLSearchParams({ before: new Date(beforeMs).toISOString() });
  if (service !== "") params.set("service", service);
  const response = await send(`/logs?${params}`, { method: "DELETE" });
  const { message } = await response.json();
  plan.value = undefined;
  panel.value = "none";
  say(String(message));
  reload();
}
