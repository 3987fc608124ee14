import type { SlurmVersion } from "../e2e/rig.ts";
import type { Shape } from "./shapes/shape.ts";
import type { Verdict } from "./verdict.ts";

/** A committed shape with what the daemon did with it. */
export interface ShapeAnswer extends Verdict {
  readonly kind: string;
  readonly shape: Shape;
}

/** Where a version's answers about shapes are. */
export function shapeAnswersFile(version: SlurmVersion): URL {
  return new URL(`answers/shapes_${version}.json`, import.meta.url);
}

/** The committed answers of a version about shapes; none before they were first asked. */
export function committedShapes(version: SlurmVersion): readonly ShapeAnswer[] {
  try {
    const { answers } = JSON.parse(Deno.readTextFileSync(shapeAnswersFile(version))) as {
      answers: ShapeAnswer[];
    };
    return answers;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
