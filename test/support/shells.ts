/** Completion in the shells themselves: what they offer at the end of a line. */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Shell } from '../../src/usage/completion.ts';

const BOUND_MS = 20_000;

/** A shell that is not there cannot be asked; the tests that need it are skipped. */
export const installed = (shell: Shell): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0;

/**
 * The words that this shell offers at the end of `line`, sorted, when it has read `script` in `directory`,
 * which gets files of ours.
 */
export function offered(shell: Shell, script: string, line: string, directory: string): string[] {
  const file = join(directory, `.completion.${shell}`);
  writeFileSync(file, script);
  return [...new Set(ask[shell](file, line, directory))].sort();
}

const ask: Record<Shell, (file: string, line: string, directory: string) => string[]> = {
  /** The function is called as bash calls it; no terminal is needed for that. */
  bash(file, line, directory) {
    const words = line.split(/(=)| /).filter((word) => word !== undefined);
    const program = `
      source "$1"; shift
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
      "_$1" "$1" "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD - 1]}"
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    return lines(run('bash', ['--norc', '-c', program, 'bash', file, ...words], directory));
  },

  fish(file, line, directory) {
    const program = 'source $argv[1]; complete -C $argv[2]';
    const told = lines(run('fish', ['--no-config', '-c', program, file, line], directory));
    return told.map((one) => String(one.split('\t')[0]));
  },

  /** zsh completes in its line editor only, which needs a terminal: its own zpty, with a compadd that tells. */
  zsh(file, line, directory) {
    const harness = join(directory, '.harness.zsh');
    writeFileSync(harness, ZSH_HARNESS);
    const told = run('zsh', ['-f', harness, file, line], directory);
    return [...told.matchAll(/<<(.+?)>>/g)].map(([, word]) => String(word));
  },
};

/** zshmodules(1) has zpty, zshcompwid(1) compadd and comppostfuncs. */
const ZSH_HARNESS = `
zmodload zsh/zpty
zpty shell zsh -f -i
tell() { zpty -w shell "$1" }
tell 'PS1= ; unsetopt zle_bracketed_paste prompt_sp; bindkey "^I" complete-word'
tell 'autoload -Uz compinit; compinit -u -D'
tell "source \${(q)1}"
tell 'compadd() {
  if (( \${argv[(I)-[OAD]]} )) { builtin compadd "$@"; return }
  local -a found
  builtin compadd -A found "$@"
  (( $#found )) && print -l -- "<""<"$^found">>"
}'
tell 'finish() { print "<""END>"; exit }; comppostfuncs=(finish); print "<""READY>"'
zpty -r shell answer "*<READY>*"
zpty -w -n shell "$2"$'\\t'
zpty -r shell answer "*<END>*"
print -r -- "$answer"
`;

const run = (shell: Shell, args: readonly string[], cwd: string): string =>
  execFileSync(shell, args, {
    cwd,
    encoding: 'utf8',
    timeout: BOUND_MS,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TERM: 'dumb', HOME: cwd },
  });

const lines = (text: string): string[] => text.split('\n').filter((one) => one !== '');
