/** Completion for bash: one function and its tables, for bash 3.2 and later, without the bash-completion package. */

import { bourneQuoted } from '../shell-words.ts';
import { type CompletedCommand, isList } from './completed-commands.ts';

/** The script, to be sourced or put into a folder of bash-completion. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const named = commands.map(({ name }) => name).filter((name) => name !== '');
  return `# Completion of echosweep for bash.
_echosweep() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command='' at=1
  local words='' options='' paths='' each
  COMPREPLY=()
  # Bash splits --option=value into three words.
  if [[ $word == '=' ]]; then
    word=''
  elif [[ $before == '=' ]]; then
    before=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  while ((at < COMP_CWORD)); do
    case "\${command:+$command }\${COMP_WORDS[at]}" in
      ${named.map(bourneQuoted).join(' | ')})
        command="\${command:+$command }\${COMP_WORDS[at]}"
        at=$((at + 1))
        ;;
      *) break ;;
    esac
  done
  case "$command $before" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case "$command" in
${commands.map(commandCase).join('\n')}
  esac
  if [[ $word == -* ]]; then
    _echosweep_words "$options"
  elif [[ $paths ]]; then
    _echosweep_paths
  elif ((at == COMP_CWORD)); then
    _echosweep_words "$words"
  fi
}

_echosweep_words() {
  while IFS= read -r each; do COMPREPLY+=("$each"); done < <(compgen -W "$1" -- "$word")
}

# One of several words with commas between.
_echosweep_list() {
  local last=\${word##*,}
  local others=\${word%"$last"}
  compopt -o nospace 2>/dev/null
  while IFS= read -r each; do COMPREPLY+=("$others$each"); done < <(compgen -W "$1" -- "$last")
}

_echosweep_paths() {
  # Readline completes paths by itself from bash 4 on.
  compopt -o default 2>/dev/null && return
  while IFS= read -r each; do COMPREPLY+=("$each"); done < <(compgen -f -- "$word")
}

if type compopt >/dev/null 2>&1; then
  complete -F _echosweep echosweep
else
  # Readline quotes what it takes for file names.
  complete -o filenames -F _echosweep echosweep
fi
`;
}

function valueCases({ name, options }: CompletedCommand): string[] {
  return options.flatMap((option) => {
    if (option.value === 'nothing') return [];
    const patterns = option.names.map((each) => bourneQuoted(`${name} ${each}`)).join(' | ');
    return [`    ${patterns}) ${completerOf(option)}return ;;`];
  });
}

function completerOf(option: CompletedCommand['options'][number]): string {
  if (option.value === 'path') return '_echosweep_paths; ';
  if (typeof option.value === 'string') return '';
  const words = bourneQuoted(option.value.join(' '));
  return `_echosweep_${isList(option) ? 'list' : 'words'} ${words}; `;
}

function commandCase({ name, words, options, takesPaths }: CompletedCommand): string {
  const lines = [
    `words=${bourneQuoted(words.map(({ word }) => word).join(' '))}`,
    `options=${bourneQuoted(options.flatMap(({ names }) => names).join(' '))}`,
    ...(takesPaths ? ['paths=yes'] : []),
  ];
  return `    ${bourneQuoted(name)})\n${lines.map((line) => `      ${line}`).join('\n')}\n      ;;`;
}
