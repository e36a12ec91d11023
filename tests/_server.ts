/** @module The real server as a process of its own, for tests that speak to it over HTTP as any client does. */

import assert from "node:assert/strict";
import config from "../deno.json" with { type: "json" };

/** The project's folder, without a slash at its end. */
export const PROJECT = new URL("..", import.meta.url).pathname.replace(/\/$/, "");

/** What `serve --demo` lets everyone know. */
export const TOKENS = {
  auth: "auth-service-token-001",
  payment: "payment-service-token-002",
  notification: "notification-service-token-003",
  admin: "simulator-token-000",
} as const;

/** A start takes 0.3 s on an idle machine; a loaded one may take ten times as long, a hung one is a failure. */
const START_MS_MAX = 30_000;
/** A server lets open requests run for 10 s when it stops. */
const STOP_MS_MAX = 30_000;
const POLL_MS = 5;

/** How a server is started. */
export interface ServerOptions {
  /** Where its data file and its output are kept. */
  readonly dir: string;
  /** 0: a free one. */
  readonly port?: number;
  /** Without it the server makes an admin token at its first start. */
  readonly demo?: boolean;
  readonly args?: readonly string[];
  /** Added to the test's own environment, which is passed on without its `SENTINEL_*`. */
  readonly env?: Readonly<Record<string, string>>;
  /** What to run instead of the sources with Deno. */
  readonly program?: readonly string[];
  /** Put before the command, such as `["strace", "-D"]`; must replace itself by the command that follows. */
  readonly wrapper?: readonly string[];
}

/** A request, with the token that it carries: the simulator's, which may do everything, unless another is given. */
export interface TestRequest extends Omit<RequestInit, "headers"> {
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
}

/** An answer, read to its end. */
export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The text as JSON, whose shape the test knows. */
  // deno-lint-ignore no-explicit-any -- every assertion on an answer would be a cast
  readonly body: any;
}

/** The arguments of `deno` that give a program the rights of the task `serve`, with `dir` in the place of `./data`. */
export function servePermissions(dir: string): string[] {
  const { read, write } = config.permissions.serve;
  const paths = (names: readonly string[]) =>
    names.map((name) => name === "./data" ? dir : join(PROJECT, name)).join(",");
  return [
    "-P=serve",
    "--no-prompt",
    `--allow-read=${paths(read)}`,
    `--allow-write=${paths(write)}`,
  ];
}

/** A path below another one. */
export function join(folder: string, path: string): string {
  return `${folder}/${path.replace(/^\.\//, "")}`;
}

/** The test's environment without settings that are meant for some other Sentinel. */
export function cleanEnvironment(
  added: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const inherited = Object.entries(Deno.env.toObject())
    .filter(([name]) => !name.startsWith("SENTINEL_"));
  return { ...Object.fromEntries(inherited), NO_COLOR: "1", ...added };
}

