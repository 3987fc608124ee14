import { VERSION } from "../../../lib/base/version.ts";
import type { Python } from "./python_packages.ts";
import type { Machine } from "./results.ts";

/** The machine that this runs on; the load after the last run is not known yet. */
export async function describeMachine(python: Python): Promise<Omit<Machine, "load">> {
  const { python: pythonVersion, ...packages } = python.versions;
  return {
    ...await describeSystem(),
    versions: {
      "slurm-ec2": VERSION,
      Deno: Deno.version.deno,
      Python: pythonVersion ?? "none",
      ...Object.fromEntries(Object.entries(packages).filter(([, version]) => version !== null)) as Record<
        string,
        string
      >,
    },
  };
}

/** The machine without the programs on it. */
export async function describeSystem(): Promise<Omit<Machine, "load" | "versions">> {
  const read = (path: string) => Deno.readTextFile(path).catch(() => "");
  const [cpuinfo, release] = [await read("/proc/cpuinfo"), await read("/etc/os-release")];
  return {
    processor: /^model name\s*:\s*(.+)$/m.exec(cpuinfo)?.[1] ?? Deno.build.arch,
    processors: navigator.hardwareConcurrency,
    memoryMiB: Math.round(Deno.systemMemoryInfo().total / 2 ** 20),
    system: /^PRETTY_NAME="?([^"\n]+)/m.exec(release)?.[1] ?? Deno.build.os,
    kernel: Deno.osRelease(),
  };
}

/** Load average of the last minute. */
export function loadNow(): number {
  return Number(Deno.loadavg()[0]!.toFixed(2));
}
