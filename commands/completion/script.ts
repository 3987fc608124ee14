import { type Command, COMMON_FLAGS } from "../base/command.ts";
import type { Flag } from "../base/flag.ts";

/** What a word of the command line may be: one of these words, a file, a directory, or nothing that is known. */
type Candidates = { readonly words: readonly string[] } | "files" | "directories" | "unknown";

/**
 * The completion script of bash, which zsh's bashcompinit takes, too: everything is in it, so that pressing Tab
 * starts nothing.
 */
export function completionScript(commands: readonly Command[], version: string): string {
  const families = Object.entries(
    Object.groupBy(commands.filter(({ name }) => name.includes(" ")), ({ name }) => name.split(" ")[0]!),
  );
  const first = [...new Set(commands.map(({ name }) => name.split(" ")[0]!)), "help"].sort();
  const cases = commands.flatMap((command) => commandCases(command));
  return `# Completion of slurm-ec2 ${version} for bash, and for zsh after: autoload -U +X bashcompinit && bashcompinit
# Made by: slurm-ec2 completion bash
_slurm_ec2_words() {
  local line
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -W "$1" -- "$cur")
}

_slurm_ec2_paths() { # -f: files, -d: directories
  local line
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$1" -- "$cur")
  compopt -o filenames 2>/dev/null || true
}

_slurm_ec2() {
  local cur=\${COMP_WORDS[COMP_CWORD]} at=$((COMP_CWORD - 1)) first=1 flag='' command=''
  COMPREPLY=()
  # readline takes --flag=value apart at the equals sign.
  if [[ $cur == '=' ]]; then cur=''; elif [[ \${COMP_WORDS[at]} == '=' ]]; then at=$((at - 1)); fi
  [[ \${COMP_WORDS[at]} == --* ]] && flag=\${COMP_WORDS[at]}
  [[ \${COMP_WORDS[1]:-} == help ]] && first=2
  if ((COMP_CWORD == first)); then
    _slurm_ec2_words '${first.join(" ")}'
    return
  fi
  command=\${COMP_WORDS[first]:-}
  case $command in
${
    families.map(([family, members]) => {
      const words = members!.map(({ name }) => name.slice(family.length + 1)).join(" ");
      return `    ${family})
      if ((COMP_CWORD == first + 1)); then
        _slurm_ec2_words '${words}'
        return
      fi
      command="$command \${COMP_WORDS[first + 1]:-}"
      ;;`;
    }).join("\n")
  }
  esac
  ((first == 2)) && return
  case "$command $flag" in
${cases.join("\n")}
  esac
}

complete -F _slurm_ec2 slurm-ec2
`;
}

/** The cases of one command: each flag that takes a value, then the command itself. */
function commandCases(command: Command): string[] {
  const { name, flags } = command;
  const own = flags.filter(({ value }) => value !== undefined)
    .map((flag) => `    '${name} --${flag.name}') ${reply(ofFlag(flag)) ?? ":"} ;;`);
  const names = `_slurm_ec2_words '${[...flags, ...COMMON_FLAGS].map(({ name }) => `--${name}`).join(" ")}'`;
  const rest = reply(ofArguments(command));
  const does = rest === undefined ? names : `if [[ $cur == -* ]]; then ${names}; else ${rest}; fi`;
  // A switch before the word says nothing about it.
  return [...own, `    '${name} ' | '${name} --'*) ${does} ;;`];
}

/** What the script does for a word, where anything is known of it. */
function reply(candidates: Candidates): string | undefined {
  if (candidates === "files") return "_slurm_ec2_paths -f";
  if (candidates === "directories") return "_slurm_ec2_paths -d";
  return candidates === "unknown" ? undefined : `_slurm_ec2_words '${candidates.words.join(" ")}'`;
}

function ofFlag({ value = "", values, suggestions = values }: Flag): Candidates {
  return suggestions === undefined ? ofKind(value) : { words: suggestions };
}

function ofArguments({ arguments: shown = "", argumentValues }: Command): Candidates {
  return argumentValues === undefined ? ofKind(shown) : { words: argumentValues };
}

/** By the word that help shows for a value. */
function ofKind(shown: string): Candidates {
  if (/\bDIR\b/.test(shown)) return "directories";
  return /\b(?:FILE|PATH)\b/.test(shown) ? "files" : "unknown";
}
