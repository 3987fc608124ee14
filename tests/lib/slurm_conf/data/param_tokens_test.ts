import { assert, assertEquals } from "@std/assert";
import {
  TOKEN_PARAMETERS,
  tokensOfParameter,
  type TokenStatus,
  tokenStatus,
} from "../../../../lib/slurm_conf/data/param_tokens.ts";
import { keyInfo } from "../../../../lib/slurm_conf/data/keys.ts";

const WORDS: readonly (readonly [string, string, string, TokenStatus | undefined])[] = [
  ["SlurmctldParameters", "idle_on_node_suspend", "26.05", "documented"],
  ["slurmctldparameters", "IDLE_ON_NODE_SUSPEND", "26.05", "documented"],
  ["SlurmctldParameters", "node_reg_mem_percent", "20.11", "not-yet"],
  ["SlurmctldParameters", "cloud_reg_addrs", "23.02", "documented"],
  ["SlurmctldParameters", "cloud_reg_addrs", "23.11", "gone"],
  ["CommunicationParameters", "NoAddrCache", "23.11", "gone"],
  ["SlurmctldParameters", "idle_on_node_supend", "26.05", "unknown"],
  ["PlugStackConfig", "anything", "26.05", undefined],
];

for (const [parameter, word, version, status] of WORDS) {
  Deno.test(
    `tokenStatus() of ${word} in ${parameter} is ${status} in ${version}`,
    { permissions: "none" },
    () => {
      assertEquals(tokenStatus(parameter, word, version), status);
    },
  );
}

Deno.test(
  "TOKEN_PARAMETERS are keys of slurm.conf with at least a word each",
  { permissions: "none" },
  () => {
    for (const parameter of TOKEN_PARAMETERS) {
      assertEquals(keyInfo("slurm.conf", parameter)?.name, parameter);
      assert(tokensOfParameter(parameter)!.size > 0, parameter);
    }
  },
);
