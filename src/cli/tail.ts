import type { Command } from "commander";
import type { ApiClient } from "./_client.ts";
import { type CommandContext, integer, setting, subcommand } from "./_command.ts";
import { readEvents, type StreamEvent } from "./_event_stream.ts";
import { addFilterOptions, type FilterOptions, filterParameters } from "./_filters.ts";
import { type ApiRecord, recordLine } from "./_record_line.ts";
import { addServerOptions, connect, type ServerChoice } from "./_server.ts";
import { StopSignals } from "./_stop_signals.ts";
import { ApiError, CommandError } from "./errors.ts";
import type { Terminal } from "./terminal.ts";

interface TailOptions extends FilterOptions, ServerChoice {
  readonly json?: true;
  readonly after?: number;
}

/** The first and the longest pause before a broken tail is opened again; each is twice the one before. */
const RETRY_MS_MIN = 250;
const RETRY_MS_MAX = 8_000;
/** The server says something every 15 s: a connection that is silent for this long leads nowhere any more. */
const SILENCE_MS_MAX = 60_000;

/** Adds `tail`: new records that match, as they come. */
export function addTail(program: Command, context: CommandContext): void {
  const command = subcommand(program, "tail", "Follow new records that match, until Ctrl-C.");
  addServerOptions(addFilterOptions(command))
    .addOption(setting("--after <id>", "begin after the record with this id (default: at now)", {
      parse: integer(0, Number.MAX_SAFE_INTEGER),
    }))
    .addOption(setting("--json", "print one JSON object a line (NDJSON)"))
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  sentinel tail --min-severity ERROR\n" +
        "  sentinel tail --service auth-service --json | jq .message\n",
    )
    .action(async (options: TailOptions) => {
      using stop = new StopSignals();
      await new Follower(connect(options), options, context.terminal).run(stop.signal);
    });
}

/** Follows a server's tail across broken connections: nothing is missed, nothing printed twice. */
class Follower {
  readonly #client: ApiClient;
  readonly #terminal: Terminal;
  readonly #query: URLSearchParams;
  readonly #isJson: boolean;
  readonly #isColoured: boolean;
  #lastId: string | undefined;
  #wasOpen = false;
  #retryMs = RETRY_MS_MIN;

  constructor(client: ApiClient, options: TailOptions, terminal: Terminal) {
    this.#client = client;
    this.#terminal = terminal;
    this.#query = filterParameters(options);
    this.#isJson = options.json === true;
    this.#isColoured = terminal.outIsTerminal && !Deno.noColor;
    this.#lastId = options.after?.toString();
  }

  /** Prints until `stop` is aborted. @throws {CommandError} no server answers at first, or one refuses */
  async run(stop: AbortSignal): Promise<void> {
    for (;;) {
      try {
        await this.#follow(stop);
      } catch (error) {
        if (!stop.aborted && !(this.#wasOpen && isTransient(error))) throw error;
      }
      if (stop.aborted) return;
      this.#note("The connection was lost; trying again");
      await pause(this.#retryMs * (0.5 + Math.random() / 2), stop);
      this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS_MAX);
    }
  }

  /** Prints until the connection ends, however it does. */
  async #follow(stop: AbortSignal): Promise<void> {
    const silence = new AbortController();
    const response = await this.#client.send({
      path: "/logs/tail",
      query: this.#query,
      headers: {
        accept: "text/event-stream",
        ...this.#lastId === undefined ? {} : { "last-event-id": this.#lastId },
      },
      signal: AbortSignal.any([stop, silence.signal]),
      // How long to go on trying is decided here.
      attemptsMax: 1,
    });
    this.#wasOpen = true;
    const events = readEvents(response.body!);
    for (;;) {
      const timer = setTimeout(() => silence.abort(), SILENCE_MS_MAX);
      // A connection that breaks is one that ends: either way the next one goes on.
      const { value } = await events.next().catch(() => ({ value: undefined }));
      clearTimeout(timer);
      if (value === undefined) return;
      this.#retryMs = RETRY_MS_MIN;
      this.#print(value);
      this.#lastId = value.lastId ?? this.#lastId;
    }
  }

  #print({ type, data }: StreamEvent): void {
    if (data === "") return;
    if (type === "log") {
      const isJson = this.#isJson;
      const line = isJson
        ? `${data}\n`
        : recordLine(JSON.parse(data) as ApiRecord, this.#isColoured);
      this.#terminal.out(line);
    } else if (type === "missed") {
      const { count } = JSON.parse(data) as { count: number };
      this.#terminal.err(`Missed ${count} record(s): they came faster than they were read\n`);
    } else if (type === "incomplete") {
      const { error } = JSON.parse(data) as { error: string };
      this.#terminal.err(`Incomplete: ${error}\n`);
    }
  }

  /** Says something to a person; programs have no use for it. */
  #note(line: string): void {
    if (this.#terminal.errIsTerminal) this.#terminal.err(`${line}\n`);
  }
}

/** Whether another try may succeed: the server is away, or has too much to do. */
function isTransient(error: unknown): boolean {
  if (error instanceof ApiError) return error.status === 429 || error.status >= 500;
  return error instanceof CommandError;
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      stop.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    stop.addEventListener("abort", done);
  });
}
