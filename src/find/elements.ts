// Just enough of XML for the answer to a probe: the texts of elements by their path, in one pass. No entities, no document types, no attributes.

/** Elements within each other, and in all; an answer has under 8 and 20. */
const MAX_DEPTH = 32;
const MAX_ELEMENTS = 512;
/** Of a tag, what may hold its name. */
const MAX_NAME_CHARS = 128;

/** `</d:Types` gives slash and name; the prefix means nothing here. */
const TAG = /^(\/?)(?:[\w.-]+:)?([\w.-]+)(?=[\s/]|$)/;

/**
 * Calls `found` with the path (local names) and the text of each element as it ends, until it answers false.
 * False when the text is no XML of the plain kind: a tag without end, a document type, CDATA, too deep, too many.
 */
export function eachElement(xml: string, found: (path: readonly string[], text: string) => boolean): boolean {
  const path: string[] = [];
  let text = '';
  let elements = 0;
  let at = 0;
  for (;;) {
    const open = xml.indexOf('<', at);
    if (open === -1) return path.length === 0 && elements > 0;
    text += xml.slice(at, open);
    const [begin, end] = xml.startsWith('<!--', open) ? [4, '-->'] : xml.startsWith('<?', open) ? [2, '?>'] : [1, '>'];
    const close = xml.indexOf(end, open + begin);
    if (close === -1) return false;
    at = close + end.length;
    if (begin > 1) continue;
    const [, slash, name] = TAG.exec(xml.slice(open + 1, Math.min(close, open + MAX_NAME_CHARS))) ?? [];
    if (name === undefined) return false;
    if (slash === '') {
      elements += 1;
      text = '';
      path.push(name);
      if (path.length > MAX_DEPTH || elements > MAX_ELEMENTS) return false;
      if (xml[close - 1] !== '/') continue;
    }
    if (path.at(-1) !== name) return false;
    if (!found(path, text)) return true;
    path.pop();
    text = '';
  }
}
