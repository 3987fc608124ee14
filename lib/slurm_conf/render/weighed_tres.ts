import type { Config } from "../../config/model.ts";
import type { Fault } from "./fault.ts";

/** A TRES that only AccountingStorageTRES makes known: https://slurm.schedmd.com/tres.html */
const TO_BE_TRACKED = /(?:^|,)((?:gres|license|fs|ic)\/[\w:.-]+)=/gi;
const KEY = "TRESBillingWeights";
/** In every Slurm without being listed. */
const BUILT_IN = "fs/disk";

/** TRES that partitions weigh and that the site's AccountingStorageTRES must list, in lower case. */
export function weighedTres(config: Config): string[] {
  return [...new Set(weights(config).flatMap(({ tres }) => tres))];
}

/**
 * What the site's slurm.conf must have for the weights of partitions, each at its place: slurmctld 22.05.8, 24.11.5 and
 * 26.05.5 end at "failed to parse tres weights str" without it.
 */
export function weighedTresNotes(config: Config): Fault[] {
  return weights(config).map(({ subject, tres, path }) => ({
    message:
      `${subject}: ${KEY} weighs ${
        tres.join(" and ")
      }, so slurmctld does not start unless the site's slurm.conf has ` +
      `AccountingStorageTRES=${
        tres.join(",")
      } and AccountingStorageType=accounting_storage/slurmdbd: add what is ` +
      "missing there, and check it with slurm-ec2 config render --slurm-conf FILE",
    path,
  }));
}

interface Weighed {
  readonly subject: string;
  readonly tres: readonly string[];
  readonly path: Fault["path"];
}

function weights({ slurm, partitions }: Config): Weighed[] {
  const isInherited = partitions.some(({ options }) => options[KEY] === undefined);
  const all = [
    ...isInherited
      ? [{
        subject: "All partitions",
        text: slurm.partitionOptions[KEY],
        path: ["slurm", "partitionOptions", KEY],
      }]
      : [],
    ...partitions.map(({ name, options }, index) => ({
      subject: `Partition ${name}`,
      text: options[KEY],
      path: ["partitions", index, KEY],
    })),
  ];
  return all.flatMap(({ subject, text, path }) => {
    const tres = [...(text ?? "").matchAll(TO_BE_TRACKED)].map(([, name]) => name!.toLowerCase())
      .filter((name) => name !== BUILT_IN);
    return tres.length === 0 ? [] : [{ subject, tres: [...new Set(tres)], path }];
  });
}
