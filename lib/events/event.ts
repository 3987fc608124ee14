/** Fields of every event. */
interface Common {
  /** Version of the event's shape: a reader skips versions that it does not know. */
  readonly v: 1;
  /** ISO 8601, UTC. */
  readonly time: string;
  /** Id of the hook run or command that wrote it. */
  readonly run: string;
  readonly cluster: string;
}

/**
 * What the hooks decided and what came of it, one JSON line each in `events.jsonl`. Nodes are hostlists. No
 * event holds a credential, user data or a parameter's value other than image ids.
 */
export type EventBody =
  | {
    readonly kind: "asked";
    readonly hook: string;
    readonly nodes: string;
    readonly jobs: readonly number[];
  }
  | {
    readonly kind: "launch";
    readonly nodes: string;
    readonly nodeGroup: string;
    readonly instanceType: string;
    readonly subnetId: string;
    readonly capacityType: string;
    readonly imageId: string;
    readonly clientToken: string;
  }
  | {
    readonly kind: "launched";
    readonly clientToken: string;
    readonly asked: number;
    readonly got: number;
    /** Instance id by node name. */
    readonly instances?: Readonly<Record<string, string>>;
    readonly milliseconds: number;
  }
  | {
    readonly kind: "refused";
    readonly clientToken: string;
    readonly code: string;
    readonly message: string;
    readonly requestId?: string;
    readonly milliseconds: number;
  }
  | {
    readonly kind: "replayed";
    readonly clientToken: string;
    readonly nodes: string;
    readonly outcome: string;
  }
  | { readonly kind: "verdict"; readonly verdict: string; readonly nodes: string; readonly reason?: string }
  | {
    readonly kind: "ended";
    readonly action: "terminate" | "stop";
    readonly instanceIds: readonly string[];
    readonly why: string;
  }
  | {
    readonly kind: "console";
    readonly node: string;
    readonly instanceId: string;
    readonly tail: string;
    /** When each part of the boot began, in seconds since the kernel: `imds 4.21, names 5.02`. */
    readonly steps?: string;
  }
  | {
    /** A node is up, and its guard has said where the time of its boot went. */
    readonly kind: "booted";
    readonly node: string;
    readonly instanceId: string;
    readonly nodeGroup: string;
    /** When each part of the boot began, in seconds since the kernel: `imds 4.21, names 5.02`. */
    readonly steps: string;
  }
  /**
   * One time of an instance for which EC2 charges: from its launch, or its start after a stop, to its end. Each event
   * says all that is known of it by then, so that the last one stands alone.
   */
  | {
    readonly kind: "lifetime";
    readonly instanceId: string;
    /** Absent: its tags name none. */
    readonly node?: string;
    readonly nodeGroup: string;
    readonly instanceType: string;
    readonly availabilityZone: string;
    readonly capacityType: string;
    readonly imageId: string;
    /** EC2's launch time; milliseconds since 1970 UTC, as the two that follow. */
    readonly began: number;
    /** When its slurmd started, or was first seen up; absent: it is not up yet. */
    readonly up?: number;
    /** When EC2 accepted its end, or it was first seen ended; absent: it goes on. */
    readonly ended?: number;
    /** Why it ended, where we ended it. */
    readonly why?: string;
  }
  | {
    /** A person stopped launches, or let them go on. */
    readonly kind: "pause" | "unpause";
    /** `*`: every node group. */
    readonly nodeGroup: string;
  }
  | {
    /** Calls of AWS since the last event of this kind, by operation. */
    readonly kind: "calls";
    readonly calls: Readonly<Record<string, number>>;
    /** Those of them that AWS refused for too many calls. */
    readonly throttled: Readonly<Record<string, number>>;
  }
  | { readonly kind: "trouble"; readonly message: string }
  | {
    readonly kind: "done";
    readonly hook: string;
    readonly verdicts: Readonly<Record<string, number>>;
    readonly calls: Readonly<Record<string, number>>;
    readonly milliseconds: number;
  };

/** An event as it stands in the file. */
export type Event = Common & EventBody;

/** Takes events; never throws and never waits: a full disk costs the log, never the launch. */
export type EventSink = (body: EventBody) => void;

/** A sink with an end. */
export interface EventLog {
  readonly write: EventSink;
  /** Waits until everything is written, or for some seconds when the disk hangs; never throws. */
  readonly close: () => Promise<void>;
}
