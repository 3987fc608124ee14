import { playCapacityHistory } from "../lib/controller/capacity_histories.ts";
import { counts, type Played } from "./capacity_soak_counts.ts";

const scope = self as unknown as {
  onmessage: (message: { readonly data: { readonly from: number; readonly to: number } }) => void;
  postMessage(played: Played): void;
};

scope.onmessage = ({ data: { from, to } }) => {
  const played: Played[] = [];
  for (let seed = from; seed < to; seed++) {
    const { problems, world } = playCapacityHistory(seed);
    const { maxNodes, maxHourlyCost } = world.config.limits;
    played.push({
      histories: 1,
      launches: world.launches,
      failovers: world.failovers,
      misses: world.misses,
      limited: maxNodes === undefined && maxHourlyCost === undefined ? 0 : 1,
      starts: world.starts,
      wrong: problems.length === 0 ? [] : [{ seed, problems }],
    });
  }
  scope.postMessage(counts(played));
};
