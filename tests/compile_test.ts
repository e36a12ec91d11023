/**
 * @module The program as one executable. `deno compile` needs a base binary (denort), which it downloads unless it has
 * one or `DENORT_BIN` names it; `SENTINEL_COMPILE_DENO` names a deno that goes with that, if this one does not.
 */

import assert from "node:assert/strict";
import { flushed, record } from "./api/_records.ts";
import { cleanEnvironment, join, PROJECT, say, TestServer, TOKENS, withFolder } from "./_server.ts";
import config from "../deno.json" with { type: "json" };

const compiler = Deno.env.get("SENTINEL_COMPILE_DENO") ?? Deno.execPath();
const missing = await whyNoBase();
if (missing !== undefined) {
  say(
    `Skipped: the compiled executable is not started, because there is no base binary for it: ${missing}`,
  );
}

interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd = PROJECT,
): Promise<Result> {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd,
    clearEnv: true,
    env: cleanEnvironment(env),
    stdin: "null",
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: decode(stdout), err: decode(stderr) };
}

/** Why nothing that was compiled can be started here; found by compiling an empty program. */
async function whyNoBase(): Promise<string | undefined> {
  if (Deno.env.has("DENORT_BIN")) return undefined;
  const dir = Deno.makeTempDirSync({ prefix: "sentinel_test_" });
  try {
    const source = join(dir, "empty.ts");
    Deno.writeTextFileSync(source, "");
    const args = ["compile", "-q", "--no-config", "--output", join(dir, "empty"), source];
    const { code, err } = await run(compiler, args);
    return code === 0 ? undefined : reasonOf(err);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

/** Deno gives a sentence and numbered causes below it: the first causes say most. */
function reasonOf(err: string): string {
  const causes = [...err.matchAll(/^ +\d+: (.*)$/gm)].map(([, cause]) => cause);
  return causes.slice(0, 2).join(" ") || err.trim();
}

/** Runs the task `compile`, but for where its output goes. */
async function compile(output: string, env: Readonly<Record<string, string>>): Promise<void> {
  const [program, ...words] = config.tasks.compile.command.split(" ");
  assert.equal(program, "deno");
  const at = words.indexOf("--output");
  assert.ok(at >= 0);
  const { code, err } = await run(compiler, words.with(at + 1, output), env);
  assert.equal(code, 0, err);
}

/** The files that the sources start Workers from, relative to the project. */
function workerFiles(folder: string): string[] {
  return [...Deno.readDirSync(join(PROJECT, folder))].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return workerFiles(path);
    if (!name.endsWith(".ts") || name.endsWith("_test.ts")) return [];
    const source = Deno.readTextFileSync(join(PROJECT, path));
    if (!source.includes("new Worker(")) return [];
    return [...source.matchAll(/new URL\("\.\/([\w/]+\.ts)", import\.meta\.url\)/g)]
      .map(([, file]) => `${folder}/${file}`);
  });
}

Deno.test("the executable has every source and Worker of the program in it", async () => {
  await withFolder(async (dir) => {
    const output = join(dir, "sentinel");
    const base = Deno.env.get("DENORT_BIN");
    // Deno itself is a base that embeds everything, and only does not start it.
    await compile(
      output,
      missing === undefined ? (base ? { DENORT_BIN: base } : {}) : { DENORT_BIN: Deno.execPath() },
    );
    const workers = [...workerFiles("src"), ...workerFiles("simulator")];
    assert.ok(workers.length >= 2, `Only ${workers} start Workers`);
    const executable = new TextDecoder("latin1").decode(Deno.readFileSync(output));
    for (const path of workers) {
      const [first] = Deno.readTextFileSync(join(PROJECT, path)).split("\n");
      assert.ok(executable.includes(path.split("/").at(-1)!), `${path} is not in the executable`);
      assert.ok(executable.includes(first!), `${path} is not in the executable: ${first}`);
    }
  });
});

Deno.test({
  name: "the executable serves, flushes, makes tokens, and simulates with its Workers",
  ignore: missing !== undefined,
  async fn() {
    await withFolder(async (dir) => {
      const base = Deno.env.get("DENORT_BIN");
      const executable = join(dir, "sentinel");
      await compile(executable, base === undefined ? {} : { DENORT_BIN: base });
      // Elsewhere than beside its sources.
      const execute = (args: readonly string[]) => run(executable, args, {}, dir);
      let server = await TestServer.start({ dir, program: [executable] });
      const [id] = await server.post(record("compiled"));
      assert.equal((await server.get(`/logs/${id}`)).service, "compiled");
      await flushed(server);
      assert.equal((await server.get("/logs?q=hello&service=compiled")).length, 1);

      const simulation = await execute([
        "simulate",
        "--url",
        server.url,
        "--services",
        "3",
        "--rate",
        "50",
        "--duration",
        "2s",
        "--canary",
        "--json",
      ]);
      assert.equal(simulation.code, 0, simulation.err);
      const summary = JSON.parse(simulation.out);
      assert.ok(summary.ok && summary.accepted > 100, simulation.out);

      const create = ["token", "create"];
      const rights = ["--write", "compiled", "--data", server.data];
      const running = await execute([
        ...create,
        "while-running",
        ...rights,
        "--token",
        TOKENS.admin,
      ]);
      assert.match(running.out, /^sentinel_\S+\n$/, running.err);
      await server.post(record("compiled"), { token: running.out.trim() });
      await server.stop();
      const stopped = await execute([...create, "while-stopped", ...rights]);
      assert.match(stopped.out, /^sentinel_\S+\n$/, stopped.err);
      server = await server.restart();
      await server.post(record("compiled"), { token: stopped.out.trim() });
      const query = await execute([
        "query",
        "--service",
        "compiled",
        "--json",
        "--url",
        server.url,
        "--token",
        TOKENS.auth,
      ]);
      assert.equal(query.out.trim().split("\n").length, 3, query.err);
      await server.stop();
    });
  },
});
