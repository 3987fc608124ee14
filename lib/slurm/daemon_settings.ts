/** A host that slurmctld runs on, primary first. */
export interface ControllerHost {
  readonly name: string;
  /** Where SlurmctldHost gives an address of its own, e.g. `ctl1(10.1.2.3)`. */
  readonly address?: string;
}

/** slurmctld's hosts, from `scontrol show config` or slurm.conf: https://slurm.schedmd.com/slurm.conf.html#OPT_SlurmctldHost */
export function controllerHosts(settings: ReadonlyMap<string, string>): ControllerHost[] {
  return [...settings].filter(([key]) => /^SlurmctldHost(?:\[\d+\])?$/i.test(key)).flatMap(([, value]) => {
    const [, name, address] = /^([^\s(]+)(?:\(([^)]*)\))?$/.exec(value) ?? [];
    return name === undefined ? [] : [{ name, ...(address && { address }) }];
  });
}

/** Ports of a setting such as `6817` or `6817-6820`; the default where it is not set. */
export function portsOf(text: string | undefined, byDefault: number): number[] {
  const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(text ?? "") ?? [];
  if (first === undefined) return [byDefault];
  const [from, to] = [Number(first), Number(last ?? first)];
  return Array.from({ length: Math.max(1, to - from + 1) }, (_, index) => from + index);
}

/** Name and number of `slurm(64030)`, as `scontrol show config` prints SlurmUser. */
export function userOf(
  text: string | undefined,
): { readonly name: string; readonly uid: number } | undefined {
  const [, name, uid] = /^(.*)\((\d+)\)$/.exec(text ?? "") ?? [];
  return name === undefined ? undefined : { name, uid: Number(uid) };
}

/** What a setting says; undefined for `(null)` and what is not set. */
export function settingOf(settings: ReadonlyMap<string, string>, key: string): string | undefined {
  const value = settings.get(key);
  return value === undefined || value === "(null)" || value === "" ? undefined : value;
}

/** The major release of `22.05.8`, `slurm 22.05.8-1` or `slurm-wlm 22.05.8`: `22.05`. */
export function releaseOf(text: string): string | undefined {
  return /(?:^|[^\d.])(\d\d\.\d\d)(?:[.-]|\s|$)/.exec(text)?.[1];
}
