import { type Machine, withFakeImage } from "./fake_image.ts";

/** Where the golden dry runs are. */
export const GOLDEN = new URL("../golden/ami/", import.meta.url);

/** A dry run whose text is kept. */
export interface DryRun {
  /** Name of the file. */
  readonly name: string;
  readonly machine: Machine;
  readonly options: readonly string[];
}

const SELINUX = { "/etc/selinux/config": "SELINUX=enforcing\n" };
const FIREWALLD = { "/usr/lib/systemd/system/firewalld.service": "" };
const SHARED = [
  "--slurm-prefix",
  "/opt/slurm/chip",
  "--mount",
  "nas1.example.com:/export/slurm /opt/slurm/chip nfs4 hard,nfsvers=4.1",
  "--mount",
  "nas1.example.com:/export/home /home nfs4",
];
const FSTAB = { "/etc/fstab": "LABEL=root / xfs defaults 0 0\n" };

/** Each distribution in a version and a way of having Slurm of its own. */
const SYSTEMS: readonly DryRun[] = [
  {
    name: "AlmaLinux-8",
    machine: { os: ["almalinux", "8.10"], files: { ...SELINUX, ...FIREWALLD } },
    options: ["--slurm-version", "22.05.9", "--slurm-uid", "401", "--package", "pmix"],
  },
  {
    name: "Amazon-2023",
    machine: { os: ["amzn", "2023"], files: FSTAB },
    options: ["--slurm-version", "24.05", "--slurm-uid", "401", "--slurm-gid", "402", ...SHARED],
  },
  {
    name: "CentOS-10",
    machine: { os: ["centos", "10"], files: SELINUX },
    options: [
      ...["--slurm-version", "25.11", "--slurm-uid", "401"],
      ...["--slurm-repo", "https://repo.example.com/slurm/el10", "--slurm-repo-key"],
      "https://repo.example.com/key.asc",
    ],
  },
  {
    name: "RedHat-9",
    machine: { os: ["rhel", "9.6"], files: { ...SELINUX, "/site/munge.key": "secret" } },
    options: ["--slurm-version", "24.11", "--slurm-uid", "401", "--munge-uid", "402", "--munge-key"],
  },
  {
    name: "Rocky-9",
    machine: { os: ["rocky", "9.4"], files: { ...SELINUX, ...FSTAB } },
    options: ["--slurm-version", "24.05", "--slurm-uid", "401", "--no-extra-repos", ...SHARED],
  },
];

/** Every distribution on every architecture. */
export const DRY_RUNS: readonly DryRun[] = SYSTEMS.flatMap((system) =>
  (["x86_64", "aarch64"] as const).map((machine) => ({
    ...system,
    name: `${system.name}-${machine === "aarch64" ? "arm64" : machine}.txt`,
    machine: { ...system.machine, machine },
  }))
);

/** What the dry run says, and the commands that it ran all the same. */
export async function dryRun({ machine, options }: DryRun): Promise<{ said: string; ran: string[] }> {
  let result = { said: "", ran: [""] };
  await withFakeImage(machine, async (image) => {
    const key = options.at(-1) === "--munge-key" ? [`${image.root}/site/munge.key`] : [];
    const { said } = await image.run("install", "--dry-run", ...options, ...key, ...image.node);
    result = { said, ran: image.recorded() };
  });
  return result;
}
