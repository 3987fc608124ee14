import { assertEquals } from "@std/assert";
import { MemoryStore } from "../../../lib/store/memory.ts";
import { EMPTY_STATE } from "./records.ts";
import { storeContract } from "./store_contract.ts";

storeContract({
  name: "MemoryStore",
  with(test) {
    const time = { wall: 0 };
    test(new MemoryStore({ run: "run-1", wall: () => time.wall }), time);
  },
});

Deno.test(
  "MemoryStore forgets the oldest events rather than growing without end",
  { permissions: "none" },
  () => {
    const store = new MemoryStore({ run: "r", wall: () => 0 });
    const event = { kind: "trouble", message: "x" } as const;
    for (let i = 0; i < 30; i++) store.commit(EMPTY_STATE, Array(1000).fill(event));
    assertEquals(store.history.extent().count <= 20_000, true);
    assertEquals(store.history.read({ limit: 1 })[0]!.id, 30_000);
  },
);
