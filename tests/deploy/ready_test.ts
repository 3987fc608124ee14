import { assertEquals } from "@std/assert";

const READY = new URL("../../deploy/hooks/ready", import.meta.url);

interface Ran {
  readonly code: number;
  readonly output: string;
  /** The lines that the stub of sinfo wrote: its arguments, once a call. */
  readonly asked: readonly string[];
  /** What is in the state directory afterwards. */
  readonly left: readonly string[];
}

/** Runs the script as slurmctld does for a job on these nodes, in an installation whose sinfo records its calls. */
async function ready(nodes: string | undefined, settings: readonly string[], sinfo: string): Promise<Ran> {
  const dir = await Deno.makeTempDir({ prefix: "slurm-ec2-ready-" });
  try {
    for (const name of ["bin", "etc", "state", "slurm"]) await Deno.mkdir(`${dir}/${name}`);
    await Deno.copyFile(READY, `${dir}/bin/ready`);
    const places = [`SLURM_CONF=${dir}/etc/slurm.conf`, `STATE_DIR=${dir}/state`, `BIN_DIR=${dir}/slurm`];
    await Deno.writeTextFile(`${dir}/etc/ready.conf`, [...places, ...settings, ""].join("\n"));
    await Deno.writeTextFile(`${dir}/slurm/sinfo`, `#!/bin/sh\necho "$*" >>'${dir}/asked'\n${sinfo}\n`, {
      mode: 0o755,
    });
    const { code, stdout, stderr } = await new Deno.Command("/bin/sh", {
      args: [`${dir}/bin/ready`],
      clearEnv: true,
      env: { SLURM_JOB_ID: "7", ...nodes === undefined ? {} : { SLURM_JOB_NODELIST: nodes } },
      stdin: "null",
    }).output();
    const text = new TextDecoder();
    return {
      code,
      output: text.decode(stdout) + text.decode(stderr),
      asked: (await read(`${dir}/asked`)).split("\n").filter(Boolean),
      left: [...Deno.readDirSync(`${dir}/state`)].map(({ name }) => name),
    };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function read(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** sinfo shows a node that is up twice, as it is in two partitions, and a node of the site. */
const UP = "printf '%s\\n' 'c7i-0 alloc' 'c7i-0 alloc' 'rack-1 mix'";
const PREFIXES = "PREFIXES=c7i- gpu-";

for (const nodes of ["rack-1", "rack-[1-40],login2", "c7-1", "", undefined]) {
  Deno.test(`ready ends without asking slurmctld when the nodes are ${nodes === undefined ? "not given" : `"${nodes}"`}`, async () => {
    assertEquals(await ready(nodes, [PREFIXES], UP), { code: 0, output: "", asked: [], left: [] });
  });
}

for (const nodes of ["c7i-0", "rack-1,c7i-[0-3]", "gpu-2"]) {
  Deno.test(`ready asks once and ends when sinfo shows "${nodes}" as up`, async () => {
    assertEquals(await ready(nodes, [PREFIXES], UP), {
      code: 0,
      output: "",
      asked: [`-a -h -N -o %N %t -n ${nodes}`],
      left: [],
    });
  });
}

Deno.test("ready asks for every list when no names of cloud nodes are known", async () => {
  const { code, asked } = await ready("rack-1", [], UP);
  assertEquals([code, asked], [0, ["-a -h -N -o %N %t -n rack-1"]]);
});

Deno.test("ready ends, and leaves nothing, when sinfo fails after it has shown a node that powers up", async () => {
  const failing = "echo 'c7i-0 alloc#'; echo 'slurm_load_node: Unable to contact' >&2; exit 1";
  assertEquals(await ready("c7i-0", [PREFIXES, "LIMIT=1"], failing), {
    code: 0,
    output: "",
    asked: ["-a -h -N -o %N %t -n c7i-0"],
    left: [],
  });
});
