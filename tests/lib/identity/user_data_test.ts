import { assertEquals, assertThrows } from "@std/assert";
import { formatUserData, type UserData } from "../../../lib/identity/user_data.ts";

const pure = { permissions: "none" } as const;
const DATA: UserData = {
  cluster: "test",
  nodeGroup: "c",
  nodes: "c[0-7]",
  region: "us-east-1",
  bootLimit: 600,
  orphanLimit: 1800,
  onNotice: "requeue",
  fileSystems: [],
  hosts: [],
  settings: {},
};

Deno.test("formatUserData() writes one KEY=VALUE line each below its version", pure, () => {
  assertEquals(
    formatUserData({ ...DATA, domain: "hpc.example.com", settings: { MOUNT: "/home", APT: "off" } }),
    `# slurm-ec2 1
CLUSTER=test
NODE_GROUP=c
REGION=us-east-1
BOOT_LIMIT=600
ORPHAN_LIMIT=1800
DOMAIN=hpc.example.com
SET_APT=off
SET_MOUNT=/home
NODES=c[0-7]
`,
  );
});

Deno.test("formatUserData() says what to mount as fstab does, in the configuration's order", pure, () => {
  const text = formatUserData({
    ...DATA,
    fileSystems: [
      { source: "nas1:/export/home", mount: "/home/", type: "nfs4", options: "nfsvers=4.1,hard" },
      { source: "fs-1.fsx.us-east-1.amazonaws.com@tcp:/x", mount: "/big data", type: "lustre" },
      { source: "//win\\x", mount: "/", type: "cifs" },
    ],
    hosts: ["ctl.example.com", "nas1"],
  });
  assertEquals(text.split("\n").slice(6, 10), [
    "MOUNT_1=nas1:/export/home /home nfs4 nfsvers=4.1,hard",
    "MOUNT_2=fs-1.fsx.us-east-1.amazonaws.com@tcp:/x /big\\040data lustre",
    "MOUNT_3=//win\\134x / cifs",
    "RESOLVE=ctl.example.com nas1",
  ]);
});

Deno.test("formatUserData() gives the same bytes whatever the order of the settings", pure, () => {
  assertEquals(
    formatUserData({ ...DATA, settings: { A: "1", B: "2" } }),
    formatUserData({ ...DATA, settings: { B: "2", A: "1" } }),
  );
});

Deno.test(
  "formatUserData() leaves what a shell would act on as it is: the node reads, it does not run",
  pure,
  () => {
    const value = '$(reboot) `x` "quoted" \\ = #';
    assertEquals(formatUserData({ ...DATA, settings: { X: value } }).split("\n").at(-3), `SET_X=${value}`);
  },
);

for (const bad of ["a\nNODES=c9", "a\rb", "a\0b", "a\x1bb", "a\x7fb"]) {
  Deno.test(`formatUserData() refuses the control character in ${JSON.stringify(bad)}`, pure, () => {
    assertThrows(
      () => formatUserData({ ...DATA, settings: { NOTE: bad } }),
      TypeError,
      "User data SET_NOTE holds a control character",
    );
    assertThrows(() => formatUserData({ ...DATA, cluster: bad }), TypeError, "User data CLUSTER holds");
  });
}

Deno.test("formatUserData() says what becomes of the jobs only when it is not the default", pure, () => {
  assertEquals(formatUserData(DATA).includes("ON_NOTICE"), false);
  assertEquals(formatUserData({ ...DATA, onNotice: "drain" }).includes("\nON_NOTICE=drain\n"), true);
});
