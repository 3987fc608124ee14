import { assert, assertEquals } from "@std/assert";
import type { Action } from "../../../lib/controller/action.ts";
import type { Fact } from "../../../lib/controller/fact.ts";
import { EMPTY_STATE } from "../../../lib/controller/state.ts";
import type { Step, StepResult } from "../../../lib/controller/step.ts";
import { runLoop } from "../../../lib/controller_run/loop.ts";
import type { LoopPorts, QueueFact, RequestQueue } from "../../../lib/controller_run/ports.ts";
import { type LoopRig, loopRig } from "../../fixtures/loop_rig.ts";

const pure = { permissions: "none" } as const;

/** A step that a test decides: what to do about the facts, given all that came before. */
function stepOf(
  decide: (facts: readonly Fact[], all: readonly Fact[], now: number) => Partial<StepResult>,
): Step & { readonly all: Fact[] } {
  const all: Fact[] = [];
  const step: Step = (state, facts, { now }) => {
    all.push(...facts.filter(({ kind }) => kind !== "timeouts"));
    const requests = new Map(state.requests);
    for (const fact of facts) {
      if (fact.kind !== "request") continue;
      const { id, request: kind, nodes, jobs, at } = fact;
      requests.set(id, { id, kind, nodes, jobs, at, generations: {}, outcomes: {} });
    }
    return {
      state: { ...state, requests },
      actions: [],
      events: [],
      settled: true,
      ...decide(facts, all, now.clock),
    };
  };
  return Object.assign(step, { all });
}

/** So that the loop has no need to read them. */
const TIMEOUTS: Fact = { kind: "timeouts", timeouts: { resume: 600, hook: 600 } };
const LIST: Action = { kind: "list" };

function run(rig: LoopRig, step: Step, changes: Partial<LoopPorts> = {}, goal = {}) {
  return runLoop(rig.ports(step, changes), goal);
}

Deno.test("runLoop() begins with the stored state and ends at once when all is settled", pure, async () => {
  const rig = loopRig();
  const step = stepOf(() => ({}));
  assertEquals(await run(rig, step), "settled");
  assertEquals(step.all, [{ kind: "started" }]);
});

for (const isKept of [true, false]) {
  Deno.test(
    `runLoop() ${isKept ? "stays for the next request" : "makes room for it"} when the state is ${
      isKept ? "" : "not "
    }kept and all is done`,
    pure,
    async () => {
      const rig = loopRig();
      rig.ask("resume", "c0", "resume.1");
      const begun = rig.clock.now;
      const step = stepOf((_, all, now) => ({
        actions: [],
        // The node has not registered yet.
        settled: now - begun >= 50_000,
        ...(now - begun < 50_000 && { dueAt: begun + 50_000 }),
        ...(all.some(({ kind }) => kind === "request") && {
          state: {
            ...EMPTY_STATE,
            requests: new Map([["resume.1", {
              ...{ id: "resume.1", kind: "resume" as const, nodes: ["c0"], jobs: [], at: begun },
              ...{ generations: { c0: 1 }, outcomes: {} },
              ...(now - begun >= 20_000 && { settledAt: now }),
            }]]),
          },
          ...(now - begun < 20_000 && { dueAt: begun + 20_000 }),
        }),
      }));
      const end = await run(rig, step, { isKept: () => isKept }, { idle: 60_000, facts: [TIMEOUTS] });
      assertEquals([end, rig.clock.now - begun], isKept ? ["settled", 110_000] : ["not-kept", 20_000]);
    },
  );
}

Deno.test(
  "runLoop() commits before it performs, and unlinks a request only after the commit",
  pure,
  async () => {
    const rig = loopRig();
    rig.ask("resume", "c0", "resume.1");
    const order: string[] = [];
    const step = stepOf((_, all) => ({
      actions: all.some(({ kind }) => kind === "listed") ? [] : [LIST],
      settled: all.some(({ kind }) => kind === "listed"),
    }));
    const ports = rig.ports(step);
    const end = await runLoop({
      ...ports,
      store: {
        ...ports.store,
        commit: (next, events) => (order.push("commit"), ports.store.commit(next, events)),
      },
      queue: { ...ports.queue, forget: (ids) => (order.push("forget"), ports.queue.forget(ids)) },
      perform: (action, state) => (order.push("perform"), ports.perform(action, state)),
    });
    assertEquals(end, "settled");
    assertEquals(order.slice(0, 3), ["commit", "forget", "perform"]);
    assertEquals(rig.forgotten, ["resume.1"]);
  },
);

