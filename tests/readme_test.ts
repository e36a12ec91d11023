/** @module The README's lines, run exactly as they stand. */

import assert from "node:assert/strict";
import { cleanEnvironment, join, PROJECT, TestServer, withFolder } from "./_server.ts";
import config from "../deno.json" with { type: "json" };

/** The port that the README's lines name. */
const PORT = 5000;

interface Block {
  readonly language: string;
  readonly text: string;
  /** The line of the README that it begins on. */
  readonly line: number;
}

const readme = Deno.readTextFileSync(join(PROJECT, "README.md"));
const blocks: Block[] = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map((match) => ({
  language: match[1]!,
  text: match[2]!,
  line: readme.slice(0, match.index).split("\n").length + 1,
}));
const shell = blocks.filter(({ language }) => language === "sh");
const curl = shell.filter(({ text }) => /^curl /m.test(text));
const others = shell.filter((block) => !curl.includes(block));

function checkPortIsFree(): void {
  try {
    Deno.listen({ hostname: "127.0.0.1", port: PORT }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new Error(
      `Cannot run the README's lines: they name port ${PORT}, and another program listens on it; stop it first`,
      { cause: error },
    );
  }
}

/** Runs a block as a shell does; curl's own settings make it fail where an answer is an error, and tell statuses. */
async function run({ text, line }: Block, home: string): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-e", "-o", "pipefail", "-c", text],
    cwd: home,
    clearEnv: true,
    env: cleanEnvironment({ CURL_HOME: home }),
    stdin: "null",
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const statuses = decode(stderr).trim();
  assert.equal(code, 0, `README.md line ${line}: ${statuses}${decode(stdout)}`);
  assert.match(statuses, /^(2\d\d\s*)+$/, `README.md line ${line}`);
  return decode(stdout);
}

Deno.test("every curl line of the README works, in order, against `deno task serve`", async () => {
  assert.ok(curl.length >= 8, `${curl.length} blocks of curl lines`);
  checkPortIsFree();
  await withFolder(async (dir) => {
    Deno.writeTextFileSync(
      join(dir, ".curlrc"),
      'fail-with-body\nwrite-out = "\\n%{stderr}%{http_code}\\n"\n',
    );
    const server = await TestServer.start({ dir, port: PORT });
    let compared = 0;
    for (const block of curl) {
      const out = await run(block, dir);
      assert.doesNotMatch(out, /^\s*\{"error"/m, `README.md line ${block.line}`);
      assert.notEqual(out.trim(), "", `README.md line ${block.line}`);
      const shown = blocks[blocks.indexOf(block) + 1];
      if (shown?.language !== "json") continue;
      assert.deepEqual(JSON.parse(out), JSON.parse(shown.text), `README.md line ${shown.line}`);
      compared++;
    }
    assert.equal(compared, blocks.filter(({ language }) => language === "json").length);
    await server.stop();
    assert.doesNotMatch(server.stderr(), /Internal error/);
  });
});

Deno.test("what the README says to run besides curl are tasks that there are", () => {
  assert.ok(others.length > 0);
  for (const { text, line } of others) {
    const tasks = text.trimEnd().split("\n").map((command) =>
      /^(?:npx --yes deno@[\d.]+|deno) task (\w+)$/.exec(command)?.[1]
    );
    for (const task of tasks) {
      assert.ok(task !== undefined && task in config.tasks, `README.md line ${line}: ${text}`);
    }
  }
  for (const [, task] of readme.matchAll(/deno task ([\w:]+)/g)) {
    assert.ok(task! in config.tasks, `There is no task ${task}`);
  }
});

Deno.test("every file that the README links to is there", () => {
  for (const [, target] of readme.matchAll(/\]\(([^)#]+)[^)]*\)/g)) {
    if (/^https?:/.test(target!)) continue;
    assert.ok(Deno.statSync(join(PROJECT, target!)).isFile, target);
  }
});
