/** A fenced block of a document. */
export interface Block {
  /** What stands behind the fence; empty: a picture. */
  readonly language: string;
  readonly text: string;
  /** Line of its first line in the document. */
  readonly line: number;
}

/** A document of this repository as its tests see it. */
export interface Guide {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** Commands of its `sh` blocks in their order, those of several lines on one. */
  readonly commands: readonly string[];
  /** What stands between single backquotes in its prose. */
  readonly inline: readonly string[];
}

const ROOT = new URL("../../", import.meta.url).pathname;

/** Reads a document by its path from the root. */
export async function readGuide(path: string): Promise<Guide> {
  const text = await Deno.readTextFile(`${ROOT}${path}`);
  const blocks = [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map((match): Block => ({
    language: match[1]!,
    text: match[2]!,
    line: text.slice(0, match.index).split("\n").length + 1,
  }));
  const prose = text.replace(/^```.*?^```$/gms, "");
  return {
    path,
    text,
    blocks,
    commands: blocks.filter(({ language }) => language === "sh").flatMap(commandsOf),
    inline: [...prose.matchAll(/`([^`]+)`/g)].map((match) => match[1]!),
  };
}

function commandsOf({ text }: Block): string[] {
  return text.replace(/\\\n\s*/g, "").trim().split("\n");
}

/** The words of a command as a shell takes them; knows quotes, no expansion, and ends at a redirection. */
export function words(command: string): string[] {
  const found: string[] = [];
  for (const [, word] of command.matchAll(/((?:"[^"]*"|'[^']*'|[^\s"'])+)/g)) {
    if (/^[<>]/.test(word!)) break;
    found.push(word!.replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single));
  }
  return found;
}