/** Waits until a condition holds; what it waits for has no event of its own. */
export async function until<T>(
  what: string,
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  msMax = START_MS_MAX,
): Promise<T> {
  const end = performance.now() + msMax;
  for (;;) {
    const found = await condition();
    if (found !== undefined && found !== false) return found;
    assert.ok(performance.now() < end, `Waited ${msMax} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Servers that have not been told to end. */
const running = new Set<TestServer>();

/** A running server process. */
export class TestServer {
  readonly url: string;
  readonly port: number;
  readonly #options: ServerOptions;
  readonly #child: Deno.ChildProcess;
  /** A pool of connections of its own, so that none of a killed server is ever used again. */
  readonly #client: Deno.HttpClient;
  /** Told to end. */
  #ended = false;
  #closed = false;

  private constructor(options: ServerOptions, child: Deno.ChildProcess, url: string) {
    this.#options = options;
    this.#child = child;
    this.#client = Deno.createHttpClient({ poolMaxIdlePerHost: 32 });
    this.url = url;
    this.port = Number(new URL(url).port);
    running.add(this);
  }

  /** Starts a server and waits until it says that it is ready. */
  static async start(options: ServerOptions): Promise<TestServer> {
    const starting = spawnServer(options);
    try {
      return new TestServer(options, starting.child, await starting.ready());
    } catch (error) {
      await endProcess(starting.child, "SIGKILL");
      throw error;
    }
  }

  get dir(): string {
    return this.#options.dir;
  }

  /** The data file. */
  get data(): string {
    return dataPath(this.dir);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** What every server in this folder wrote to stderr. */
  stderr(): string {
    return Deno.readTextFileSync(join(this.dir, "server.err"));
  }

  /** What every server in this folder wrote to stdout. */
  stdout(): string {
    return Deno.readTextFileSync(join(this.dir, "server.out"));
  }

  /**
   * Sends a request; the answer's body must be read or cancelled.
   * @throws {TypeError} there is no server any more
   */
  async fetch(path: string, request: TestRequest = {}): Promise<Response> {
    if (this.#closed) throw new TypeError("The server has ended");
    const { token = TOKENS.admin, headers, json, ...init } = request;
    return await fetch(this.url + path, {
      ...init,
      client: this.#client,
      headers: {
        ...(token === null ? {} : { authorization: `Token ${token}` }),
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(json === undefined ? {} : { method: init.method ?? "POST", body: JSON.stringify(json) }),
    });
  }

  /** Sends a request and reads its answer. */
  async call(path: string, request: TestRequest = {}): Promise<TestAnswer> {
    const response = await this.fetch(path, request);
    const text = await response.text();
    const isJson = response.headers.get("content-type") === "application/json" && text !== "";
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? JSON.parse(text) : undefined,
    };
  }

  /** Sends a GET that must succeed, and gives its JSON. */
  // deno-lint-ignore no-explicit-any -- as TestAnswer.body
  async get(path: string, request: TestRequest = {}): Promise<any> {
    const { status, text, body } = await this.call(path, request);
    assert.equal(status, 200, `GET ${path}: ${text}`);
    return body;
  }

  /** Stores records with the token that may do everything, and gives their ids. */
  async post(records: unknown, request: TestRequest = {}): Promise<number[]> {
    const { status, text, body } = await this.call("/logs", { json: records, ...request });
    assert.equal(status, 201, text);
    return body.ids;
  }

  /** The figure of this name that `/metrics` gives, without `sentinel_`. */
  async figure(name: string): Promise<number> {
    const { text } = await this.call("/metrics");
    const line = new RegExp(`^sentinel_${name} (\\d+)$`, "m").exec(text);
    assert.ok(line !== null, `There is no figure ${name}`);
    return Number(line[1]);
  }

  /** Stops the server as an operator does, and checks that it ends well. */
  async stop(): Promise<void> {
    if (this.#ended) return;
    const code = await this.#end("SIGTERM");
    assert.equal(code, 0, `The server's exit code\n${this.stderr()}`);
  }

  /** Kills the server between two instructions. */
  async kill(): Promise<void> {
    if (!this.#ended) await this.#end("SIGKILL");
  }

  /** Starts it again on the same data and the same port. */
  restart(options: Partial<ServerOptions> = {}): Promise<TestServer> {
    assert.ok(this.#ended, "A server must end before it starts again");
    return TestServer.start({ ...this.#options, port: this.port, ...options });
  }

  async #end(signal: Deno.Signal): Promise<number> {
    this.#ended = true;
    running.delete(this);
    const code = await endProcess(this.#child, signal);
    this.#client.close();
    this.#closed = true;
    return code;
  }
}

/** A server that is starting. */
export interface StartingServer {
  readonly child: Deno.ChildProcess;
  /** The address, once it is ready. */
  ready(): Promise<string>;
}

/** Starts a server without waiting for it. */
export function spawnServer(options: ServerOptions): StartingServer {
  const { dir, port = 0, demo = true, args = [], env, wrapper = [], program } = options;
  const source = [Deno.execPath(), "run", "-q", ...servePermissions(dir), join(PROJECT, "main.ts")];
  const before = sizeOfNewOrOld(join(dir, "server.out"));
  sizeOfNewOrOld(join(dir, "server.err"));
  const command = [
    ...wrapper,
    ...program ?? source,
    ...["serve", "--port", String(port), "--data", dataPath(dir)],
    ...(demo ? ["--demo"] : []),
    ...args,
  ];
  // The shell replaces itself by the command, so the process is the server's own. Files take its output: a pipe would
  // have to be read from all the time, across the tests that share a server.
  const child = new Deno.Command("sh", {
    args: ["-c", `exec "$@" >>"$0/server.out" 2>>"$0/server.err"`, dir, ...command],
    cwd: program === undefined ? PROJECT : dir,
    clearEnv: true,
    env: cleanEnvironment(env),
    stdin: "null",
  }).spawn();
  return { child, ready: () => readyUrl(child, dir, before) };
}

async function readyUrl(child: Deno.ChildProcess, dir: string, before: number): Promise<string> {
  let ended = false;
  child.status.then(() => ended = true);
  return await until("the server's ready line", () => {
    const hasEnded = ended;
    const found = /^Sentinel is listening on (http:\S+)\n/m
      .exec(Deno.readTextFileSync(join(dir, "server.out")).slice(before));
    if (found !== null) return found[1];
    if (hasEnded) {
      throw new Error(`The server ended:\n${Deno.readTextFileSync(join(dir, "server.err"))}`);
    }
    return undefined;
  });
}

function dataPath(dir: string): string {
  return join(dir, "logs.kv");
}

/** The length of a file, which is made if there is none. */
function sizeOfNewOrOld(path: string): number {
  using file = Deno.openSync(path, { create: true, append: true });
  return file.statSync().size;
}

/** Sends a signal to a process of ours and waits for its end; kills it if it does not heed the signal. */
export async function endProcess(child: Deno.ChildProcess, signal: Deno.Signal): Promise<number> {
  const timer = setTimeout(() => signalTo(child, "SIGKILL"), STOP_MS_MAX);
  signalTo(child, signal);
  const { code } = await child.status;
  clearTimeout(timer);
  return code;
}

function signalTo(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    // It has ended by itself.
    if (!(error instanceof TypeError)) throw error;
  }
}

/** Runs a test with a folder of its own, which is kept, and named, if the test fails; its servers are ended then. */
export async function withFolder(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = Deno.makeTempDirSync({ prefix: "sentinel_test_" });
  try {
    await test(dir);
  } catch (error) {
    for (const server of running) {
      if (server.dir === dir) await server.kill();
    }
    say(`Kept for a look: ${dir}`);
    throw error;
  }
  Deno.removeSync(dir, { recursive: true });
}

/** Runs a test with a server of its own. */
export async function withServer(
  test: (server: TestServer) => Promise<void>,
  options: Omit<ServerOptions, "dir"> = {},
): Promise<void> {
  await withFolder(async (dir) => {
    const server = await TestServer.start({ ...options, dir });
    await test(server);
    await server.stop();
  });
}

/** Tests of one file that share a server; each writes services of its own. */
export class ServerSuite {
  #server: TestServer | undefined;
  #failed = false;

  /** Registers the start before the file's first test, and the end after its last one. */
  constructor(options: Omit<ServerOptions, "dir"> = {}) {
    Deno.test.beforeAll(async () => {
      const dir = Deno.makeTempDirSync({ prefix: "sentinel_test_" });
      this.#server = await TestServer.start({ ...options, dir });
    });
    Deno.test.afterAll(async () => {
      const server = this.#server;
      if (server === undefined) return;
      await server.stop();
      if (this.#failed) say(`Kept for a look: ${server.dir}`);
      else Deno.removeSync(server.dir, { recursive: true });
    });
  }

  /** Registers a test. */
  test(name: string, run: (server: TestServer) => Promise<void>): void {
    Deno.test(name, async () => {
      assert.ok(this.#server !== undefined, "The server did not start");
      try {
        await run(this.#server);
      } catch (error) {
        this.#failed = true;
        throw error;
      }
    });
  }
}

/** Tells whoever runs the tests. */
export function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(line + "\n"));
}
