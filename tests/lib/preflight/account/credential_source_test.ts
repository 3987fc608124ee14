import { assertEquals } from "@std/assert";
import {
  type AwsFile,
  credentialSource,
  profileNames,
} from "../../../../lib/preflight/account/credential_source.ts";

const file = (profiles: readonly string[] = []): AwsFile => ({ path: "/h/c", state: "readable", profiles });

const SOURCES: readonly (readonly [
  what: string,
  facts: { aws?: Record<string, string>; env?: Record<string, string>; profiles?: readonly string[] },
  says: string,
])[] = [
  ["nothing at all", {}, "instance role, from the metadata service: there is nothing else"],
  ["a default profile", { profiles: ["default"] }, 'profile "default" of /h/c'],
  ["the configuration's profile before all", {
    aws: { profile: "p" },
    env: { AWS_PROFILE: "q", AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" },
    profiles: ["p"],
  }, 'profile "p" of /h/c, as aws.* in the configuration says'],
  [
    "a file without a profile",
    { aws: { credentialsFile: "/h/c" } },
    'profile "default" of /h/c, as aws.* in the configuration says',
  ],
  ["$AWS_PROFILE before keys", {
    env: { AWS_PROFILE: "q", AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" },
  }, 'profile "q" of /h/c, as $AWS_PROFILE says'],
  ["keys before files", {
    env: { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" },
    profiles: ["default"],
  }, "environment variables ($AWS_ACCESS_KEY_ID)"],
  [
    "half a key is not a key",
    { env: { AWS_ACCESS_KEY_ID: "a" }, profiles: ["default"] },
    'profile "default" of /h/c',
  ],
  ["a token", {
    env: { AWS_WEB_IDENTITY_TOKEN_FILE: "/t", AWS_ROLE_ARN: "arn:r" },
  }, "token of $AWS_WEB_IDENTITY_TOKEN_FILE for arn:r"],
  ["a container", {
    env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://x" },
  }, "container role ($AWS_CONTAINER_CREDENTIALS_…)"],
];

for (const [what, { aws = {}, env = {}, profiles }, says] of SOURCES) {
  Deno.test(`credentialSource() takes ${what}`, { permissions: "none" }, () => {
    assertEquals(credentialSource({ aws, env: (name) => env[name], files: [file(profiles)] }).says, says);
  });
}

Deno.test(
  "profileNames() reads both kinds of file, comments and sessions left out",
  { permissions: "none" },
  () => {
    const text = "# [no]\n[default]\nkey=[x]\n[profile a b]\n [ c ]\n[sso-session s]\n[services t]\n[\n";
    assertEquals(profileNames(text), ["default", "a b", "c"]);
  },
);
