// The two READMEs beside each other, and beside what they describe: error codes, message properties, labels, files. Not whether their sentences are good.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TALK_ERROR_CODES } from '../src/errors.js';

const ROOT = join(__dirname, '..');

interface Page {
  readonly file: string;
  readonly locale: string;
  readonly inputs: string;
  readonly outputs: string;
}

const ENGLISH: Page = { file: 'README.md', locale: 'en-US', inputs: 'Inputs', outputs: 'Outputs' };
const CHINESE: Page = { file: 'README.zh-CN.md', locale: 'zh-CN', inputs: '输入', outputs: '输出' };

interface Heading {
  readonly level: number;
  readonly title: string;
}

interface Readme {
  readonly headings: readonly Heading[];
  /** Tables of rows of cells, the heading row included, the line below it not. */
  readonly tables: readonly (readonly (readonly string[])[])[];
  readonly codeBlocks: readonly string[];
  /** Everything outside code blocks. */
  readonly prose: string;
}

/** Knows the Markdown that the READMEs use: `#` headings, pipe tables, fenced and indented code. */
function parseReadme(markdown: string): Readme {
  const headings: Heading[] = [];
  const tables: string[][][] = [];
  const codeBlocks: string[] = [];
  const prose: string[] = [];
  let fenced: string[] | undefined;
  let indented: string[] = [];
  let previous = '';
  for (const line of [...markdown.split('\n'), '']) {
    if (fenced !== undefined) {
      fenced.push(line);
      if (line === '```') {
        codeBlocks.push(fenced.join('\n'));
        fenced = undefined;
      }
      continue;
    }
    if (line.startsWith('    ') && (previous === '' || indented.length > 0)) {
      indented.push(line);
      continue;
    }
    if (indented.length > 0) codeBlocks.push(indented.join('\n'));
    indented = [];
    if (line.startsWith('```')) {
      fenced = [line];
      continue;
    }
    const heading = /^(#+) (.+)$/.exec(line);
    if (heading) headings.push({ level: heading[1]!.length, title: heading[2]! });
    if (line.startsWith('|')) {
      if (!previous.startsWith('|')) tables.push([]);
      if (!/^[|\s:-]+$/.test(line)) tables.at(-1)!.push(cells(line));
    }
    prose.push(line);
    previous = line;
  }
  assert.equal(fenced, undefined, 'a code fence is never closed');
  return { headings, tables, codeBlocks, prose: prose.join('\n') };
}

function cells(row: string): string[] {
  return row
    .slice(1, row.lastIndexOf('|'))
    .split('|')
    .map((cell) => cell.trim());
}

function codeSpans(text: string): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map((match) => match[1]!);
}

