/** @module Shippers from Debian's packages, unpacked into `data/clients`: nothing is installed, no service is started. */

import { cleanEnvironment, join, PROJECT, say, until } from "../_server.ts";
import { type Running, start } from "./_programs.ts";

/** The packages, with the libraries that a plain system lacks. rsyslog and syslog-ng could not be installed together. */
const PACKAGES = [
  "rsyslog",
  "rsyslog-elasticsearch",
  "rsyslog-gnutls",
  "syslog-ng-core",
  "syslog-ng-mod-http",
  "libestr0",
  "libfastjson4",
  "liblognorm5",
  "libivykis0",
  "libjson-c5",
  "libnet1",
  "libpcre3",
  "libwrap0",
];

const ROOT = join(PROJECT, "data/clients/debian");

/** Where the programs are, if they could be had. */
export interface DebianPrograms {
  readonly rsyslogd: string;
  readonly syslogNg: string;
}

/** The programs; `undefined`, with a line that says why, where this is no Debian or its packages cannot be had. */
export async function debianPrograms(): Promise<DebianPrograms | undefined> {
  const done = join(ROOT, "done");
  if (await Deno.readTextFile(done).catch(() => "") !== PACKAGES.join()) {
    try {
      await unpack();
    } catch (error) {
      say(`rsyslog and syslog-ng cannot be had: ${(error as Error).message}`);
      return undefined;
    }
    await Deno.writeTextFile(done, PACKAGES.join());
  }
  return { rsyslogd: join(ROOT, "usr/sbin/rsyslogd"), syslogNg: join(ROOT, "usr/sbin/syslog-ng") };
}

async function unpack(): Promise<void> {
  await Deno.mkdir(ROOT, { recursive: true });
  try {
    await command("apt-get", ["download", ...PACKAGES]);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new Error("there is no apt-get");
    // A fresh machine has no lists, and old ones name packages that are gone.
    await command("apt-get", ["update", "-q"]);
    await command("apt-get", ["download", ...PACKAGES]);
  }
  for await (const { name } of Deno.readDir(ROOT)) {
    if (name.endsWith(".deb")) await command("dpkg-deb", ["-x", name, "."]);
  }
}

async function command(name: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(name, {
    args: [...args],
    cwd: ROOT,
    clearEnv: true,
    env: cleanEnvironment(),
    stdout: "null",
  }).output();
  if (success) return;
  const said = new TextDecoder().decode(stderr).trim().split("\n")[0];
  throw new Error(`${name} ${args[0]}: ${said}`);
}

/** Where a running rsyslog or syslog-ng takes messages from `logger -u`. */
export interface LocalShipper extends Running {
  readonly socket: string;
}

/**
 * Starts rsyslog with a part of a configuration, which says where messages go.
 * @param dir where it keeps its socket and its queue
 */
export async function startRsyslog(
  { rsyslogd }: DebianPrograms,
  dir: string,
  actions: string,
): Promise<LocalShipper> {
  const socket = join(dir, "rsyslog.socket");
  const config = join(dir, "rsyslog.conf");
  await Deno.writeTextFile(
    config,
    `global(workDirectory="${dir}")
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="${socket}" RateLimit.Interval="0")
${actions}
`,
  );
  const args = ["-n", "-i", join(dir, "rsyslog.pid"), "-f", config];
  const modules = join(ROOT, `usr/lib/${await libraryFolder()}/rsyslog`);
  return await startLocal(rsyslogd, [...args, "-M", modules], dir, socket);
}

/** Starts syslog-ng with a part of a configuration that has a destination `d_sentinel`. @param dir where it keeps its files */
export async function startSyslogNg(
  { syslogNg }: DebianPrograms,
  dir: string,
  destination: string,
): Promise<LocalShipper> {
  const socket = join(dir, "syslog_ng.socket");
  const config = join(dir, "syslog_ng.conf");
  await Deno.writeTextFile(
    config,
    `@version: 3.38
source s_local { unix-dgram("${socket}"); };
${destination}
log { source(s_local); destination(d_sentinel); };
`,
  );
  const args = [
    ...["-F", "--no-caps", "--cfgfile", config, "--persist-file", join(dir, "syslog_ng.persist")],
    ...["--control", join(dir, "syslog_ng.control"), "--pidfile", join(dir, "syslog_ng.pid")],
    ...["--module-path", join(ROOT, "usr/lib/syslog-ng/3.38")],
  ];
  return await startLocal(syslogNg, args, dir, socket);
}

async function startLocal(
  program: string,
  args: readonly string[],
  dir: string,
  socket: string,
): Promise<LocalShipper> {
  const folder = await libraryFolder();
  const folders = [`usr/lib/${folder}`, `lib/${folder}`, "usr/lib/syslog-ng"];
  const env = { LD_LIBRARY_PATH: folders.map((path) => join(ROOT, path)).join(":") };
  const running = start(program, args, { env, cwd: dir });
  const isThere = until(
    "the shipper's socket",
    () => Deno.stat(socket).then(() => true, () => false),
  );
  const early = running.ended.then((output) => {
    throw new Error(`${program} ended: ${output}`);
  });
  await Promise.race([isThere, early]);
  return { ...running, socket };
}

/** The name of the folder that this machine's libraries are in. */
async function libraryFolder(): Promise<string> {
  for await (const { name } of Deno.readDir(join(ROOT, "usr/lib"))) {
    if (name.endsWith("-linux-gnu")) return name;
  }
  throw new Error(`${ROOT}/usr/lib has no libraries`);
}
