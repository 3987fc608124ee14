import { didYouMean } from "../base/did_you_mean.ts";
import { REGIONS } from "./service_hosts.ts";

/** What is odd about a Region: this release does not know it. It may be new, so it is not refused. */
export function regionRemark(region: string): string | undefined {
  if (REGIONS.includes(region)) return undefined;
  const guess = didYouMean(region, REGIONS);
  return `Region ${region} is not one that this release knows${
    guess === undefined ? "" : `: did you mean ${guess}?`
  }`;
}
