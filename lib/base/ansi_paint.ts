import { styleText } from "node:util";
import type { Paint, Tone } from "./paint.ts";

const STYLES: Readonly<Record<Tone, Parameters<typeof styleText>[0]>> = {
  good: "green",
  bad: "red",
  doubtful: "yellow",
  remark: "cyan",
  dim: "dim",
  bold: "bold",
};

/** Colours for terminals, by Node's own function; whether there is a terminal is for the caller to know. */
export const ansiPaint: Paint = (tone, text) => styleText(STYLES[tone], text, { validateStream: false });
