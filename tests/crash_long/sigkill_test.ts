import { say } from "../_server.ts";
import { killRun } from "../crash/_kill_run.ts";

Deno.test("SIGKILL of the server under load loses, tears, repeats and revives nothing, 200 times", async () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
  say(`Seed ${seed}`);
  await killRun({ kills: 200, seed, reportEvery: 10 });
});
