/** @module Clients of these tests: installed once from their registries into `data/clients`, and run there. */

/** The versions that are tested, by the name that programs import them by. */
const NPM_PACKAGES: Readonly<Record<string, string>> = {
  "@datalust/winston-seq": "3.0.1",
  "es8": "npm:@elastic/elasticsearch@8.19.2",
  "es9": "npm:@elastic/elasticsearch@9.4.3",
  "gelf-pro": "1.4.0",
  "pino": "10.4.0",
  "pino-elasticsearch": "9.0.0",
  "pino-http-send": "0.4.2",
  "pino-seq": "4.0.0",
  "seq-logging": "3.2.0",
  "winston": "3.19.0",
  "winston-syslog": "2.7.1",
};

const PYTHON_PACKAGES = ["elasticsearch==9.5.1", "pygelf==0.4.3"];

const DIR = decodeURIComponent(new URL("../../data/clients/", import.meta.url).pathname);
/** Clients that hang are failures. */
const RUN_MS_MAX = 60_000;

async function run(command: string, args: string[], env: Record<string, string> = {}) {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args,
    env,
    cwd: DIR,
    stdin: "null",
    signal: AbortSignal.timeout(RUN_MS_MAX),
  }).output();
  const decoder = new TextDecoder();
  const output = decoder.decode(stdout);
  if (!success) {
    // Node.js shows the whole state of a client after the lines that say what happened.
    const said = `${output}${decoder.decode(stderr)}`.slice(0, 2000);
    throw new Error(`${command} failed: ${said}`);
  }
  return output;
}

/** Whether a command is there at all. */
export function hasCommand(command: string): boolean {
  try {
    return new Deno.Command(command, { args: ["--version"], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

let npmInstalled: Promise<void> | undefined;
let pythonInstalled: Promise<void> | undefined;

async function installNpm(): Promise<void> {
  await Deno.mkdir(DIR, { recursive: true });
  const manifest = JSON.stringify({ private: true, dependencies: NPM_PACKAGES });
  const done = `${DIR}installed.json`;
  if (await textOf(done) === manifest) return;
  await Deno.writeTextFile(`${DIR}package.json`, manifest);
  await run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]);
  await Deno.writeTextFile(done, manifest);
}

async function installPython(): Promise<void> {
  await Deno.mkdir(DIR, { recursive: true });
  const list = PYTHON_PACKAGES.join("\n");
  const done = `${DIR}installed.txt`;
  if (await textOf(done) === list) return;
  await run("python3", [
    "-m",
    "pip",
    "install",
    "-q",
    "--upgrade",
    "--target",
    "python",
    ...PYTHON_PACKAGES,
  ]);
  await Deno.writeTextFile(done, list);
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Runs an ES module in Node.js, with the clients to import; gives its output. */
export async function runNode(program: string, env: Record<string, string>): Promise<string> {
  await (npmInstalled ??= installNpm());
  return await run("node", ["--input-type=module", "-e", program], env);
}

/** Runs a program in Python, with the clients to import; gives its output. */
export async function runPython(program: string, env: Record<string, string>): Promise<string> {
  await (pythonInstalled ??= installPython());
  return await run("python3", ["-c", program], { PYTHONPATH: `${DIR}python`, ...env });
}

/** Runs any other client; gives its output. */
export async function runCommand(command: string, args: string[]): Promise<string> {
  await Deno.mkdir(DIR, { recursive: true });
  return await run(command, args);
}

/** A test of a real client; ignored where its runtime is missing. */
export function clientTest(name: string, command: string, body: () => Promise<void>): void {
  Deno.test({ name, ignore: !hasCommand(command), fn: body });
}