Deno.test(
  "runLoop() keeps a request in the queue, and hands it over once, while the state can't be written",
  pure,
  async () => {
    const rig = loopRig();
    rig.ask("stop", "c0", "stop.1");
    rig.failCommits = new Error("database or disk is full");
    const step = stepOf((_, all, now) => {
      if (all.filter(({ kind }) => kind === "listed").length === 2) rig.failCommits = undefined;
      const listings = all.filter(({ kind }) => kind === "listed").length;
      assertEquals(rig.forgotten, []);
      return {
        actions: listings < 2 ? [LIST] : [],
        settled: listings >= 2,
        dueAt: listings < 2 ? now + 1000 : undefined,
      };
    });
    assertEquals(await run(rig, step), "settled");
    assertEquals(step.all.filter(({ kind }) => kind === "request").length, 1);
    assertEquals(rig.forgotten, ["stop.1"]);
    assertEquals(rig.lines.filter((line) => line.includes("state")), [
      "error The state can't be written, going on without: database or disk is full",
      "info The state can be written again",
    ]);
  },
);

Deno.test(
  "runLoop() drops a request that a worker committed and died before it could remove it",
  pure,
  async () => {
    const rig = loopRig();
    rig.ask("resume", "c0", "resume.1");
    await run(rig, stepOf(() => ({})));
    rig.ask("resume", "c0", "resume.1");
    const again = stepOf(() => ({}));
    await run(rig, again);
    assertEquals(again.all, [{ kind: "started" }]);
    assertEquals(rig.forgotten, ["resume.1", "resume.1"]);
  },
);

Deno.test("runLoop() takes requests that come while a call is under way", pure, async () => {
  const rig = loopRig();
  let release = () => {};
  const held = new Promise<void>((resolve) => release = resolve);
  const step = stepOf((facts, all) => {
    if (facts.some(({ kind }) => kind === "request")) release();
    const isListed = all.some(({ kind }) => kind === "listed");
    return { actions: isListed ? [] : [LIST], settled: isListed };
  });
  const ports = rig.ports(step);
  const end = await runLoop({
    ...ports,
    perform: async (action, state) => {
      rig.ask("stop", "c7");
      await held;
      return await ports.perform(action, state);
    },
  }, { facts: [TIMEOUTS] });
  assertEquals(end, "settled");
  assertEquals(step.all.map(({ kind }) => kind), ["started", "request", "listed"]);
});

Deno.test(
  "runLoop() has one call under way for each subject, however often a step asks for it",
  pure,
  async () => {
    const rig = loopRig();
    let [under, most] = [0, 0];
    const step = stepOf((_, all) => {
      const isListed = all.some(({ kind }) => kind === "listed");
      if (!isListed && all.length < 5) rig.ask("stop", `c${all.length}`);
      return { actions: isListed ? [] : [LIST], settled: isListed };
    });
    const ports = rig.ports(step);
    await runLoop({
      ...ports,
      perform: async (action, state) => {
        most = Math.max(most, ++under);
        await new Promise((resolve) => setTimeout(resolve, 20));
        under--;
        return await ports.perform(action, state);
      },
    }, { facts: [TIMEOUTS] });
    assertEquals(most, 1);
    assertEquals(rig.calls, { DescribeInstances: 1 });
  },
);

Deno.test("runLoop() repeats a throttled call at its pace until it goes through", pure, async () => {
  const rig = loopRig();
  rig.aws.simulator.addFault({ kind: "throttle", action: "DescribeInstances", times: 4 });
  const step = stepOf((_, all) => {
    const isListed = all.some(({ kind }) => kind === "listed");
    return { actions: isListed ? [] : [LIST], settled: isListed };
  });
  const began = rig.clock.now;
  assertEquals(await run(rig, step), "settled");
  assertEquals(rig.calls, { DescribeInstances: 5 });
  // 0.5, 1, 1.5 and 1.5 s, each and half of it again.
  assertEquals(rig.clock.now - began, 6750);
});