function linkTargets(text: string): string[] {
  return [...text.replace(/`[^`\n]+`/g, '').matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
}

function isExternal(target: string): boolean {
  return /^[a-z]+:/i.test(target);
}

/** The anchor that GitHub gives a heading. */
function anchor(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

/** A shell comment may be translated; the command may not. */
function withoutShellComments(block: string): string {
  return block.replace(/ +# .*$/gm, '');
}

function readText(...path: string[]): string {
  return readFileSync(join(ROOT, ...path), 'utf8');
}

function registeredNodes(): string[] {
  const manifest: { 'node-red': { nodes: Record<string, string> } } = JSON.parse(readText('package.json'));
  return Object.keys(manifest['node-red'].nodes);
}

/** Names of the properties that a node's help lists under a heading, without the part before the last dot. */
function helpProperties(node: string, locale: string, title: string): string[] {
  const help = readText('nodes', 'locales', locale, `${node}.html`);
  const section = help.split('<h3>').find((part) => part.startsWith(`${title}</h3>`)) ?? '';
  return [...section.matchAll(/<dt[^>]*>\s*([^<]+?)\s*</g)]
    .flatMap((match) => match[1]!.split(/[,、]\s*/))
    .map((name) => name.slice(name.lastIndexOf('.') + 1));
}

function labels(node: string, locale: string): { paletteLabel: string; label: Record<string, string> } {
  return JSON.parse(readText('nodes', 'locales', locale, `${node}.json`))[node];
}

describe('README.zh-CN.md beside README.md', () => {
  const english = parseReadme(readText(ENGLISH.file));
  const chinese = parseReadme(readText(CHINESE.file));

  it('has the same headings, level by level', () => {
    const levels = (readme: Readme): number[] => readme.headings.map(({ level }) => level);
    assert.ok(english.headings.length > 5);
    assert.deepEqual(levels(chinese), levels(english));
  });

  it('has the same tables, with as many rows and columns', () => {
    const sizes = (readme: Readme): number[][] => readme.tables.map((table) => table.map((row) => row.length));
    assert.ok(english.tables.length > 3);
    assert.deepEqual(sizes(chinese), sizes(english));
  });

  it('names the same code in each row of a table', () => {
    const code = (readme: Readme): string[][] =>
      readme.tables.flatMap((table) => table.map((row) => codeSpans(row.join(' | ')).sort()));
    assert.deepEqual(code(chinese), code(english));
  });

  it('names the same code in its sentences', () => {
    const code = (readme: Readme): string[] => [...new Set(codeSpans(readme.prose))].sort();
    assert.deepEqual(code(chinese), code(english));
  });

  it('has the same code blocks, comments of the shell aside', () => {
    assert.ok(english.codeBlocks.length > 3);
    assert.deepEqual(chinese.codeBlocks.map(withoutShellComments), english.codeBlocks.map(withoutShellComments));
  });

  it('shows the same picture and links to the same pages', () => {
    const elsewhere = (readme: Readme): string[] =>
      linkTargets(readme.prose)
        .filter((target) => !target.startsWith('#') && target !== ENGLISH.file && target !== CHINESE.file)
        .sort();
    assert.ok(elsewhere(english).includes('README-flow.png'));
    assert.deepEqual(elsewhere(chinese), elsewhere(english));
  });

  it('is one link away, and back', () => {
    assert.ok(linkTargets(english.prose).includes(CHINESE.file));
    assert.ok(linkTargets(chinese.prose).includes(ENGLISH.file));
  });
});

for (const page of [ENGLISH, CHINESE]) {
  describe(page.file, () => {
    const readme = parseReadme(readText(page.file));
    const spans = codeSpans(readme.prose);

    it('has a row for every error code, and none for another', () => {
      const rows = readme.tables.flatMap((table) => table.map((row) => row[0] ?? ''));
      const named = rows.flatMap(codeSpans).filter((code) => code.startsWith('TALK_ERR_'));
      assert.deepEqual([...new Set(named)].sort(), [...TALK_ERROR_CODES].sort());
      assert.deepEqual(
        spans.filter((code) => code.startsWith('TALK_ERR_') && !named.includes(code)),
        [],
      );
    });

    it('names every property of a message that goes into a node', () => {
      const properties = registeredNodes().flatMap((node) => helpProperties(node, page.locale, page.inputs));
      for (const known of ['payload', 'whenBusy', 'action']) assert.ok(properties.includes(known), known);
      const named = new Set(spans.map((span) => /^(?:msg\.)?(\w+)(?:\.\w+)?$/.exec(span)?.[1]));
      assert.deepEqual(
        properties.filter((property) => !named.has(property)),
        [],
      );
    });

    it('names every property of a message that comes out of a node', () => {
      const properties = registeredNodes().flatMap((node) => helpProperties(node, page.locale, page.outputs));
      for (const known of ['talk', 'firstSoundMs', 'payload']) assert.ok(properties.includes(known), known);
      const named = new Set([...spans, ...readme.codeBlocks].flatMap((code) => code.split(/\W+/)));
      assert.deepEqual(
        properties.filter((property) => !named.has(property)),
        [],
      );
    });

    it('calls nodes and camera settings what the editor calls them', () => {
      const { advanced, ...settings } = labels('tplink-camera', page.locale).label;
      assert.ok(advanced);
      const names = [...registeredNodes().map((node) => labels(node, page.locale).paletteLabel)];
      const text = readme.prose.toLowerCase();
      assert.deepEqual(
        names.filter((name) => !text.includes(name.toLowerCase())),
        [],
      );
      const firstCells = readme.tables.flatMap((table) => table.flatMap((row) => (row[0] ?? '').split(/, |、/)));
      const named = new Set(firstCells.map((name) => name.toLowerCase()));
      assert.deepEqual(
        Object.values(settings).filter((label) => !named.has(label.toLowerCase())),
        [],
      );
    });

    it('asks for the versions that package.json asks for', () => {
      const { engines, 'node-red': red } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
        engines: { node: string };
        'node-red': { version: string };
      };
      const [node, nodeRed] = [engines.node, red.version].map((range) => range.slice('>='.length).replace(/\.0$/, ''));
      assert.match(readme.prose, new RegExp(`^[^|]*Node-RED ${nodeRed} [^|]*Node\\.js ${node} `, 'm'));
      const changes = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8');
      assert.match(changes, new RegExp(`Node-RED ${nodeRed} .*Node\\.js ${node} `));
    });

    it('holds the two commands of a fresh clone', () => {
      const lines = readme.codeBlocks.flatMap((block) => withoutShellComments(block).split('\n'));
      for (const command of ['npm install && npm run demo', 'npm install && npm test']) {
        assert.ok(
          lines.some((line) => line.trim() === command),
          command,
        );
      }
    });

    it('links to files and headings that exist', () => {
      const anchors = new Set(readme.headings.map(({ title }) => `#${anchor(title)}`));
      const relative = linkTargets(readme.prose).filter((target) => !isExternal(target));
      assert.ok(relative.some((target) => target.startsWith('#')));
      assert.deepEqual(
        relative.filter((target) =>
          target.startsWith('#') ? !anchors.has(target) : !existsSync(join(ROOT, target.replace(/#.*$/, ''))),
        ),
        [],
      );
    });
  });
}
