// A command as people type it, as program and arguments: no shell ever sees it. Pure.
import { TalkError } from '../errors.js';

export interface CommandLine {
  readonly program: string;
  readonly args: readonly string[];
  /** Whether the text is one of the arguments; else it goes to the standard input. */
  readonly textInArgs: boolean;
  /** Whether the sound comes in the file that `{file}` names; else on the standard output. */
  readonly soundInFile: boolean;
}

export interface CommandValues {
  readonly text: string;
  readonly voice: string;
  readonly language: string;
  readonly file: string;
}

/**
 * Splits at blanks; double quotes group. Placeholders are replaced after that, in one pass, so that no value becomes two arguments.
 * An argument that is only an empty `{voice}` or `{language}` is dropped, and an option (`-v`) in front of it.
 * @throws TALK_ERR_ARGUMENT for a command without a program or with an open quote
 */
export function commandLine(command: string, values: CommandValues): CommandLine {
  const [program, ...templates] = words(command);
  if (program === undefined || program === '')
    throw new TalkError('TALK_ERR_ARGUMENT', 'command: expected a program and its arguments');
  const args: string[] = [];
  for (const template of templates) {
    const value = filled(template, values);
    if (value === '' && /^\{(?:voice|language)\}$/.test(template)) {
      if (args.at(-1)?.startsWith('-') === true) args.pop();
    } else {
      args.push(template === '{text}' ? noOption(value) : value);
    }
  }
  return {
    program,
    args,
    textInArgs: templates.some((template) => template.includes('{text}')),
    soundInFile: templates.some((template) => template.includes('{file}')),
  };
}

function words(command: string): string[] {
  const found: string[] = [];
  let word: string | undefined;
  let quoted = false;
  for (const character of command) {
    if (character === '"') {
      quoted = !quoted;
      word ??= '';
    } else if (!quoted && /\s/.test(character)) {
      if (word !== undefined) found.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quoted) throw new TalkError('TALK_ERR_ARGUMENT', 'command: a double quote is open');
  if (word !== undefined) found.push(word);
  return found;
}

function filled(template: string, values: CommandValues): string {
  return template.replace(/\{(text|voice|language|file)\}/g, (_, name: keyof CommandValues) => values[name]);
}

/** A text such as `--version` is none of the program's options. */
function noOption(text: string): string {
  return text.startsWith('-') ? ` ${text}` : text;
}
