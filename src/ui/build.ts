/** @module Bundles the page's program into `dist/`: `deno task ui:build`. */

/** The bundles by their names in `dist/`, and the modules that they begin with. */
export const BUNDLES: Readonly<Record<string, string>> = {
  "app.js": "app/main.tsx",
  "chart.js": "app/chart_library.ts",
};

/**
 * Bundles the page and gives the bytes of each bundle by its name; the same bytes for the same sources and the same version
 * of Deno.
 */
export async function bundlePage(): Promise<ReadonlyMap<string, Uint8Array>> {
  const out = await Deno.makeTempDir({ prefix: "sentinel_ui_" });
  try {
    const bundles = new Map<string, Uint8Array>();
    for (const [name, entry] of Object.entries(BUNDLES)) {
      await bundle(entry, `${out}/${name}`);
      bundles.set(name, await Deno.readFile(`${out}/${name}`));
    }
    return bundles;
  } finally {
    await Deno.remove(out, { recursive: true });
  }
}

async function bundle(entry: string, output: string): Promise<void> {
  const cwd = new URL(".", import.meta.url);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "-q", "--platform", "browser", "--minify", "--output", output, entry],
    cwd,
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`Cannot bundle ${entry}: ${new TextDecoder().decode(stderr)}`);
}

if (import.meta.main) {
  const dist = new URL("./dist/", import.meta.url);
  await Deno.mkdir(dist, { recursive: true });
  for (const [name, bytes] of await bundlePage()) await Deno.writeFile(new URL(name, dist), bytes);
}
