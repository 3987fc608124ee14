import differences from "../../deploy/install/differences.sh" with { type: "text" };
import license from "../../LICENSE" with { type: "text" };
import notices from "../../THIRD_PARTY_NOTICES.txt" with { type: "text" };
import launcher from "../../deploy/install/slurm-ec2" with { type: "text" };
import hook from "../../deploy/hooks/hook" with { type: "text" };
import ready from "../../deploy/hooks/ready" with { type: "text" };
import accounts from "../../deploy/node/accounts.sh" with { type: "text" };
import health from "../../deploy/node/health.sh" with { type: "text" };
import mounts from "../../deploy/node/mounts.sh" with { type: "text" };
import munge from "../../deploy/node/munge.sh" with { type: "text" };
import names from "../../deploy/node/names" with { type: "text" };
import nodeShell from "../../deploy/node/node.sh" with { type: "text" };
import prolog from "../../deploy/node/prolog" with { type: "text" };
import resolve from "../../deploy/node/resolve.sh" with { type: "text" };
import nodeReadme from "../../deploy/node/README.md" with { type: "text" };
import boot from "../../deploy/node/boot" with { type: "text" };
import guard from "../../deploy/node/guard" with { type: "text" };
import notice from "../../deploy/node/notice" with { type: "text" };
import guardUnit from "../../deploy/node/slurm-ec2-guard.service" with { type: "text" };
import nodeUnit from "../../deploy/node/slurm-ec2-node.service" with { type: "text" };
import timerService from "../../deploy/systemd/slurm-ec2.service" with { type: "text" };
import timer from "../../deploy/systemd/slurm-ec2.timer" with { type: "text" };
import notifyService from "../../deploy/systemd/slurm-ec2-notify.service" with { type: "text" };
import notifyTimer from "../../deploy/systemd/slurm-ec2-notify.timer" with { type: "text" };
import timerReadme from "../../deploy/systemd/README.md" with { type: "text" };
import { PLACES_MARK, placesPart } from "../../lib/install/places_part.ts";
import type { UnitPair } from "../../lib/install/units.ts";
import { type ReleaseFile, textFile } from "../../lib/install/release.ts";

/** Units of the timer, to be filled in for a site. */
export const UNITS: UnitPair = { suffix: "", service: timerService, timer };

/** Units that run `slurm-ec2 notify`, for a site whose configuration has notify.command. */
export const NOTIFY_UNITS: UnitPair = { suffix: "-notify", service: notifyService, timer: notifyTimer };

export { default as ROTATION } from "../../deploy/logrotate/slurm-ec2" with { type: "text" };

export { default as HOOKS_ENV } from "../../deploy/install/hooks.env" with { type: "text" };

/** Files of deploy/ that every release holds, in every build of this program: [path in the release, mode, text]. */
const FILES: readonly (readonly [path: string, mode: number, text: string])[] = [
  ["LICENSE", 0o644, license],
  ["THIRD_PARTY_NOTICES.txt", 0o644, notices],
  ["bin/hook", 0o755, hook],
  ["bin/ready", 0o755, ready],
  ["node/README.md", 0o644, nodeReadme],
  ["node/accounts.sh", 0o644, accounts],
  ["node/boot", 0o755, boot],
  ["node/guard", 0o755, guard],
  ["node/notice", 0o755, notice],
  ["node/health.sh", 0o644, health],
  ["node/mounts.sh", 0o644, mounts],
  ["node/munge.sh", 0o644, munge],
  ["node/names", 0o755, names],
  ["node/node.sh", 0o644, nodeShell],
  ["node/prolog", 0o755, prolog],
  ["node/resolve.sh", 0o644, resolve],
  ["node/slurm-ec2-guard.service", 0o644, guardUnit],
  ["node/slurm-ec2-node.service", 0o644, nodeUnit],
  ["systemd/README.md", 0o644, timerReadme],
];

/**
 * What a release holds next to its program; for one without its own, the script that runs it for people, too; `completion` is what shells
 * complete its commands with.
 */
export async function payload(
  version: string,
  program: { readonly files: readonly Pick<ReleaseFile, "path">[] },
  completion: string,
): Promise<readonly ReleaseFile[]> {
  const hasOwn = program.files.some(({ path }) => path === "bin/slurm-ec2");
  const files = [
    ...FILES,
    ...(hasOwn ? [] : [
      ["bin/slurm-ec2", 0o755, launcher.replace(PLACES_MARK, () => placesPart(hook, differences))] as const,
    ]),
  ];
  return await Promise.all([
    ...files.map(([path, mode, text]) => textFile(path, mode, text)),
    textFile("VERSION", 0o644, `${version}\n`),
    // bash-completion looks there by itself: next to the bin/ that a command really lies in.
    textFile("share/bash-completion/completions/slurm-ec2", 0o644, completion),
  ]);
}
