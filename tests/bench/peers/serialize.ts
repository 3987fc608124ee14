const CONFIG = new URL("../../../deno.json", import.meta.url).pathname;

/** Figures as the committed files hold them: a column of figures is one line. */
export function serialized(results: object): Promise<string> {
  const text = JSON.stringify(results, null, 2).replace(
    /\[\s+((?:-?[\d.]+|null)(?:,\s+(?:-?[\d.]+|null))*)\s+\]/g,
    (_, numbers: string) => `[${numbers.replace(/\s+/g, " ")}]`,
  );
  return formatted(text, "json");
}

/** Text as `deno fmt` leaves it, so that the two never undo each other. */
export async function formatted(text: string, extension: "md" | "json"): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--config", CONFIG, "--ext", extension, "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout } = await child.output();
  if (!success) throw new Error("deno fmt failed");
  return new TextDecoder().decode(stdout);
}
