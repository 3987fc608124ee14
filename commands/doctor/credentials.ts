import { AwsError } from "../../lib/aws/aws_error.ts";
import { patiently } from "../../lib/aws/patiently.ts";
import type { Config } from "../../lib/config/model.ts";
import {
  type CallerAnswer,
  checkCaller,
  checkUser,
  findInPasswd,
  type UserFacts,
} from "../../lib/preflight/account/caller_checks.ts";
import {
  type AwsFile,
  credentialSource,
  profileNames,
} from "../../lib/preflight/account/credential_source.ts";
import { askAws, type AwsQuestions } from "./aws.ts";
import type { DoctorSection, Examination } from "./section.ts";
import { awsFilePaths } from "../base/effective_permissions.ts";
import type { Host } from "../base/host.ts";

/** Whose credentials the hooks will have. */
export const CREDENTIALS: DoctorSection = {
  name: "credentials",
  summary: "who calls AWS, with which credentials, as which user",
  where: ["controller"],
  examine: async (
    examination,
  ) => [checkUser(userOf(examination), examination.configFile), ...await callerOf(examination)],
};

/** Who this process runs as, by its number and the local user database: no program is started to find out. */
function userOf({ host, config }: Examination): UserFacts {
  const wanted = config.slurm.user;
  const uid = host.uid?.();
  if (uid === undefined) return { wanted };
  try {
    return { wanted, ...findInPasswd(host.files.readText(PASSWD), uid, wanted) };
  } catch {
    return { wanted, current: `uid ${uid}` };
  }
}

/** Users that the machine itself knows: passwd(5). */
const PASSWD = "/etc/passwd";

function callerOf(examination: Examination) {
  const { host, config } = examination;
  const files = awsFilesOf(host, config);
  const source = credentialSource({ aws: config.aws, env: host.env, files });
  return askAws(
    examination,
    "credentials",
    async (aws) => checkCaller({ source, files, answer: await answerOf(aws) }),
  );
}

/** What STS says to the question who is calling, which needs no permission. */
async function answerOf({ sts, patience }: AwsQuestions): Promise<CallerAnswer> {
  try {
    return { kind: "found", value: await patiently(patience, () => sts.getCallerIdentity()) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { kind: "failed", code: error.code, message: error.message };
  }
}

function awsFilesOf(host: Host, config: Config): AwsFile[] {
  return awsFilePaths(config.aws, host.env).map((path) => awsFileOf(host, path));
}

function awsFileOf({ files, mayRead = () => true }: Host, path: string): AwsFile {
  if (!mayRead(path)) return { path, state: "not-permitted", profiles: [] };
  try {
    return { path, state: "readable", profiles: profileNames(files.readText(path)) };
  } catch (error) {
    const state = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory
      ? "missing"
      : error instanceof Deno.errors.NotCapable
      ? "not-permitted"
      : "forbidden";
    return { path, state, profiles: [] };
  }
}
