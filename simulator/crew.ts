import { type Counters, newCounters } from "./counters.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import type { ServiceTask } from "./service_task.ts";

/** A service as the main thread knows it. */
export interface ServiceState {
  readonly service: string;
  /** As of the last report. */
  counters: Counters;
  ended: boolean;
  /** Why it ended before its time. */
  failure?: string;
}

interface Member {
  readonly state: ServiceState;
  readonly worker: Worker;
  readonly ready: PromiseWithResolvers<void>;
  readonly done: PromiseWithResolvers<void>;
}

/** The Workers of a run, one a service. */
export class Crew {
  readonly #members: Member[];

  /** Starts a Worker for each service; `note` gets sentences for people. */
  constructor(services: readonly string[], note: (text: string) => void) {
    this.#members = services.map((service) => startMember(service, note));
  }

  /** The services, in the order in which they were given. */
  get states(): readonly ServiceState[] {
    return this.#members.map(({ state }) => state);
  }

  /** Resolves when every Worker can begin. */
  async ready(): Promise<void> {
    await Promise.all(this.#members.map(({ ready }) => ready.promise));
  }

  /** Gives each Worker its task, in the services' order; resolves when all have ended. */
  async run(tasks: readonly ServiceTask[]): Promise<void> {
    this.#members.forEach((member, index) => {
      const task = tasks[index];
      if (task !== undefined) send(member, { type: "start", task });
    });
    await Promise.all(this.#members.map(({ done }) => done.promise));
  }

  /** Asks all to finish the batch in flight and end. */
  stop(): void {
    for (const member of this.#members) send(member, { type: "stop" });
  }

  /** Ends every Worker at once; those that had not ended count as failed. */
  terminate(): void {
    for (const member of this.#members) {
      member.worker.terminate();
      end(member, member.state.ended ? undefined : "ended before it had stopped");
    }
  }
}

function startMember(service: string, note: (text: string) => void): Member {
  const member: Member = {
    state: { service, counters: newCounters(), ended: false },
    // Written out like this, `deno compile` finds and embeds the Worker.
    worker: new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: service }),
    ready: Promise.withResolvers(),
    done: Promise.withResolvers(),
  };
  member.worker.onmessage = ({ data }: MessageEvent<FromWorker>) => receive(member, data, note);
  member.worker.onerror = (event) => {
    event.preventDefault();
    end(member, event.message);
  };
  return member;
}

function receive(member: Member, message: FromWorker, note: (text: string) => void): void {
  if (message instanceof Float64Array) member.state.counters = message;
  else if (message.type === "ready") member.ready.resolve();
  else if (message.type === "note") note(message.text);
  else {
    member.state.counters = message.counters;
    end(member, message.failure);
  }
}

function end(member: Member, failure: string | undefined): void {
  if (failure !== undefined) member.state.failure ??= failure;
  member.state.ended = true;
  member.ready.resolve();
  member.done.resolve();
}

function send(member: Member, message: ToWorker): void {
  member.worker.postMessage(message);
}
