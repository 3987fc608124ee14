import { assertEquals } from "@std/assert";
import { filePath } from "../../../lib/base/file_path.ts";

for (
  const [url, path] of [
    ["file:///srv/slurm-ec2/main.ts", "/srv/slurm-ec2/main.ts"],
    ["file:///srv/a%20b/main.ts", "/srv/a b/main.ts"],
    ["file:///srv/caf%C3%A9/%E6%97%A5/main.ts", "/srv/café/日/main.ts"],
    ["file:///srv/100%25/a%23b%3Fc", "/srv/100%/a#b?c"],
  ] as const
) {
  Deno.test(`filePath() of ${url} is ${path}`, { permissions: "none" }, () => {
    assertEquals(filePath(url), path);
    assertEquals(filePath(new URL(url)), path);
  });
}
