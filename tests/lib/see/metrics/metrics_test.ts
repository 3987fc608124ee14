import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parse } from "yaml";
import { EMPTY_STATE, type State } from "../../../../lib/controller/state.ts";
import type { EventBody } from "../../../../lib/events/event.ts";
import { formatReason } from "../../../../lib/cluster/reason.ts";
import { metricHelp, type MetricsFacts, metricsOf } from "../../../../lib/see/metrics/metrics.ts";
import { prometheusText, type Sample } from "../../../../lib/see/metrics/prometheus.ts";
import { parseNodeStates } from "../../../../lib/slurm/node_state.ts";
import { MemoryStore } from "../../../../lib/store/memory.ts";
import { testConfig } from "../../../fixtures/test_config.ts";
import { fullState } from "../../store/records.ts";

const NOW = Date.UTC(2026, 10, 30, 22);

function facts(change: Partial<MetricsFacts> = {}): MetricsFacts {
  const base = testConfig();
  return {
    config: { ...base, limits: { ...base.limits, maxNodes: 10 } },
    state: EMPTY_STATE,
    history: undefined,
    nodes: [],
    beat: NOW - 42_000,
    prices: new Map(),
    now: NOW,
    clock: 0,
    ...change,
  };
}

const values = (given: MetricsFacts, name: string) =>
  metricsOf(given).filter((sample) => sample.name === name)
    .map(({ value, labels }) => [value, ...Object.values(labels)].join(" "));

Deno.test("metricsOf() says what can't be known, and leaves it out", () => {
  const given = facts({ state: undefined, nodes: undefined, beat: undefined });
  assertEquals(metricsOf(given).map(({ name, value }) => `${name} ${value}`), [
    `written_timestamp_seconds ${NOW / 1000}`,
    "state_readable 0",
    "slurmctld_answers 0",
  ]);
});

Deno.test("metricsOf() counts nodes by group and use, and what holds them by class", () => {
  const [group] = testConfig().nodeGroups;
  const name = group!.nodes.replace(/\[(\d+)-\d+\]/, "$1");
  const reason = formatReason({ code: "VcpuLimitExceeded", message: "x", until: NOW + 1000 });
  const nodes = parseNodeStates(
    `NodeName=${name} State=DOWN+CLOUD Reason=${reason} [slurm@2026-11-30T21:00:00]\nNodeName=foreign State=IDLE\n`,
  );
  assertEquals(values(facts({ nodes }), "nodes"), [`1 ${group!.name} refused`, "1 * refused QUOTA"]);
});

Deno.test("metricsOf() shows limits, breakers, pauses and what is open", () => {
  const state: State = {
    ...fullState(),
    bootFailures: { "c ami-1": 5, "c ami-2": 4 },
    pauses: { c: NOW },
    exhausted: { a: { what: "x", code: "C", message: "m", first: 0, at: 0, until: 5, misses: 1 } },
  };
  const given = facts({ state });
  assertEquals(values(given, "breaker_open"), ["1 c ami-1"]);
  assertEquals(values(given, "paused"), ["1 c"]);
  assertEquals(values(given, "limit"), ["10 maxNodes"]);
  assertEquals(values(given, "exhausted_pools"), ["1"]);
  assertEquals(values(facts({ state, clock: 9 }), "exhausted_pools"), ["0"]);
  assertEquals(values(given, "heartbeat_age_seconds"), ["42"]);
  assertEquals(values(given, "instances").length > 0, true);
});

Deno.test("metricsOf() counts the last hour of the history", () => {
  let wall = NOW - 4_000_000;
  const store = new MemoryStore({ run: "test", wall: () => wall });
  const launched = (got: number): EventBody => ({
    kind: "launched",
    clientToken: "t",
    asked: 9,
    got,
    milliseconds: 1,
  });
  store.commit(EMPTY_STATE, [launched(7)]);
  wall = NOW;
  const refused = {
    kind: "refused",
    clientToken: "t",
    code: "VcpuLimitExceeded",
    message: "no",
    milliseconds: 1,
  } as const;
  const reason = formatReason({ code: "VcpuLimitExceeded", message: "no" });
  store.commit(EMPTY_STATE, [launched(2), refused, refused, {
    kind: "verdict",
    verdict: "down",
    nodes: "c[0-4]",
    reason,
  }]);
  const given = facts({ history: store.history });
  assertEquals(values(given, "recent_launched"), ["2"]);
  assertEquals(values(given, "recent_refused"), ["2 QUOTA VcpuLimitExceeded"]);
  assertEquals(values(given, "recent_verdicts"), ["5 QUOTA"]);
});

Deno.test("prometheusText() escapes labels, and keeps each metric together", { permissions: "none" }, () => {
  const samples: Sample[] = [
    { name: "a", value: 1, labels: { x: 'q"\\\n' } },
    { name: "b", value: 0.5, labels: {} },
    { name: "a", value: 2, labels: {} },
  ];
  assertEquals(
    prometheusText(samples, "eda", (name) => `help of ${name}`),
    `# HELP slurm_ec2_a help of a
# TYPE slurm_ec2_a gauge
slurm_ec2_a{cluster="eda",x="q\\"\\\\␊"} 1
slurm_ec2_a{cluster="eda"} 2
# HELP slurm_ec2_b help of b
# TYPE slurm_ec2_b gauge
slurm_ec2_b{cluster="eda"} 0.5
`,
  );
});

Deno.test("deploy/prometheus/alerts.yaml names metrics that there are", async () => {
  const text = await Deno.readTextFile(new URL("../../../../deploy/prometheus/alerts.yaml", import.meta.url));
  const { groups: [group] } = parse(text) as {
    groups: [{ rules: { expr: string; annotations: Record<string, string> }[] }];
  };
  const used = new Set(
    group.rules.flatMap(({ expr }) => [...expr.matchAll(/slurm_ec2_(\w+)/g)].map(([, name]) => name!)),
  );
  assert(used.size >= 8);
  for (const name of used) assert(metricHelp(name)?.length > 10, name);
  for (const { annotations } of group.rules) assertStringIncludes(annotations.summary!, "$labels.cluster");
});
