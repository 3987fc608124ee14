import fc from "fast-check";
import { behind, type Shape, spaced, word } from "./shape.ts";

/** A node's sizes against each other. */
export const sizes: fc.Arbitrary<Shape> = fc.tuple(
  word("- CPUs=1 CPUs=2 CPUs=4 CPUs=8 CPUs=16 Procs=4"),
  word("- - Sockets=1 Sockets=2 Sockets=4 SocketsPerBoard=2 Sockets=0"),
  word("- - CoresPerSocket=1 CoresPerSocket=2 CoresPerSocket=4 CoresPerSocket=0"),
  word("- - ThreadsPerCore=1 ThreadsPerCore=2 ThreadsPerCore=3 ThreadsPerCore=0"),
  word("- - - Boards=1 Boards=2 Boards=0"),
  word("- - - CoreSpecCount=1 CoreSpecCount=4 CoreSpecCount=99 CPUSpecList=0 CPUSpecList=9"),
  word("- - - MemSpecLimit=500 MemSpecLimit=1000 MemSpecLimit=5000 CPUSpecList=0"),
).map((parts) =>
  behind(spaced("NodeName=d0", ...parts, "RealMemory=1000 State=CLOUD"), "PartitionName=q Nodes=d0")
);

/** Addresses, host names and ports of several nodes at once. */
export const addresses: fc.Arbitrary<Shape> = fc.tuple(
  word("d0 d[0-1] d[0-3] d0,d1"),
  word(`
    - NodeAddr=d5 NodeAddr=d[5-6] NodeAddr=d[5-8] NodeAddr=d5,d6 NodeAddr=127.0.0.1 NodeAddr=d[5-6 NodeAddr=d5,d5`),
  word("- - NodeHostName=d5 NodeHostName=d[5-6] NodeHostName=d[5-8] NodeHostName=rig NodeHostName=d5,d6"),
  word("- - Port=7000 Port=[7000-7001] Port=7000-7003 Port=[7000-7003] Port=7000,7001 Port=x"),
  word("State=CLOUD State=CLOUD State=UNKNOWN"),
).map(([nodes, ...parts]) => behind(spaced(`NodeName=${nodes} CPUs=1`, ...parts)));
