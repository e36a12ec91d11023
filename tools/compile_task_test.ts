import { deepEqual, ok } from "node:assert/strict";

const ROOT = new URL("../", import.meta.url);

/** Every source file below a folder, tests left out, as paths from the root. */
async function* sources(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(`${folder}/`, ROOT))) {
    if (isDirectory) yield* sources(`${folder}/${name}`);
    else if (name.endsWith(".ts") && !name.endsWith("_test.ts")) yield `${folder}/${name}`;
  }
}

Deno.test("the compile task includes every Worker, which deno compile does not find by itself", async () => {
  const workers: string[] = [];
  for (const folder of ["src", "simulator"]) {
    for await (const path of sources(folder)) {
      const text = await Deno.readTextFile(new URL(path, ROOT));
      for (const [, target] of text.matchAll(/new Worker\(\s*new URL\(\s*"([^"]+)"/g)) {
        workers.push(new URL(target ?? "", new URL(path, ROOT)).href.slice(ROOT.href.length));
      }
    }
  }
  ok(workers.length > 0, "the pattern above finds Workers");
  const manifest = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const command: string = manifest.tasks.compile.command;
  const included = [...command.matchAll(/--include (\S+)/g)].map(([, path]) => path);
  deepEqual(included.toSorted(), workers.toSorted());
});