Deno.test("runLoop() performs the other nodes' actions while one is refused", pure, async () => {
  const rig = loopRig();
  rig.scontrol.unknown.add("c1");
  const reported = new Set<string>();
  const addresses = ["c0", "c1", "c2"].map((nodeName) => ({
    nodeName,
    nodeAddr: "10.0.0.1",
    nodeHostname: nodeName,
  }));
  let passes = 0;
  const step = stepOf((facts) => {
    for (const fact of facts) if (fact.kind === "address-reported") reported.add(fact.node);
    const left = addresses.filter(({ nodeName }) => !reported.has(nodeName));
    if (++passes === 8) rig.scontrol.unknown.clear();
    return {
      actions: left.length > 0 ? [{ kind: "report-addresses", addresses: left }] : [],
      settled: left.length === 0,
    };
  });
  assertEquals(await run(rig, step), "settled");
  assertEquals([...reported], ["c0", "c2", "c1"]);
});

Deno.test("runLoop() waits for what is due, and leaves it to a timer that runs", pure, async () => {
  const hour = 3_600_000;
  for (const [timerAge, waits] of [[undefined, true], [60_000, false]] as const) {
    const rig = loopRig();
    const began = rig.clock.now;
    const step = stepOf((_, __, now) => now < began + hour ? { dueAt: began + hour } : {});
    assertEquals(await run(rig, step, { timerAge: () => timerAge }), "settled");
    assertEquals(rig.clock.now - began, waits ? hour : 0);
  }
});

Deno.test("runLoop() stays as long as `idle` says for further requests", pure, async () => {
  const rig = loopRig();
  const began = rig.clock.now;
  const beats: number[] = [];
  const beat = () => {
    beats.push(rig.clock.now);
    if (beats.filter((beat) => beat === began + 30_000).length === 1) rig.ask("stop", "c0");
  };
  const step = stepOf(() => ({}));
  assertEquals(await run(rig, step, { beat }, { idle: 60_000 }), "settled");
  assertEquals(step.all.map(({ kind }) => kind), ["started", "request"]);
  assert(rig.clock.now - began >= 90_000, `${rig.clock.now - began}`);
  // The supervisor ends a worker whose heartbeat is older than a minute.
  for (const [index, beat] of beats.entries()) assert(index === 0 || beat - beats[index - 1]! <= 10_000);
});

Deno.test(
  "runLoop() waits for what a last look asks, instead of stepping until it is answered",
  pure,
  async () => {
    const rig = loopRig();
    const began = rig.clock.now;
    let steps = 0;
    const step = stepOf((_, all, now) => {
      // A loop that never waits would never get an answer, either.
      if (++steps > 100) throw new Error("the loop spins");
      const isLate = now - began >= 60_000 && !all.some(({ kind }) => kind === "listed");
      return { actions: isLate ? [LIST] : [] };
    });
    const ports = rig.ports(step);
    const end = await runLoop({
      ...ports,
      perform: async (action, state) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return await ports.perform(action, state);
      },
    }, { facts: [TIMEOUTS], idle: 60_000 });
    assertEquals([end, rig.calls, steps <= 4], ["settled", { DescribeInstances: 1 }, true]);
  },
);

Deno.test("runLoop() ends when the database was removed, and commits nothing into it", pure, async () => {
  const rig = loopRig();
  const step = stepOf((facts) => {
    if (facts.some(({ kind }) => kind === "listed")) rig.inPlace = false;
    return { actions: rig.inPlace ? [LIST] : [], settled: false };
  });
  assertEquals(await run(rig, step), "state-moved");
  const written = rig.commits.length;
  assertEquals(written, 2);
});

/** A queue in which a command asks for the worker's lock; what is forgotten goes. */
function queueOfYield(): { readonly queue: RequestQueue; readonly left: QueueFact[] } {
  const left: QueueFact[] = [{ kind: "yield", id: "yield.1" }];
  const queue: RequestQueue = {
    take: () => Promise.resolve([...left]),
    forget: (ids) => {
      left.splice(0, left.length, ...left.filter(({ id }) => !ids.includes(id)));
      return Promise.resolve();
    },
    watch: () => () => {},
  };
  return { queue, left };
}

Deno.test(
  "runLoop() does not stay for further requests when a command waits for the lock",
  pure,
  async () => {
    const rig = loopRig();
    const { queue, left } = queueOfYield();
    const began = rig.clock.now;
    const step = stepOf(() => ({}));
    assertEquals(await run(rig, step, { queue }, { idle: 60_000 }), "settled");
    assert(rig.clock.now - began < 60_000, `${rig.clock.now - began}`);
    assertEquals([step.all.map(({ kind }) => kind), left], [["started"], []]);
  },
);

