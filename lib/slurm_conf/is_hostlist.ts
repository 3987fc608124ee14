import { parseHostlist } from "../slurm/hostlist.ts";

/** Whether brackets close and hold numbers in order, so that the text stands for names. */
export function isHostlist(text: string): boolean {
  try {
    parseHostlist(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return false;
    throw error;
  }
}
