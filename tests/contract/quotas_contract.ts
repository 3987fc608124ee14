import { assert, assertEquals } from "@std/assert";
import type { ServiceQuota } from "../../lib/aws/quotas_api.ts";
import { collectPages } from "../../lib/aws/paginate.ts";
import type { Clause } from "./clause.ts";
import type { AwsFixture } from "./fixture.ts";

/**
 * What we rely on of Service Quotas
 * (https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html).
 */
export const QUOTAS_CLAUSES: readonly Clause<AwsFixture>[] = [
  {
    name: "EC2's quotas come in pages, each once, with their codes",
    async holds({ quotas }) {
      const pages: number[] = [];
      const all = await collectPages(async (NextToken) => {
        const page = await quotas.listServiceQuotas({ ServiceCode: "ec2", MaxResults: 5, NextToken });
        pages.push(page.items.length);
        return page;
      });
      assert(pages.length > 1 && pages.every((count) => count <= 5), String(pages));
      assertEquals(new Set(all.map(({ quotaCode }) => quotaCode)).size, all.length);
      const standard = all.find(({ quotaCode }) => quotaCode === "L-1216C47A") as ServiceQuota;
      assertEquals(standard.quotaName, "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances");
      assert(standard.value > 0);
      assertEquals(standard.adjustable, true);
    },
  },
];
