import { type CommandShape, everyCommand, type Offer, type OperandShape, type OptionShape } from './shape.ts';

type Entry = ReturnType<typeof everyCommand>[number];

/** A completion script for zsh, to be sourced or found as `_NAME` in fpath: one function for each command. */
export function zshCompletion(program: CommandShape): string {
  const { name } = program;
  return `#compdef ${name}
# zsh completion for ${name}
${everyCommand(program).map(commandFunction).join('')}
if [[ \${funcstack[1]} == _${name} ]]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi
`;
}

function commandFunction({ command, options }: Entry): string {
  const specs = options.map(optionSpec);
  return command.commands.length === 0
    ? leafFunction(command, [...specs, ...command.operands.map(operandSpec)])
    : groupFunction(command, specs);
}

const leafFunction = (command: CommandShape, specs: readonly string[]): string => `
${functionName(command)}() {
  _arguments -S -s \\
    ${specs.join(' \\\n    ')}
}
`;

/** Sees the words of the line, then, with the first command shifted to the front, hands on to its function. */
const groupFunction = (command: CommandShape, specs: readonly string[]): string => `
${functionName(command)}() {
  local curcontext=$curcontext context line state state_descr ret=1
  typeset -A opt_args
  _arguments -C -S -s \\
    ${specs.join(' \\\n    ')} \\
    '1:command:->command' \\
    '*::rest:->rest' && ret=0
  case $state in
    command)
      local -a commands=(
        ${command.commands.map(({ name, description }) => quoted(`${name}:${description}`)).join('\n        ')}
      )
      _describe -t commands command commands && ret=0 ;;
    rest)
      case $words[1] in
        ${command.commands.map((one) => `${one.name}) ${functionName(one)} && ret=0 ;;`).join('\n        ')}
      esac ;;
  esac
  return ret
}
`;

const functionName = ({ path }: CommandShape): string => `_${path.replaceAll(' ', '_')}`;

/** zshcompsys(1), _arguments: `(exclusions)--name=[description]:message:action`. */
function optionSpec({ flags, description, value, repeatable }: OptionShape): string {
  const named = flags.length === 1 ? String(flags[0]) : `{${flags.join(',')}}`;
  const once = repeatable ? '*' : flags.length === 1 ? '' : `(${flags.join(' ')})`;
  const sign = value === undefined ? '' : '=';
  const after = value === undefined ? '' : `:${value.name}:${action(value.offer)}`;
  return flags.length === 1
    ? quoted(`${once}${named}${sign}[${bracketed(description)}]${after}`)
    : `${quoted(once)}${named}${quoted(`[${bracketed(description)}]${after}`)}`;
}

const operandSpec = ({ name, required, repeatable, offer }: OperandShape): string =>
  quoted(`${repeatable ? '*' : ''}:${required || repeatable ? '' : ':'}${name}:${action(offer)}`);

function action(offer: Offer): string {
  switch (offer.kind) {
    case 'words':
      return `(${offer.words.join(' ')})`;
    case 'files':
      return '_files';
    case 'directories':
      return '_files -/';
    case 'nothing':
      return ' ';
  }
}

const bracketed = (text: string): string => text.replace(/[\\[\]:]/g, '\\$&');

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
