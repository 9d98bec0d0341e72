/** The commands of a program as data: what completions and manual pages are made of. */
import type { Argument, Command, Option } from 'commander';

/** What a shell can offer where a value is expected. */
export type Offer =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'files' }
  | { readonly kind: 'directories' }
  | { readonly kind: 'nothing' };

export interface OptionShape {
  /** As they are typed: `-h`, `--help`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** The value that has to follow; `preset` is used without the option. */
  readonly value?: { readonly name: string; readonly offer: Offer; readonly preset?: string };
  /** May be given more than once, or with more than one value. */
  readonly repeatable: boolean;
}

export interface OperandShape {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly repeatable: boolean;
  readonly offer: Offer;
}

export interface CommandShape {
  readonly name: string;
  /** Its name after those it stands below: `dialogctl keys list`. */
  readonly path: string;
  readonly description: string;
  /** Its own ones; those of the commands above it hold as well. */
  readonly options: readonly OptionShape[];
  readonly operands: readonly OperandShape[];
  readonly commands: readonly CommandShape[];
}

/** Throws where a name would have to be quoted in a shell: no generator does that. */
export function shapeOf(program: Command): CommandShape {
  return commandShape(program, '', []);
}

/** The command and everything below it, each with the options that hold there. */
export function everyCommand(
  shape: CommandShape,
  inherited: readonly OptionShape[] = [],
): { readonly command: CommandShape; readonly options: readonly OptionShape[] }[] {
  const above = inherited.filter(({ flags }) => !shape.options.some((own) => own.flags[0] === flags[0]));
  const options = [...shape.options, ...above];
  return [
    { command: shape, options },
    ...shape.commands.flatMap((command) => everyCommand(command, options)),
  ];
}

function commandShape(command: Command, above: string, siblings: readonly string[]): CommandShape {
  const name = plain(command.name());
  const path = `${above}${name}`;
  const help = command.createHelp();
  // `NAME help` is enough: `NAME keys help` works too, and would only make every list longer.
  const below = help.visibleCommands(command).filter((one) => one.name() !== 'help' || above === '');
  const names = below.map((one) => one.name()).filter((one) => one !== 'help');
  return {
    name,
    path,
    description: command.description(),
    options: help.visibleOptions(command).map(optionShape),
    operands: command.registeredArguments.map((argument) =>
      operandShape(argument, name === 'help' ? siblings : []),
    ),
    commands: below.map((one) => commandShape(one, `${path} `, names)),
  };
}

function optionShape(option: Option): OptionShape {
  const { short, long, variadic, required, argChoices, defaultValue, parseArg } = option;
  const flags = [short, long].flatMap((flag) => (flag === undefined ? [] : [plain(flag)]));
  const name = placeholder(option.flags);
  const given = required && defaultValue !== undefined && !Array.isArray(defaultValue);
  return {
    flags,
    description: option.description,
    ...(name === undefined
      ? {}
      : {
          value: {
            name,
            offer: offerOf(name, argChoices),
            ...(given ? { preset: String(defaultValue) } : {}),
          },
        }),
    repeatable: variadic || (parseArg !== undefined && Array.isArray(defaultValue)),
  };
}

const operandShape = (argument: Argument, words: readonly string[]): OperandShape => ({
  name: argument.name(),
  description: argument.description,
  required: argument.required,
  repeatable: argument.variadic,
  offer: offerOf(argument.name(), argument.argChoices ?? (words.length === 0 ? undefined : words)),
});

/** The name between the brackets of `--socket <path>`, `--relay <url...>`. */
const placeholder = (flags: string): string | undefined => /[<[]([^>\].]+)/.exec(flags)?.[1];

/** Its own choices, else what the name of a value promises. */
function offerOf(name: string, choices: readonly string[] | undefined): Offer {
  if (choices !== undefined) return { kind: 'words', words: choices.map(plain) };
  if (name === 'file' || name === 'path') return { kind: 'files' };
  return { kind: name === 'dir' ? 'directories' : 'nothing' };
}

function plain(word: string): string {
  if (/^[\w.-]+$/.test(word)) return word;
  throw new Error(`a shell may take "${word}" for more than a word`);
}
