import { assertEquals, assertThrows } from "@std/assert";
import {
  gresLines,
  gresProblem,
  gresValue,
  groupGres,
  parseGres,
} from "../../../../lib/slurm_conf/render/gres.ts";

const nvidia = { gpus: { count: 4, type: "a10g", manufacturer: "NVIDIA" } };
const amd = { gpus: { count: 2, type: "radeon_pro_v520", manufacturer: "AMD" } };
const other = { gpus: { count: 8, type: "gaudi_hl_205", manufacturer: "Habana" } };
const none = { gpus: undefined };

Deno.test({
  name: "parseGres() and gresValue() agree on what Slurm writes",
  permissions: "none",
  fn() {
    for (
      const text of ["gpu:4", "gpu:a10g:4", "gpu:a10g:2,gpu:l4:2", "lustre:no_consume:4G", "nic:mlx5_0.1:2"]
    ) {
      assertEquals(gresValue(parseGres(text)), text);
    }
    assertEquals(gresValue(parseGres("fpga")), "fpga:1");
    assertEquals(gresValue([]), undefined);
  },
});

Deno.test({
  name: "parseGres() refuses what is not a Gres, and says which part",
  permissions: "none",
  fn() {
    for (const text of ["", "gpu:", ":4", "gpu:a:b:4", "gpu:4,,", "gpu:4(S:0)", "4gpu:1"]) {
      assertThrows(() => parseGres(text), SyntaxError, "name[:type][:no_consume][:count]");
    }
  },
});

Deno.test({
  name: "groupGres() takes the group's own value, else the GPUs that Slurm can hand out",
  permissions: "none",
  fn() {
    assertEquals(gresValue(groupGres({}, nvidia)), "gpu:a10g:4");
    assertEquals(gresValue(groupGres({}, amd)), "gpu:radeon_pro_v520:2");
    assertEquals(gresValue(groupGres({ gres: "gpu:2" }, nvidia)), "gpu:2");
    assertEquals(groupGres({}, other), []);
    assertEquals(groupGres({}, none), []);
  },
});

Deno.test({
  name: "gresProblem() tells of more GPUs than every type has",
  permissions: "none",
  fn() {
    assertEquals(gresProblem(parseGres("gpu:4"), nvidia), undefined);
    assertEquals(
      gresProblem(parseGres("gpu:a10g:3,gpu:2"), nvidia),
      "gres asks for 5 GPUs, but its instance types have 4",
    );
    assertEquals(
      gresProblem(parseGres("gpu:1"), none),
      "gres asks for 1 GPUs, but its instance types have 0",
    );
    assertEquals(gresProblem(parseGres("fpga:9"), none), undefined);
  },
});

Deno.test({
  name: "gresLines() names device files for GPUs, and only counts what has no plugin",
  permissions: "none",
  fn() {
    assertEquals(gresLines("g-[0-9]", parseGres("gpu:a10g:4"), nvidia), [
      "NodeName=g-[0-9] Name=gpu Type=a10g File=/dev/nvidia[0-3]",
    ]);
    assertEquals(gresLines("g0", parseGres("gpu:1"), nvidia), ["NodeName=g0 Name=gpu File=/dev/nvidia0"]);
    assertEquals(gresLines("g0", parseGres("gpu:2"), amd), [
      "NodeName=g0 Name=gpu File=/dev/dri/renderD[128-129]",
    ]);
    assertEquals(gresLines("g0", parseGres("gpu:a:1,gpu:b:2"), nvidia), [
      "NodeName=g0 Name=gpu Type=a File=/dev/nvidia0",
      "NodeName=g0 Name=gpu Type=b File=/dev/nvidia[1-2]",
    ]);
    assertEquals(gresLines("g0", parseGres("gpu:1,shard:8,fpga:1,lustre:no_consume:4G"), nvidia), [
      "NodeName=g0 Name=gpu File=/dev/nvidia0",
      "NodeName=g0 Name=shard Count=8",
      "NodeName=g0 Name=fpga Count=1 Flags=CountOnly",
      "NodeName=g0 Name=lustre Count=4G Flags=CountOnly",
    ]);
  },
});
