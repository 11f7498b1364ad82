// The editor's forms against the tables of the library: every range, choice and default of a form is the one the runtime reads by.
import assert from 'node:assert/strict';
import { LISTEN_MODES, LISTEN_OUTPUTS } from '../../nodes/listen/request.js';
import {
  CAMERA_DEFAULTS,
  CAMERA_RANGES,
  CODECS,
  DIALECTS,
  LOGINS,
  MODES,
  PACKET_BYTES,
  PACKET_MS,
  QUIET_MODES,
} from '../../src/camera-options.js';
import { CHIMES, CONTROL_ACTIONS, WHEN_BUSY } from '../../src/index.js';
import { LISTEN_RANGES } from '../../src/listen/options.js';
import type { Range } from '../../src/options.js';
import { SPEAK_DEFAULTS, SPEAK_RANGES } from '../../src/talk/options.js';
import { VOICE_DEFAULTS, VOICE_ENGINES, VOICE_METHODS, VOICE_RANGES } from '../../src/voice/options.js';
import { formDefinition, formHtml, NODE_TYPES, type NodeType } from '../helpers/forms.js';

/** Of the numbers that a node has a field for. The rest of each table is for messages alone. */
const RANGES: Readonly<Record<NodeType, Readonly<Record<string, Range>>>> = {
  'tplink-camera': CAMERA_RANGES,
  'tplink-talk': without(SPEAK_RANGES, ['priority']),
  'tplink-listen': without(LISTEN_RANGES, ['maxSeconds', 'waitSeconds', 'hangMs', 'marginDb']),
  'tplink-control': {},
  'tplink-voice': VOICE_RANGES,
};

const CHOICES: Readonly<Record<NodeType, Readonly<Record<string, readonly (string | number)[]>>>> = {
  'tplink-camera': {
    ...{ login: LOGINS, dialect: DIALECTS, mode: ['', ...MODES], codec: CODECS, packetBytes: PACKET_BYTES },
    packetMs: PACKET_MS,
    quietMode: QUIET_MODES,
  },
  'tplink-talk': { whenBusy: WHEN_BUSY, outputs: [1, 2] },
  'tplink-listen': { mode: LISTEN_MODES, output: LISTEN_OUTPUTS },
  'tplink-control': { action: CONTROL_ACTIONS },
  'tplink-voice': { engine: VOICE_ENGINES, method: VOICE_METHODS },
};

const DEFAULTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  // Blank is the dialect's own.
  'tplink-camera': { ...CAMERA_DEFAULTS, mode: '', leadInMs: '', drainMs: '' },
  'tplink-talk': SPEAK_DEFAULTS,
  'tplink-voice': { ...VOICE_DEFAULTS },
};

for (const type of NODE_TYPES) {
  describe(`the ${type} form and the library`, () => {
    const { defaults } = formDefinition(type);
    const takes = (name: string, value: unknown, node: object = {}): boolean => {
      const { validate } = defaults[name] ?? assert.fail(`${type} has no ${name}`);
      assert.ok(validate !== undefined, `${name} is not validated`);
      return validate.call({ ...node, _: (key: string) => key }, value, {}) === true;
    };

    for (const [name, { least, most, whole }] of Object.entries(RANGES[type])) {
      it(`${name} has one range`, () => {
        const step = whole === true ? 1 : 0.001;
        const between = (least + most) / 2;
        for (const [value, good] of [
          [least, true],
          [most, true],
          [Math.round(between), true],
          [Math.floor(between) + 0.5, whole !== true],
          [least - step, false],
          [most + step, false],
        ] as const) {
          for (const written of [value, String(value)]) {
            assert.equal(takes(name, written), good, `${name} ${JSON.stringify(written)}`);
          }
        }
        for (const text of ['NaN', 'Infinity', 'many', `${most}x`, '-', '1e']) {
          assert.equal(takes(name, text), false, `${name} ${text}`);
        }
      });
    }

    for (const [name, choices] of Object.entries(CHOICES[type])) {
      it(`${name} has one list of choices`, () => assert.deepEqual(optionsOf(type, name), choices.map(String)));

      if (defaults[name]?.validate !== undefined) {
        it(`${name} is checked against that list`, () => {
          for (const choice of choices) assert.equal(takes(name, choice), true, String(choice));
          for (const other of ['other', 'x', 'constructor']) assert.equal(takes(name, other), false, other);
        });
      }
    }

    it('has a table for every number in it', () => {
      const numbers = Object.entries(defaults).filter(([, { value }]) => typeof value === 'number');
      for (const [name] of numbers) assert.ok(RANGES[type][name] ?? CHOICES[type][name], `${name} has no table`);
    });

    it('starts from the defaults of the library', () => {
      for (const [name, value] of Object.entries(DEFAULTS[type] ?? {})) {
        if (Object.hasOwn(defaults, name)) assert.equal(defaults[name]?.value, value, name);
      }
    });

    if (type === 'tplink-talk') {
      it('knows the chimes of the library', () => {
        for (const chime of CHIMES) assert.equal(takes('chime', chime, { chimeType: 'builtin' }), true, chime);
        assert.equal(takes('chime', 'bell', { chimeType: 'builtin' }), false);
      });
    }
  });
}

/** The values of a field's `<option>`s. */
function optionsOf(type: NodeType, name: string): string[] {
  const select = new RegExp(`<select[^>]*id="node-(?:config-)?input-${name}"[^>]*>([^]*?)</select>`).exec(
    formHtml(type),
  );
  return [...(select?.[1] ?? '').matchAll(/<option value="([^"]*)"/g)].map(([, value = '']) => value);
}

function without(table: Readonly<Record<string, Range>>, names: readonly string[]): Record<string, Range> {
  return Object.fromEntries(Object.entries(table).filter(([name]) => !names.includes(name)));
}
