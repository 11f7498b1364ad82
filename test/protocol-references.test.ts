// Every row of src/PROTOCOL.md that a comment names exists, and no comment names a book that is not in the repository. Not whether the facts are true.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');
const PROTOCOL = readFileSync(join(ROOT, 'src/PROTOCOL.md'), 'utf8');

/** `PROTOCOL.md T3`, `PROTOCOL.md, T3`, `PROTOCOL.md V1 to V9, D5`: the ids behind the name, if any. */
function citedIds(text: string): string[][] {
  const pattern = /PROTOCOL\.md((?:,?\s+(?:(?:and|to)\s+)?[A-Z]\d+\b)*)/g;
  return [...text.matchAll(pattern)].map(([, ids = '']) => ids.match(/[A-Z]\d+/g) ?? []);
}

/** What a row or a heading of the page is called. */
function definedIds(page: string): string[] {
  return [...page.matchAll(/^(?:\| |#+ )([A-Z]\d+)\b/gm)].map(([, id = '']) => id);
}

/** References to sections of something that is neither an RFC nor a standard. */
function lostReferences(text: string): string[] {
  const sections = [...text.matchAll(/\bsections? \d/gi)].filter(
    ({ index }) => !/\b(?:RFC \d+|ISO [\d-]+),?\s*$/.test(text.slice(0, index)),
  );
  return [...sections, ...text.matchAll(/quirk E\d+|protocol notes/gi)].map(([found]) => found);
}

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

describe('src/PROTOCOL.md', () => {
  const ids = definedIds(PROTOCOL);
  const files = ['src', 'nodes', 'test'].flatMap(sources).filter((file) => join(ROOT, file) !== __filename);
  const texts = files.map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));

  it('calls no two rows by one name', () => {
    assert.ok(ids.length > 80);
    assert.deepEqual(
      ids.filter((id, index) => ids.indexOf(id) !== index),
      [],
    );
  });

  it('has every row that a comment names, and a comment names a row', () => {
    const cited = texts.flatMap(({ file, text }) => citedIds(text).map((named) => ({ file, named })));
    assert.ok(cited.length > 40);
    const lost = cited.filter(({ named }) => named.length === 0 || named.some((id) => !ids.includes(id)));
    assert.deepEqual(lost, []);
  });

  it('has every row that it names itself', () => {
    const named = [...PROTOCOL.matchAll(/\(([A-Z]\d+(?:, [A-Z]\d+)*)\)/g)].flatMap(([, list = '']) => list.split(', '));
    assert.ok(named.length > 5);
    assert.deepEqual(
      named.filter((id) => !ids.includes(id)),
      [],
    );
  });

  it('is the only book that comments cite, beside RFCs and standards', () => {
    const lost = texts.flatMap(({ file, text }) => lostReferences(text).map((found) => `${file}: ${found}`));
    assert.deepEqual(lost, []);
  });

  it('names files that exist', () => {
    const named = [...PROTOCOL.matchAll(/`([\w-]+(?:\/[\w-]+)*\.ts)`/g)].map(([, file = '']) => file);
    assert.ok(named.length > 20);
    const lost = named.filter((file) => !existsSync(join(ROOT, 'src', file)) && !existsSync(join(ROOT, file)));
    assert.deepEqual(lost, []);
  });

  it('would notice one', () => {
    assert.deepEqual(citedIds('so (PROTOCOL.md P6, and D5), PROTOCOL.md V1 to V9'), [
      ['P6', 'D5'],
      ['V1', 'V9'],
    ]);
    assert.deepEqual(citedIds('see PROTOCOL.md.'), [[]]);
    assert.deepEqual(definedIds('| P6 | x |\n### R6 Numbers\n| 160 | y |'), ['P6', 'R6']);
    assert.deepEqual(lostReferences('RFC 3550 section 5.1; ISO 14496-3, section 1.6; Section 4.7; quirk E19'), [
      'Section 4',
      'quirk E19',
    ]);
  });
});
