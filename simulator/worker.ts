/** @module The Worker that emulates one service. It says `ready`, waits for its task, and ends with `done`. */
import { messageOf } from "./api.ts";
import { systemClock } from "./clock.ts";
import { newCounters } from "./counters.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { runService } from "./run_service.ts";
import type { ServiceTask } from "./service_task.ts";
import { syslogFetch } from "./wire/mod.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<ToWorker>) => void;
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
};
const stop = new AbortController();

scope.onmessage = (event) => {
  if (event.data.type === "stop") stop.abort();
  else void run(event.data.task);
};
say({ type: "ready" });

async function run(task: ServiceTask): Promise<void> {
  try {
    const { counters, failure } = await runService(task, {
      clock: systemClock,
      fetch: task.format === "syslog" ? syslogFetch(() => Deno.connect(task.syslog)) : fetch,
      stop: stop.signal,
      report: (counters) => {
        const copy = counters.slice();
        scope.postMessage(copy, [copy.buffer]);
      },
      note: (text) => say({ type: "note", text }),
    });
    say({ type: "done", counters, ...(failure === undefined ? {} : { failure }) });
  } catch (error) {
    say({ type: "done", counters: newCounters(), failure: messageOf(error) });
  }
}

function say(message: FromWorker): void {
  scope.postMessage(message);
}