Deno.test("runLoop() first does what is due when a command waits for the lock", pure, async () => {
  const rig = loopRig();
  const due = rig.clock.now + 3_600_000;
  const step = stepOf((_facts, _all, now) => now < due ? { dueAt: due } : {});
  assertEquals(await run(rig, step, { queue: queueOfYield().queue }, { idle: 60_000 }), "settled");
  assertEquals(rig.clock.now, due);
});

Deno.test("runLoop() ends for another program on the disk only when all is settled", pure, async () => {
  const rig = loopRig();
  const step = stepOf((_, all) => {
    const isListed = all.some(({ kind }) => kind === "listed");
    return { actions: isListed ? [] : [LIST], settled: isListed, dueAt: Infinity };
  });
  assertEquals(await run(rig, step, { isOutdated: () => true }), "outdated");
  assertEquals(rig.calls, { DescribeInstances: 1 });
});

Deno.test(
  "runLoop() ends when the caller's request is settled, with what is under way taken in",
  pure,
  async () => {
    const rig = loopRig();
    rig.ask("stop", "c0", "stop.1");
    const step = stepOf((facts) => {
      const asked = facts.some(({ kind }) => kind === "request");
      return { actions: [LIST], settled: !asked };
    });
    const settle: Step = (state, facts, context) => {
      const result = step(state, facts, context);
      if (!facts.some(({ kind }) => kind === "listed")) return result;
      const requests = new Map(
        [...result.state.requests].map(([id, request]) => [id, { ...request, settledAt: 1 }]),
      );
      return { ...result, state: { ...result.state, requests } };
    };
    const reached = ({ state }: StepResult) => state.requests.get("stop.1")?.settledAt !== undefined;
    assertEquals(await run(rig, settle, {}, { reached }), "reached");
    assertEquals(rig.settled.map(({ id }) => id), ["stop.1"]);
  },
);

Deno.test(
  "runLoop() changes nothing while this host is not in charge, and looks again before it does",
  pure,
  async () => {
    const rig = loopRig();
    rig.scontrol.requestPowerUp(["c0"]);
    const began = rig.clock.now;
    const asked: number[] = [];
    const verdict: Action = {
      kind: "set-state",
      purpose: "verdict",
      state: "down",
      reason: "x",
      nodes: [{ name: "c0", generation: 1 }],
    };
    const step = stepOf((_, all) => {
      const isSet = all.some(({ kind }) => kind === "state-set");
      return { actions: isSet ? [] : [LIST, verdict], settled: isSet };
    });
    const end = await run(rig, step, {
      whyNotInCharge: () => {
        asked.push(rig.clock.now - began);
        return Promise.resolve(rig.clock.now - began >= 20_000 ? undefined : "b is in charge");
      },
    });
    assertEquals(end, "settled");
    assert(asked.length <= 8, "asked too often");
    assertEquals(step.all.filter(({ kind }) => kind === "out-of-date").length, 2);
    // The listing of the meantime was allowed, the change was not.
    assert((rig.calls.DescribeInstances ?? 0) >= 1);
    assertEquals(rig.scontrol.calls.filter((call) => call.startsWith("updateState")), ["updateState down"]);
  },
);

Deno.test("runLoop() ends when another host stays in charge", pure, async () => {
  const rig = loopRig();
  const step = stepOf(() => ({
    actions: [{ kind: "end", action: "terminate", ids: ["i-1"], why: "stop" }],
    settled: false,
  }));
  assertEquals(
    await run(rig, step, { whyNotInCharge: () => Promise.resolve("b is in charge") }),
    "not-in-charge",
  );
  assertEquals(rig.lines, ["warn Nothing is changed from here: b is in charge"]);
  assertEquals(rig.calls, {});
});

Deno.test("runLoop() looks again at what was under way after it stood still", pure, async () => {
  const rig = loopRig();
  const began = rig.clock.now;
  const step = stepOf((_, __, now) =>
    now - began < 200_000 ? { dueAt: began + 200_000, settled: false } : {}
  );
  const ports = rig.ports(step);
  let slept = 0;
  await runLoop({
    ...ports,
    sleep: async (milliseconds, signal) => {
      await ports.sleep(milliseconds, signal);
      if (++slept === 3) rig.clock.now += 120_000;
    },
  });
  assertEquals(step.all.map(({ kind }) => kind), ["started", "started"]);
});

