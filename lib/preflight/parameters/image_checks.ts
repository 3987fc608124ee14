import type { Image, InstanceTypeFacts } from "../../aws/ec2_api.ts";
import type { NodeGroup } from "../../config/model.ts";
import type { Answer } from "../answer.ts";
import type { CheckResult } from "../check_result.ts";
import { refusedFinding } from "./parameter_checks.ts";
import { shellWord, valueFix } from "./value_checks.ts";
import type { WantedValue } from "./wanted_value.ts";

/** What an image is judged against. */
export interface ImageNeeds {
  readonly wanted: WantedValue;
  readonly imageId: string;
  readonly region: string;
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
  /** By name; what a type that is missing can do is not known. */
  readonly instanceTypes: ReadonlyMap<string, Pick<InstanceTypeFacts, "supportedBootModes">>;
}

/** Does the image exist, and can every group that wants it boot from it? */
export function checkImage(needs: ImageNeeds, answer: Answer<Image>): CheckResult[] {
  const { wanted, imageId, region } = needs;
  if (answer.kind === "refused") return [refusedFinding("image", wanted.what, answer)];
  if (answer.kind === "missing") {
    return [{
      check: "image",
      status: "fail",
      what: wanted.what,
      evidence: `${imageId} does not exist in ${region}, or is not shared with this account`,
      fix:
        `aws ec2 copy-image --region ${region} --source-region REGION --source-image-id ${imageId} --name NAME ` +
        "# or write the id of another image",
    }];
  }
  const image = answer.value;
  const problems = [
    ...state(needs, image),
    ...architecture(needs, image),
    ...deprecation(needs, image),
    ...bootMode(needs, image),
    ...rootDevice(needs, image),
  ];
  const encrypted = encryption(needs, image);
  if (problems.length > 0) return [...problems, ...encrypted];
  const facts = [
    image.state,
    image.architecture,
    image.bootMode ?? "boot mode of the instance type",
    "not deprecated",
  ];
  return [finding(needs, "pass", `${imageId} (${image.name}): ${facts.join(", ")}`), ...encrypted];
}

/**
 * EC2 uses the key of an encrypted snapshot in the caller's name, and an instance whose volume can't be made dies with
 * Client.InternalError. DescribeImages does not say which key it is.
 * https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html
 */
function encryption(
  { wanted, imageId, region }: ImageNeeds,
  { encryptedSnapshotId, ownerId }: Image,
): CheckResult[] {
  if (encryptedSnapshotId === undefined) return [];
  return [{
    check: "encryption",
    status: "info",
    what: wanted.what,
    evidence:
      `${imageId} of account ${ownerId} is encrypted (${encryptedSnapshotId}): unless its KMS key is the account's ` +
      "own aws/ebs, the hooks' role must be allowed to use it, and the policy of another account's key must let this one in",
    fix: `aws ec2 describe-snapshots --region ${region} --snapshot-ids ${encryptedSnapshotId} ` +
      "--query 'Snapshots[].KmsKeyId' # then: slurm-ec2 iam policy --kms-key KEY; doctor --launch 2 tries it",
  }];
}

