import { assertEquals } from "@std/assert";
import { newlyBindingNotes } from "../../../lib/config/newly_binding.ts";
import { testConfig } from "../../fixtures/test_config.ts";

const pure = { permissions: "none" } as const;
const keys = (notes: readonly string[]) =>
  notes.map((note) => note.replace(/ holds from this release on.*/, ""));

Deno.test(
  "newlyBindingNotes() says nothing of a configuration that an older release obeyed whole",
  pure,
  () => {
    assertEquals(newlyBindingNotes(testConfig()), []);
  },
);

Deno.test(
  "newlyBindingNotes() names each limit with its number, and each key with its node groups",
  pure,
  () => {
    const config = testConfig();
    const [c, s, w] = config.nodeGroups;
    const notes = newlyBindingNotes({
      ...config,
      limits: { ...config.limits, maxNodes: 20, maxHourlyCost: 2.5 },
      nodeGroups: [
        { ...c!, instanceTypes: ["c7i.large", "c6i.large"] },
        { ...s!, maxStoppedDuration: 3600 },
        { ...w!, capacityType: "spot-then-on-demand" },
      ],
    });
    assertEquals(keys(notes), [
      "limits.maxNodes (20)",
      "limits.maxHourlyCost (2.5 USD/h)",
      "nodeGroups[].maxStoppedDuration (s)",
      "nodeGroups[].instanceTypes and subnets after the first (c)",
      "nodeGroups[].capacityType spot-then-on-demand (w)",
    ]);
  },
);
