/** What a piece of text is; which colour that has is the painter's business. */
export type Tone = "good" | "bad" | "doubtful" | "remark" | "dim" | "bold";

/** Gives text the look of its tone, or leaves it as it is. */
export type Paint = (tone: Tone, text: string) => string;

/** Leaves text as it is: for pipes, files, dumb terminals and NO_COLOR. */
export const PLAIN: Paint = (_tone, text) => text;