function finding(
  { wanted }: ImageNeeds,
  status: CheckResult["status"],
  evidence: string,
  fix?: string,
): CheckResult {
  return { check: "image", status, what: wanted.what, evidence, ...(fix !== undefined && { fix }) };
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Image.html */
function state(needs: ImageNeeds, image: Image): CheckResult[] {
  if (image.state === "available") return [];
  const evidence = `${needs.imageId} is ${image.state}, so that nothing can be launched from it`;
  const fix = image.state === "pending"
    ? `aws ec2 wait image-available --region ${needs.region} --image-ids ${needs.imageId}`
    : image.state === "disabled"
    ? `aws ec2 enable-image --region ${needs.region} --image-id ${needs.imageId}`
    : `${valueFix(needs.wanted)} # once the image is built again`;
  return [finding(needs, "fail", evidence, fix)];
}

function architecture(needs: ImageNeeds, image: Image): CheckResult[] {
  const wrong = needs.wanted.groups.filter((group) => group.architecture !== image.architecture);
  if (wrong.length === 0) return [];
  const wantedOnes = [...new Set(wrong.map((group) => group.architecture))].join(", ");
  return [finding(
    needs,
    "fail",
    `${needs.imageId} is of architecture ${image.architecture}; ${groupNames(wrong)} ${
      wrong.length === 1 ? "needs" : "need"
    } ${wantedOnes}`,
    `aws ec2 describe-images --region ${needs.region} --owners self --filters Name=architecture,Values=${
      wrong[0]!.architecture
    } Name=state,Values=available`,
  )];
}

/**
 * A deprecated image can still be launched by its id, until its owner deregisters it.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deprecate.html
 */
function deprecation(needs: ImageNeeds, image: Image): CheckResult[] {
  const at = Date.parse(image.deprecationTime ?? "");
  if (Number.isNaN(at)) return [];
  const day = new Date(at).toISOString().slice(0, 10);
  const fix = "slurm-ec2 ssm put --image AMI_ID --overwrite --apply # once a new image is built";
  if (at <= needs.now) {
    return [
      finding(needs, "warn", `${needs.imageId} is deprecated since ${day}; its owner may take it away`, fix),
    ];
  }
  if (at - needs.now > SOON) return [];
  return [finding(needs, "info", `${needs.imageId} becomes deprecated on ${day}`, fix)];
}

/** Milliseconds: a month is what a new image takes to be built, tried and rolled out. */
const SOON = 30 * 86_400_000;

/**
 * An image without a boot mode takes the instance type's default, and one of `uefi-preferred` boots either way.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-boot.html
 */
function bootMode(needs: ImageNeeds, { bootMode: mode }: Image): CheckResult[] {
  if (mode !== "uefi" && mode !== "legacy-bios") return [];
  const { groups } = needs.wanted;
  const unable = [...new Set(groups.flatMap((group) => typesWithout(mode, group, needs.instanceTypes)))];
  if (unable.length === 0) return [];
  const other = mode === "uefi" ? "legacy-bios" : "uefi";
  return [finding(
    needs,
    "fail",
    `${needs.imageId} boots by ${mode}, and ${unable.join(", ")} by ${other} only`,
    `${valueFix(needs.wanted)} # once the image's snapshot is registered again with --boot-mode ${
      mode === "uefi" ? "uefi-preferred" : "uefi"
    }`,
  )];
}

/** The group's instance types that don't boot in a mode; of types that nobody knows, arm64's rule holds: UEFI only. */
function typesWithout(
  mode: string,
  { architecture, instanceTypes }: NodeGroup,
  known: ImageNeeds["instanceTypes"],
): string[] {
  const usual = architecture === "arm64" ? ["uefi"] : [mode];
  return instanceTypes.filter((type) => !(known.get(type)?.supportedBootModes ?? usual).includes(mode));
}

function rootDevice(needs: ImageNeeds, image: Image): CheckResult[] {
  const { groups } = needs.wanted;
  if (image.rootDeviceType === "instance-store") {
    const stopping = groups.filter(({ powerDownAction }) => powerDownAction === "stop");
    if (stopping.length === 0) return [];
    const evidence = `${needs.imageId} has its root on instance store, and ${groupNames(stopping)} ${
      stopping.length === 1 ? "stops" : "stop"
    } instances`;
    return [finding(needs, "fail", evidence, "Use an EBS-backed image, or powerDownAction: terminate")];
  }
  const root = image.rootDeviceName;
  const wrong = groups.filter(({ rootVolume }) =>
    rootVolume?.deviceName !== undefined && rootVolume.deviceName !== root
  );
  if (root === undefined || wrong.length === 0) return [];
  const named = wrong[0]!.rootVolume!.deviceName!;
  return [finding(
    needs,
    "warn",
    `${needs.imageId} has its root on ${root}; ${groupNames(wrong)} ${
      wrong.length === 1 ? "names" : "name"
    } ${named}, which makes a second volume`,
    `Set rootVolume.deviceName: ${shellWord(root)} in the configuration`,
  )];
}

function groupNames(groups: readonly { readonly name: string }[]): string {
  const names = groups.map(({ name }) => name).join(", ");
  return `node ${groups.length === 1 ? "group" : "groups"} ${names}`;
}