Deno.test("runLoop() does not spin for a rule that says it is due and asks for nothing", pure, async () => {
  const rig = loopRig();
  let steps = 0;
  const began = rig.clock.now;
  const step = stepOf((_, __, now) => {
    steps++;
    return now - began < 60_000 ? { dueAt: began, settled: false } : {};
  });
  assertEquals(await run(rig, step), "settled");
  assert(steps < 70, `${steps} steps in a minute`);
});

Deno.test("runLoop() ends when its lock is no longer the one that others would take", pure, async () => {
  const rig = loopRig();
  let isHeld = true;
  const step = stepOf((facts) => {
    if (facts.some(({ kind }) => kind === "listed")) isHeld = false;
    return { actions: [LIST], settled: false };
  });
  assertEquals(await run(rig, step, { holdsLock: () => isHeld }), "state-moved");
});

Deno.test("runLoop() commits nothing when a step changes nothing", pure, async () => {
  const rig = loopRig();
  const step = stepOf((_, all) => {
    const isListed = all.some(({ kind }) => kind === "listed");
    return { actions: isListed ? [] : [LIST], settled: isListed };
  });
  const same: Step = (state, facts, context) => ({ ...step(state, facts, context), state });
  assertEquals(await run(rig, same), "settled");
  assertEquals(rig.commits.length, 0);
});

Deno.test("runLoop() grows quiet while nothing but refusals arrives", pure, async () => {
  const rig = loopRig();
  rig.aws.simulator.addFault({
    kind: "error",
    action: "DescribeInstances",
    code: "EndpointUnreachable",
    times: 10_000,
  });
  let steps = 0;
  const began = rig.clock.now;
  const step = stepOf((_, __, now) => {
    steps++;
    return now - began < 3_600_000 ? { actions: [LIST], dueAt: began, settled: false } : {};
  });
  assertEquals(await run(rig, step), "settled");
  // A look each half a minute, and an answer to it.
  assert(steps < 600, `${steps} steps in an hour`);
  assert((rig.calls.DescribeInstances ?? 0) < 250, `${rig.calls.DescribeInstances} calls in an hour`);
});

Deno.test(
  "runLoop() goes on with a configuration that has changed meanwhile, and reads the timeouts again",
  pure,
  async () => {
    const rig = loopRig();
    const changed = { ...rig.config, limits: { ...rig.config.limits, cooldown: 61 } };
    const cooldowns: number[] = [];
    const began = rig.clock.now;
    const step: Step = (state, _facts, { config, now }) => {
      cooldowns.push(config.limits.cooldown);
      const isOver = now.clock - began >= 60_000;
      return { state, actions: [], events: [], settled: isOver, ...(!isOver && { dueAt: began + 60_000 }) };
    };
    let given = false;
    const end = await run(rig, step, {
      reconfigured: () => {
        // While the loop waits.
        if (given || rig.clock.now - began < 20_000) return undefined;
        given = true;
        return changed;
      },
    }, { facts: [TIMEOUTS] });
    assertEquals(end, "settled");
    assertEquals(new Set(cooldowns), new Set([rig.config.limits.cooldown, 61]));
    assertEquals(cooldowns.at(-1), 61);
    assertEquals(rig.scontrol.calls.includes("showConfig"), true);
  },
);

Deno.test(
  "runLoop() takes in what is under way, and ends, when the configuration needs a new start",
  pure,
  async () => {
    const rig = loopRig();
    const answered = Promise.withResolvers<void>();
    const ports = rig.ports(stepOf((_, all) => ({
      actions: all.some(({ kind }) => kind === "end-accepted")
        ? []
        : [{ kind: "end", action: "terminate", ids: ["i-1"], why: "stop" }],
      settled: false,
    })));
    let isUnderWay = false;
    const all: Fact[] = [];
    const end = await runLoop({
      ...ports,
      step: (state, facts, context) => (all.push(...facts), ports.step(state, facts, context)),
      perform: async (action) => {
        if (action.kind !== "end") return { facts: [], refusals: [] };
        isUnderWay = true;
        await answered.promise;
        return { facts: [{ kind: "end-accepted", ids: action.ids }], refusals: [] };
      },
      reconfigured: () => {
        if (!isUnderWay) return undefined;
        setTimeout(answered.resolve);
        return "restart";
      },
    });
    assertEquals(end, "reconfigured");
    assertEquals(all.filter(({ kind }) => kind === "end-accepted").length, 1);
  },
);
