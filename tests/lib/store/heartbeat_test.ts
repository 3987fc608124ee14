import { assertEquals } from "@std/assert";
import { beat, type Heartbeat, readHeartbeat } from "../../../lib/store/heartbeat.ts";

const BEAT: Heartbeat = { pid: 4711, uptime: 1234.5, bootId: "b", wall: 1_795_000_000_000, kept: true };

function withDir(test: (dir: string) => void): void {
  const dir = Deno.makeTempDirSync({ prefix: "slurm-ec2-beat-" });
  try {
    test(dir);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

Deno.test("beat() writes what readHeartbeat() and a shell read, over the last one", () =>
  withDir((dir) => {
    for (
      const one of [{ ...BEAT, pid: 1234567, wall: 9_999_999_999_999 }, BEAT, {
        ...BEAT,
        uptime: undefined,
        bootId: undefined,
        kept: false,
      }]
    ) {
      beat(dir, one);
      assertEquals(readHeartbeat(dir), one);
      assertEquals(Deno.statSync(`${dir}/heartbeat`).size, 128);
    }
    beat(dir, BEAT);
    const script = 'read -r pid up boot wall kept <"$1/heartbeat"; echo "$pid|$up|$boot|$wall|$kept"';
    const { stdout } = new Deno.Command("sh", { args: ["-c", script, "sh", dir] }).outputSync();
    assertEquals(new TextDecoder().decode(stdout).trim(), "4711|1234.50|b|1795000000000|kept");
  }));

Deno.test("beat() writes through no link, and costs nothing where it can't write", () =>
  withDir((dir) => {
    Deno.writeTextFileSync(`${dir}/other`, "as it was");
    Deno.symlinkSync("other", `${dir}/heartbeat`);
    beat(dir, BEAT);
    assertEquals(Deno.readTextFileSync(`${dir}/other`), "as it was");
    assertEquals(readHeartbeat(dir), BEAT);
    beat(`${dir}/nowhere`, BEAT);
  }));

Deno.test("readHeartbeat() finds none in what is not one", () =>
  withDir((dir) => {
    assertEquals(readHeartbeat(dir), undefined);
    for (const text of ["", "x", "4711", "-1 1.0 b 5 kept", "4711 x b 5 kept", "4711 1.0 b x kept"]) {
      Deno.writeTextFileSync(`${dir}/heartbeat`, text);
      assertEquals(readHeartbeat(dir), undefined, text);
    }
  }));
