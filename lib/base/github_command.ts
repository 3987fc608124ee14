import { visible } from "./visible.ts";

/** How GitHub shows a message. */
export type GithubLevel = "error" | "warning" | "notice";

/**
 * A message as a workflow command, which GitHub shows with a run, and next to the line where properties name a file
 * (https://docs.github.com/actions/reference/workflow-commands-for-github-actions). The line ends with it.
 */
export function githubCommand(
  level: GithubLevel,
  properties: Readonly<Record<string, string | number>>,
  message: string,
): string {
  const list = Object.entries(properties).map(([name, value]) => `${name}=${property(String(value))}`);
  return `::${level} ${list.join(",")}::${data(message)}\n`;
}

/** The runner decodes these; whatever else could steer a terminal is made visible, since the log shows it as it is. */
function data(text: string): string {
  return visible(text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A"));
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
