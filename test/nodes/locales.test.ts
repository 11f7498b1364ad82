// Catalogues and help: the same in both languages, complete, short enough for a status.
import assert from 'node:assert/strict';
import { TALK_ERROR_CODES } from '../../src/errors.js';
import { catalogue, formDefinition, formHtml, formResources, helpHtml } from '../helpers/forms.js';
import { CONFIG_TYPES, LANGUAGES, NODE_TYPES, resource } from '../helpers/forms.js';

const placeholders = (text: string): string[] => (text.match(/__\w+?__/g) ?? []).sort();

describe('catalogues', () => {
  for (const type of NODE_TYPES) {
    it(`${type}: both languages have the same keys`, () => {
      assert.deepEqual([...catalogue(type, 'zh-CN').keys()], [...catalogue(type, 'en-US').keys()]);
    });

    it(`${type}: both languages have the same placeholders`, () => {
      const chinese = catalogue(type, 'zh-CN');
      for (const [key, text] of catalogue(type, 'en-US')) {
        assert.deepEqual(placeholders(chinese.get(key) ?? ''), placeholders(text), key);
      }
    });

    for (const language of LANGUAGES) {
      it(`${type}: ${language} has no empty text, no braces and only keys of this node`, () => {
        for (const [key, text] of catalogue(type, language)) {
          assert.notEqual(text.trim(), '', key);
          assert.doesNotMatch(text, /\{\{|\}\}/, key);
          assert.ok(key.startsWith(`${type}.`) || key === 'palette.label.tplink', key);
        }
      });
    }

    it(`${type}: zh-CN is Chinese wherever en-US has words`, () => {
      const international =
        /^tplink-camera\.login\.(rsa|md5)$|^tplink-camera\.(codec|dialect|test\.value)\.|^tplink-talk\.unit\.gain$/;
      for (const [key, text] of catalogue(type, 'zh-CN')) {
        if (!international.test(key)) assert.match(text, /\p{Script=Han}/u, key);
      }
    });

    it(`${type}: every text that the form asks for exists`, () => {
      const html = formHtml(type);
      const texts = catalogue(type, 'en-US');
      const asked = [...html.matchAll(/data-i18n="([^"]+)"/g)].flatMap(([, list = '']) => list.split(';'));
      assert.ok(asked.length > 10);
      for (const key of asked) assert.ok(texts.has(key.replace(/^\[\w+\]/, '')), key);
      const code = formResources(type).map(resource).join('\n');
      const literal = [...code.matchAll(/\b_\(\s*'([^']+)'( \+)?/g)];
      assert.ok(literal.length > 0);
      for (const [, key = '', more] of literal) {
        const found = more === undefined ? texts.has(key) : [...texts.keys()].some((known) => known.startsWith(key));
        assert.ok(found, key);
      }
    });

    it(`${type}: every text that the shared code of the forms asks for exists`, () => {
      const texts = catalogue(type, 'en-US');
      const asked: string[] = [];
      const node = { _: (key: string) => asked.push(key) && key };
      const definition = formDefinition(type);
      for (const { validate } of Object.values(definition.defaults)) validate?.call(node, 'no such thing', {});
      definition.paletteLabel?.call(node);
      definition.inputLabels?.call(node);
      for (const index of [0, 1]) definition.outputLabels?.call({ ...node, outputs: 2 }, index);
      assert.ok(asked.length > 0);
      for (const key of asked) assert.ok(texts.has(key), key);
    });
  }

  it('has a short text for every error code and no other', () => {
    const codes = [...catalogue('tplink-talk', 'en-US').keys()]
      .filter((key) => key.startsWith('tplink-talk.errorStatus.'))
      .map((key) => key.slice('tplink-talk.errorStatus.'.length));
    assert.deepEqual(codes.sort(), [...TALK_ERROR_CODES].sort());
  });

  it('has a text for every state', () => {
    const texts = catalogue('tplink-talk', 'en-US');
    const states = [
      ...['noCamera', 'noVoice', 'decoding', 'connecting', 'authenticating', 'opening', 'waiting', 'talking', 'live'],
      ...['round', 'pausing'],
      ...['ready', 'retrying', 'finished', 'stopped', 'quiet', 'busy'],
    ];
    for (const state of states) assert.ok(texts.has(`tplink-talk.status.${state}`), state);
    assert.deepEqual(placeholders(texts.get('tplink-talk.status.waiting') ?? ''), ['__count__']);
    assert.deepEqual(placeholders(texts.get('tplink-talk.status.talking') ?? ''), ['__seconds__']);
  });

  for (const language of LANGUAGES) {
    it(`${language}: a status stays under 20 characters with a number of three digits`, () => {
      for (const [key, text] of catalogue('tplink-talk', language)) {
        if (!/^tplink-talk\.(status|errorStatus)\./.test(key)) continue;
        const shown = text.replace(/__\w+?__/g, '999');
        assert.ok(shown.length < 20, `${key}: ${shown}`);
      }
    });
  }
});

describe('help', () => {
  const MESSAGE_PROPERTIES = [
    ...[
      'payload',
      'say',
      'filename',
      'format',
      'parts',
      'complete',
      'camera',
      'whenBusy',
      'priority',
      'gain',
      'normalize',
    ],
    ...['speakerVolume', 'chime', 'retries', 'retrySeconds', 'maxWaitSeconds', 'repeat', 'action'],
  ];
  const REPORT = [
    ...['camera', 'host', 'session', 'seconds', 'firstSoundMs', 'queuedMs', 'packets', 'bytes', 'worstLatenessMs'],
    ...['slips', 'attempts', 'cached', 'confirmed', 'rounds', 'warnings', 'quietGain', 'outcome', 'by'],
  ];
  const LISTEN_PROPERTIES = [
    ...['action', 'seconds', 'silence', 'camera', 'payload', 'format', 'topic', 'startedAt', 'parts', 'recording'],
  ];
  const LISTEN_VALUES = [
    ...['start', 'stop', 'record', 'waitSeconds', 'maxSeconds', 'hangMs', 'marginDb'],
    ...['full', 'silence', 'stopped', 'speech', 'filledMs'],
  ];
  const VALUES = ['queue', 'interrupt', 'replace', 'drop', 'stop', 'skip', 'connect', 'disconnect'];

  for (const language of LANGUAGES) {
    for (const type of NODE_TYPES) {
      it(`${type}: ${language} is well-formed, plain and starts with a paragraph`, () => {
        const html = helpHtml(type, language);
        assert.match(html, new RegExp(`^<script type="text/html" data-help-name="${type}">\\s*<p>`));
        assert.doesNotMatch(html, /<(b|i|strong|em)>/);
        assert.deepEqual(unbalanced(html), []);
      });

      it(`${type}: ${language} has the sections of the other language`, () => {
        const count = (html: string, tag: string): number => html.split(`<${tag}`).length;
        for (const tag of ['h3', 'dt', 'dd', 'p>', 'code']) {
          assert.equal(count(helpHtml(type, language), tag), count(helpHtml(type, 'en-US'), tag), tag);
        }
      });
    }

    it(`tplink-camera: ${language} names the buttons that quiet hours leave alone, and those that listen`, () => {
      const texts = catalogue('tplink-camera', language);
      const [, ...entries] = helpHtml('tplink-camera', language).split('<dt>');
      const about = (label: string, buttons: readonly string[]): void => {
        const text = texts.get(`tplink-camera.label.${label}`) ?? '';
        const entry = entries.filter((one) => one.startsWith(text)).at(-1) ?? '';
        for (const button of buttons) {
          assert.ok(entry.includes(texts.get(`tplink-camera.test.button.${button}`) ?? button), `${label}: ${button}`);
        }
      };
      about('quietPriority', ['chime', 'sound', 'tune']);
      about('streamUrl', ['sound', 'tune']);
      // The account for listening, which comes after the camera's.
      about('username', ['sound', 'tune']);
    });

    it(`tplink-talk: ${language} names every error code`, () => {
      const html = helpHtml('tplink-talk', language);
      for (const code of TALK_ERROR_CODES) assert.ok(html.includes(`<dt>${code}</dt>`), code);
    });

    it(`tplink-talk: ${language} names every message property and every field of the report`, () => {
      const html = helpHtml('tplink-talk', language);
      const terms = [...html.matchAll(/<dt[^>]*>([^<]+)/g)].flatMap(([, term = '']) => term.trim().split(/, |、/));
      for (const property of MESSAGE_PROPERTIES) assert.ok(terms.includes(property), property);
      for (const field of REPORT) assert.ok(terms.includes(`talk.${field}`), field);
      for (const value of VALUES) assert.ok(html.includes(`<code>${value}</code>`), value);
    });

    it(`tplink-listen: ${language} names every property, option, action and error`, () => {
      const html = helpHtml('tplink-listen', language);
      const terms = [...html.matchAll(/<dt[^>]*>([^<]+)/g)].map(([, term = '']) => term.trim());
      const codes = [...catalogue('tplink-listen', language).keys()]
        .filter((key) => key.startsWith('tplink-listen.errorStatus.'))
        .map((key) => key.slice('tplink-listen.errorStatus.'.length));
      assert.ok(codes.length > 10);
      for (const term of [...LISTEN_PROPERTIES, ...codes]) assert.ok(terms.includes(term), term);
      for (const value of LISTEN_VALUES) assert.ok(html.includes(`<code>${value}</code>`), value);
    });

    for (const type of CONFIG_TYPES) {
      it(`${type}: ${language} explains every field by its label`, () => {
        const help = helpHtml(type, language);
        for (const [key, label] of catalogue(type, language)) {
          if (key.startsWith(`${type}.label.`)) assert.ok(help.includes(label), label);
        }
      });
    }
  }
});

/** Tags that are not closed, or closed without being open. */
function unbalanced(html: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, slash, tag = ''] of html.matchAll(/<(\/?)(\w+)[^>]*>/g)) {
    if (slash === '') open.push(tag);
    else if (open.at(-1) === tag) open.pop();
    else wrong.push(tag);
  }
  return [...wrong, ...open];
}
