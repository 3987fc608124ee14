import { assertEquals } from "@std/assert";
import { subnetProblem } from "../../../lib/sim/addresses.ts";

const VPC = { within: "10.0.0.0/16", others: ["10.0.0.0/19", "10.0.96.16/28"] };

const BLOCKS: readonly (readonly [block: string, problem: string | undefined])[] = [
  ["10.0.96.0/28", undefined],
  ["10.0.128.0/17", undefined],
  ["10.0.96.0/29", "subnets are of /16 to /28"],
  ["10.0.0.0/15", "subnets are of /16 to /28"],
  ["10.0.96.1/28", "its address is not the first of the block"],
  ["10.1.0.0/28", "the VPC has 10.0.0.0/16"],
  ["10.0.31.240/28", "10.0.0.0/19 is a subnet already"],
  ["10.0.96.0/24", "10.0.96.16/28 is a subnet already"],
  ["10.0.96.0", "it is not an IPv4 block such as 10.0.96.0/28"],
  ["10.0.256.0/28", "it is not an IPv4 block such as 10.0.96.0/28"],
  ["fd00::/64", "it is not an IPv4 block such as 10.0.96.0/28"],
];

for (const [block, problem] of BLOCKS) {
  Deno.test(`subnetProblem() of ${block}: ${problem ?? "none"}`, { permissions: "none" }, () => {
    assertEquals(subnetProblem(block, VPC), problem);
  });
}
