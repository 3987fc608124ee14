import {
  EMPTY_STATE,
  type InstanceRecord,
  type LaunchRecord,
  type NodeRecord,
  type State,
} from "../../../lib/controller/state.ts";

/** A node that is wanted up. */
export function nodeRecord(name: string, more: Partial<NodeRecord> = {}): NodeRecord {
  return {
    name,
    want: "up",
    generation: 1,
    since: 1000,
    sinceWall: 1_795_000_000_000,
    jobs: [7],
    because: "resume",
    ...more,
  };
}

/** A running instance. */
export function instanceRecord(id: string, node: string, more: Partial<InstanceRecord> = {}): InstanceRecord {
  return {
    id,
    node,
    nodeGroup: "c",
    generation: 1,
    knownSince: 1000,
    launchTime: 1_795_000_000_000,
    state: "running",
    seen: true,
    end: "no",
    endAction: "terminate",
    instanceType: "c7i.large",
    subnetId: "subnet-0a",
    availabilityZone: "eu-west-1a",
    capacityType: "on-demand",
    imageId: "ami-0a",
    ...more,
  };
}

/** A launch whose outcome is open. */
export function launchRecord(token: string, nodes: readonly string[]): LaunchRecord {
  return {
    token,
    nodeGroup: "c",
    nodes,
    generations: nodes.map(() => 1),
    input: {
      ImageId: "ami-0a",
      InstanceType: "c7i.large",
      MinCount: 1,
      MaxCount: nodes.length,
      ClientToken: token,
      UserData: "I2Nsb3VkLWNvbmZpZw==",
    },
    at: 1000,
    doubt: false,
    halvings: 0,
    whole: false,
  };
}

/** A state with something in every field. */
export function fullState(): State {
  return {
    nodes: new Map([["c-0", nodeRecord("c-0")], ["c-1", nodeRecord("c-1", { want: "down", generation: 2 })]]),
    instances: new Map([["i-0a", instanceRecord("i-0a", "c-0")]]),
    launches: new Map([["t-1", launchRecord("t-1", ["c-2", "c-3"])]]),
    requests: new Map([["resume.x", {
      id: "resume.x",
      kind: "resume",
      nodes: ["c-0"],
      jobs: [{ jobId: 7, nodes: ["c-0"] }],
      at: 1000,
      generations: { "c-0": 1 },
      outcomes: { "c-0": { kind: "assigned", instanceId: "i-0a", nodeAddr: "10.0.0.4" } },
      settledAt: 2000,
    }]]),
    parameters: new Map([["/c/Ami", { name: "/c/Ami", type: "String", value: "ami-0a", version: 3 }]]),
    exhausted: {
      "pool spot c7i.large us-east-1a": {
        what: "spot c7i.large in us-east-1a",
        code: "InsufficientInstanceCapacity",
        message: "no more",
        first: 5,
        at: 5,
        until: 180_005,
        misses: 1,
      },
    },
    tokens: { requests: { tokens: 4, at: 7 }, resources: { tokens: 990, at: 7 } },
    zones: { "subnet-1": "us-east-1a" },
    bootFailures: { "c ami-0a": 2 },
    lastGeneration: 2,
    listedAt: 1500,
  };
}

/** {@link fullState} with one more node, and all its other records the same objects. */
export function withNode(state: State, name: string): State {
  return { ...state, nodes: new Map([...state.nodes, [name, nodeRecord(name)]]) };
}

export { EMPTY_STATE };
