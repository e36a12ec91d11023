/** Why system calls cannot be watched or changed here; `undefined` if they can. */
export async function whyNoStrace(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return "strace is Linux's";
  try {
    const command = new Deno.Command("strace", {
      args: ["-o", "/dev/null", "true"],
      stderr: "piped",
    });
    const { success, stderr } = await command.output();
    return success ? undefined : `strace fails: ${new TextDecoder().decode(stderr).trim()}`;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return "strace is not installed";
  }
}
