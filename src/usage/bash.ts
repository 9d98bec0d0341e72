import { type CommandShape, everyCommand, type Offer, type OptionShape } from './shape.ts';

/**
 * A completion script for bash from 3.2 on, which is what macOS has. It needs no other script and starts no
 * program: the words before the cursor lead to a command, and tables say what may come next.
 */
export function bashCompletion(program: CommandShape): string {
  const { name } = program;
  const commands = everyCommand(program);
  const below = commands.slice(1).map(({ command }) => `'${command.path}'`);
  return `# bash completion for ${name}
_${name}() {
  # at: the command so far; given: its operands so far; next: what is expected now
  local at=${name} given=0 next= cur=$2 i word
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    # Bash takes --option=value apart at the sign.
    if [[ $word == = ]]; then continue; fi
    if [[ $next ]]; then next=; continue; fi
    case "$at $word" in
${below.length === 0 ? '' : `      ${below.join(' | ')}) at+=" $word" ;;\n`}${lines(6, commands.flatMap(valueCases))}
      *' -'*) ;;
      *) ((given++)) ;;
    esac
  done
  if [[ $cur == = ]]; then cur=; fi
  if [[ -z $next && $cur != -* ]]; then
    case "$at $given" in
${lines(6, commands.flatMap(operandCases))}
      *) ;;
    esac
  fi
  if [[ -z $next ]]; then
    case $at in
${lines(6, commands.map(optionCase))}
    esac
  fi
  COMPREPLY=()
  case $next in
    files) _${name}_names -f ;;
    directories) _${name}_names -d ;;
    words*) _${name}_offer -W "\${next#words }" ;;
  esac
}
_${name}_names() {
  # Lets bash quote names and put a slash behind directories; bash 3.2 cannot.
  compopt -o filenames 2>/dev/null
  _${name}_offer "$1"
}
_${name}_offer() {
  local reply
  while IFS= read -r reply; do COMPREPLY+=("$reply"); done < <(compgen "$@" -- "$cur")
}
complete -F _${name} ${name}
`;
}

type Entry = ReturnType<typeof everyCommand>[number];

const lines = (indent: number, texts: readonly string[]): string =>
  texts.map((text) => `${' '.repeat(indent)}${text}`).join('\n');

/** An option of a command holds for those below it as well. */
function valueCases({ command }: Entry): string[] {
  const behind = command.commands.length === 0 ? ' ' : ` '*'`;
  return command.options.flatMap(({ flags, value }) =>
    value === undefined
      ? []
      : [
          `${flags.map((flag) => `'${command.path}${behind}${flag}'`).join(' | ')}) ${expect(value.offer)} ;;`,
        ],
  );
}

function operandCases({ command }: Entry): string[] {
  const { path, commands, operands } = command;
  if (commands.length > 0) {
    return [`'${path} 0') ${expect({ kind: 'words', words: commands.map(({ name }) => name) })} ;;`];
  }
  return operands.map(
    ({ offer, repeatable }, index) => `'${path} ${repeatable ? `'*` : `${index}'`}) ${expect(offer)} ;;`,
  );
}

const optionCase = ({ command, options }: Entry): string =>
  `'${command.path}') ${expect({ kind: 'words', words: options.flatMap(flagsOf) })} ;;`;

const flagsOf = ({ flags }: OptionShape): readonly string[] => flags;

const expect = (offer: Offer): string =>
  `next=${offer.kind === 'words' ? `'words ${offer.words.join(' ')}'` : offer.kind}`;
