import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Ready } from "../../../../lib/config/model.ts";
import { namePrefixes, readyConf } from "../../../../lib/slurm_conf/render/ready_conf.ts";
import type { RenderInput, SiteSetting } from "../../../../lib/slurm_conf/render/render_input.ts";
import type { SlurmVersion } from "../../../../lib/slurm_conf/versions.ts";

const TIMES = { resumeTimeout: 600, suspendTimeout: 120, suspendTime: 720 };

function input(
  { ready = "auto", version, site = {} }: {
    readonly ready?: Ready;
    readonly version: SlurmVersion;
    readonly site?: Readonly<Record<string, string>>;
  },
): RenderInput {
  const settings = new Map(
    Object.entries(site).map(([key, value], index): [string, SiteSetting] => [
      key.toLowerCase(),
      { key, value, file: "slurm.conf", line: index + 1 },
    ]),
  );
  return {
    config: {
      cluster: "bio",
      region: "eu-west-1",
      stateDir: "/var/lib/slurm-ec2",
      slurm: { confDir: "/etc/slurm", binDir: "/usr/bin", ready },
      nodeGroups: [{ nodes: "c7i-[0-9]" }, { nodes: "gpu1,gpu2" }],
    },
    version,
    prefix: "/opt/slurm/bio",
    site: { onPremNodes: [], settings, nodeDefaults: [] },
    facts: { origin: "a test", types: new Map() },
    program: "slurm-ec2",
    profile: "slurm-ec2",
  } as unknown as RenderInput;
}

Deno.test("readyConf() renders the prolog and its settings when nothing speaks against it", {
  permissions: "none",
}, () => {
  const { settings, file, notes } = readyConf(input({ version: "24.11" }), TIMES);
  assertEquals(settings.map(({ key, value }) => [key, value]), [[
    "PrologSlurmctld",
    "/opt/slurm/bio/bin/ready",
  ]]);
  const lines = file!.text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  assertEquals(lines, [
    "SLURM_CONF=/etc/slurm/slurm.conf",
    "STATE_DIR=/var/lib/slurm-ec2",
    "BIN_DIR=/usr/bin",
    "PREFIXES=c7i- gpu",
    "LIMIT=600",
  ]);
  assertEquals(notes, []);
});

const OWN = { PrologSlurmctld: "/opt/site/prolog" };

for (
  const { ready, version, site, line, file, note } of [
    { ready: "off", version: "26.05", site: {}, line: false, file: false, note: undefined },
    { ready: "off", version: "22.05", site: OWN, line: false, file: false, note: undefined },
    { ready: "auto", version: "22.05", site: {}, line: true, file: true, note: undefined },
    { ready: "auto", version: "23.11", site: OWN, line: false, file: false, note: "set slurm.ready: on" },
    { ready: "on", version: "23.11", site: OWN, line: false, file: true, note: "bin/ready || true" },
    { ready: "auto", version: "24.05", site: OWN, line: true, file: true, note: undefined },
    { ready: "on", version: "26.05", site: OWN, line: true, file: true, note: undefined },
  ] as const
) {
  const name =
    `readyConf() ${line ? "renders" : "does not render"} the line when ready is ${ready} on ${version}` +
    `${"PrologSlurmctld" in site ? " and the site has its own" : ""}`;
  Deno.test(name, { permissions: "none" }, () => {
    const made = readyConf(input({ ready, version, site }), TIMES);
    assertEquals(made.settings.length > 0, line);
    assertEquals(made.file !== undefined, file);
    if (note === undefined) assertEquals(made.notes, []);
    else assertStringIncludes(made.notes.join("\n"), note);
  });
}

for (
  const { site, limit, noted } of [
    { site: { PrologTimeout: "900" }, limit: 600, noted: false },
    { site: { PrologEpilogTimeout: "300" }, limit: 295, noted: true },
    { site: { PrologEpilogTimeout: "300", PrologTimeout: "60" }, limit: 55, noted: true },
    { site: { PrologTimeout: "3" }, limit: 1, noted: true },
    { site: { PrologTimeout: "soon" }, limit: 600, noted: false },
  ]
) {
  Deno.test(`readyConf() waits ${limit} s at most when the site has ${JSON.stringify(site)}`, {
    permissions: "none",
  }, () => {
    const { file, notes } = readyConf(
      input({ version: "24.11", site: site as unknown as Record<string, string> }),
      TIMES,
    );
    assert(file!.text.includes(`\nLIMIT=${limit}\n`), file!.text);
    assertEquals(notes.length > 0, noted);
  });
}

Deno.test("namePrefixes() gives what Slurm leaves outside of brackets, and nothing when that is nothing", {
  permissions: "none",
}, () => {
  assertEquals(namePrefixes(["c7i-[0-9],c7i-10", "gpu[01-12]", "head"]), ["c7i-", "gpu", "head"]);
  assertEquals(namePrefixes(["rack[1-2]n[0-9]"]), ["rack"]);
  assertEquals(namePrefixes(["c[0-9]", "[0-9]"]), undefined);
});
