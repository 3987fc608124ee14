import { editedBuild } from "../../fixtures/edited_build.ts";

/** A core rule of the controller, and the edit of its source that takes it out. */
interface Rule {
  readonly says: string;
  /** Below lib/controller/. */
  readonly file: string;
  /** Stands once in the file. */
  readonly from: string;
  readonly to: string;
}

/** Rules without which the soak has to fail. */
export const RULES: Readonly<Record<string, Rule>> = {
  "ends-until-accepted": {
    says: "The end of an instance is asked for until EC2 has accepted it",
    file: "ends.ts",
    from: "draft.instances.put({ ...instance, endAction, endRefusal: refusal, endTries: tries });",
    to:
      'draft.instances.put({ ...instance, endAction, end: "asked", endRefusal: refusal, endTries: tries });',
  },
  "cooldowns-end": {
    says: "A node that is DOWN for a reason of ours is given back once the time of that reason is over",
    file: "give_back.ts",
    from: "until <= now.wall ||",
    to: "until < 0 ||",
  },
  "deaths-are-noticed": {
    says: "A node whose instance has died is set DOWN and given back",
    file: "deaths.ts",
    from: 'if (node.died === undefined || refusal === undefined || node.want !== "up") continue;',
    to: "if (draft.now.clock > 0) continue;",
  },
};

/** The built file of a copy of the checkout in which a rule is taken out. */
export async function builtWithout(name: string): Promise<string> {
  const rule = RULES[name];
  if (rule === undefined) throw new Error(`No rule ${name}: ${Object.keys(RULES).join(", ")}`);
  return await editedBuild({ ...rule, file: `lib/controller/${rule.file}` });
}
