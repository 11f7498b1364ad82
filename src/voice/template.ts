// Text into a request: placeholders replaced in one pass, escaped for where they stand. Nothing is sent here.
import { TalkError } from '../errors.js';

export type Values = Readonly<Record<string, string>>;

/** How a value is written where it stands. */
export type Escape = 'url' | 'json' | 'form' | 'xml' | 'header' | 'raw';

const PLACEHOLDER = /\{(text|voice|language|token)\}/g;

/** The names of the placeholders in a template, each once. */
export function placeholdersOf(template: string): string[] {
  return [...new Set([...template.matchAll(PLACEHOLDER)].map(([, name = '']) => name))];
}

/** The template with the values in it; a value that looks like a placeholder stays as it is. */
export function fill(template: string, values: Values, escape: Escape): string {
  return template.replace(PLACEHOLDER, (_, name: string, offset: number) => {
    const value = values[name] ?? '';
    if (escape === 'json') return jsonText(value, isInString(template, offset));
    return ESCAPES[escape](value);
  });
}

/** How the body of a request of that type is escaped. */
export function escapeOf(contentType: string): Escape {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (/[/+]json$/.test(type)) return 'json';
  if (type === 'application/x-www-form-urlencoded') return 'form';
  return /[/+]xml$/.test(type) || type === 'text/html' ? 'xml' : 'raw';
}

/**
 * `Name: value` lines as headers, values filled in.
 * @throws TALK_ERR_ARGUMENT for a line that is none; it is not repeated, since it may hold a secret
 */
export function fillHeaders(lines: string, values: Values): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [index, line] of lines.split(/\r\n|\r|\n/).entries()) {
    if (line.trim() === '') continue;
    const [, name, value] = /^\s*([!#$%&'*+.^_`|~\w-]+)\s*:(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      throw new TalkError('TALK_ERR_ARGUMENT', `headers: line ${index + 1} is no "Name: value"`);
    }
    headers[name.toLowerCase()] = fill(value.trim(), values, 'header');
  }
  return headers;
}

/** Of headers everything but Latin-1 is refused by Node.js; what people write there is percent-encoded then. */
function headerText(value: string): string {
  const line = value.replace(/[\r\n\0]+/g, ' ');
  return /^[\t\x20-\x7e]*$/.test(line) ? line : encodeURIComponent(line);
}

const XML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

const ESCAPES: Readonly<Record<Exclude<Escape, 'json'>, (value: string) => string>> = {
  url: encodeURIComponent,
  form: (value) => encodeURIComponent(value).replaceAll('%20', '+'),
  xml: (value) => value.replace(/[&<>"']/g, (character) => XML[character] ?? ''),
  header: headerText,
  raw: (value) => value,
};

function jsonText(value: string, quoted: boolean): string {
  const text = JSON.stringify(value);
  return quoted ? text.slice(1, -1) : text;
}

/** Whether this place of a JSON template is inside a string. */
function isInString(template: string, offset: number): boolean {
  let inside = false;
  for (let index = 0; index < offset; index++) {
    if (template[index] === '\\' && inside) index++;
    else if (template[index] === '"') inside = !inside;
  }
  return inside;
}
