import { equal, match } from "node:assert/strict";
import { PROJECT } from "./child.ts";

Deno.test("a tiny run of the formats' benchmark stores all it sends and fills every line", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-q", "-P=bench", "bench/formats.ts"],
      ...["--records", "2000", "--rounds", "1"],
    ],
    cwd: PROJECT,
  }).output();
  equal(code, 0, new TextDecoder().decode(stderr));
  const [, , ...lines] = new TextDecoder().decode(stdout).trimEnd().split("\n");
  equal(lines.length, 4);
  for (const line of lines) match(line, /^\| [\w ]+ \| [\d,]+ \| \d+\.\d\d \| /);
});
