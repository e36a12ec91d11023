import { killRun } from "./_kill_run.ts";

Deno.test("SIGKILL of the server under load loses, tears, repeats and revives nothing, 24 times", async () => {
  await killRun({ kills: 24, seed: 1 });
});
