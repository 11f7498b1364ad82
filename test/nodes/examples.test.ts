// The example flows as files: importable with core nodes and ours, wired up, explained, without secrets.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { located } from '../../src/audio/text.js';
import { CHIMES } from '../../src/sound/tone.js';
import { formDefinition, NODE_TYPES } from '../helpers/forms.js';

interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly z?: string;
  readonly name?: string;
  readonly info?: string;
  readonly wires?: readonly (readonly string[])[];
  readonly [property: string]: unknown;
}

const ROOT = resolve(__dirname, '..', '..');
const EXAMPLES = join(ROOT, 'examples');
const files = readdirSync(EXAMPLES).sort();
const flowOf = (file: string): FlowNode[] => JSON.parse(readFileSync(join(EXAMPLES, file), 'utf8'));
const everyNode = files.flatMap(flowOf);

/** Node types of Node-RED itself, as its own forms register them. */
function coreTypes(): Set<string> {
  const core = join(ROOT, 'node_modules', '@node-red', 'nodes', 'core');
  const forms = readdirSync(core, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'));
  const types = forms.flatMap((name) =>
    [...readFileSync(join(core, name), 'utf8').matchAll(/registerType\(\s*["']([^"']+)["']/g)].map(([, type]) => type),
  );
  // Tabs and groups have no form.
  return new Set(['tab', 'group', ...types.filter((type) => type !== undefined)]);
}

describe('example flows', () => {
  it('are numbered without a hole', () => {
    files.forEach((file, index) => {
      assert.match(file, new RegExp(`^${String(index + 1).padStart(2, '0')} - [A-Z][^/]+\\.json$`));
    });
    assert.ok(files.length >= 7);
  });

  it('use every node of ours, with every property and no other', () => {
    const own = ['id', 'type', 'z', 'g', 'x', 'y', 'wires'];
    for (const type of NODE_TYPES) {
      const nodes = everyNode.filter((node) => node.type === type);
      assert.ok(nodes.length > 0, type);
      const expected = Object.keys(formDefinition(type).defaults).sort();
      for (const node of nodes) {
        assert.deepEqual(
          Object.keys(node)
            .filter((key) => !own.includes(key))
            .sort(),
          expected,
          node.id,
        );
      }
    }
  });

  it('hold values that the forms accept', () => {
    for (const node of everyNode) {
      const type = NODE_TYPES.find((ours) => ours === node.type);
      if (type === undefined) continue;
      for (const [name, property] of Object.entries(formDefinition(type).defaults)) {
        const verdict = property.validate?.call({ ...node, _: (key: string) => key }, node[name], {}) ?? true;
        assert.equal(verdict, true, `${node.id} ${name}`);
      }
    }
  });

  it('have ids that no other node of any example has', () => {
    assert.equal(new Set(everyNode.map((node) => node.id)).size, everyNode.length);
  });

  it('address cameras by names that only one camera of all examples has', () => {
    const names = everyNode.filter((node) => node.type === 'tplink-camera').map((node) => node.name);
    const addressed = everyNode
      .flatMap((node) => (Array.isArray(node['props']) ? node['props'] : []))
      .filter(({ p }) => p === 'camera')
      .flatMap(({ v, vt }): string[] => (vt === 'json' ? JSON.parse(v) : [v]));
    assert.ok(addressed.length > 0);
    for (const name of addressed) assert.equal(names.filter((known) => known === name).length, 1, name);
  });

  it('send no file: a fresh machine has none', () => {
    const sent = everyNode
      .flatMap((node) => (Array.isArray(node['props']) ? node['props'] : []))
      .filter(({ p, vt }) => ['payload', 'filename', 'chime'].includes(p) && vt !== 'num')
      .flatMap(({ v, vt }) => (vt === 'json' ? Object.values(JSON.parse(v)) : [v]))
      .filter((value) => typeof value === 'string');
    const typed = everyNode.flatMap((node) => [
      node['audioType'] === 'str' && node['audio'],
      node['chimeType'] === 'str' && node['chime'],
      node['filenameType'] === 'str' && node['filename'],
    ]);
    const texts = [...sent, ...typed].filter((value) => typeof value === 'string');
    assert.ok(texts.length > 8);
    for (const text of texts) assert.notEqual(located(text, { raw: false, words: true }).kind, 'file', text);
  });

  it('teach Catch, Status and Complete', () => {
    for (const type of ['catch', 'status', 'complete']) {
      assert.ok(
        everyNode.some((node) => node.type === type),
        type,
      );
    }
  });

  const core = coreTypes();
  for (const file of files) {
    describe(file, () => {
      const flow = flowOf(file);
      const ids = new Set(flow.map((node) => node.id));

      it('needs core nodes and ours only', () => {
        for (const { type } of flow) assert.ok(core.has(type) || NODE_TYPES.some((ours) => ours === type), type);
      });

      it('comes on a tab of its own, named like the file', () => {
        const tabs = flow.filter((node) => node.type === 'tab');
        assert.deepEqual(
          tabs.map((tab) => tab['label']),
          [file.replace(' - ', ' ').replace('.json', '')],
        );
        for (const node of flow) if (node.z !== undefined) assert.equal(node.z, tabs[0]?.id);
      });

      it('has no loose end: wires, cameras, brokers and scopes exist', () => {
        for (const node of flow) {
          const scope = Array.isArray(node['scope']) ? node['scope'] : [];
          const configured = [node['camera'], node['broker']].filter((id) => typeof id === 'string' && /^e0/.test(id));
          const grouped = Array.isArray(node['nodes']) ? node['nodes'] : [];
          for (const id of [...(node.wires ?? []).flat(), ...scope, ...configured, ...grouped])
            assert.ok(ids.has(id), String(id));
          assert.deepEqual(
            grouped,
            node.type === 'group' ? flow.filter(({ g }) => g === node.id).map(({ id }) => id) : [],
          );
          if (['tplink-talk', 'tplink-control', 'tplink-listen'].includes(node.type))
            assert.ok(ids.has(String(node['camera'])), node.id);
        }
      });

      it('explains itself in a comment and catches errors', () => {
        const comments = flow.filter((node) => node.type === 'comment');
        assert.ok(comments.length > 0);
        for (const comment of comments) assert.ok((comment.name ?? '').length > 20 && (comment.info ?? '').length > 80);
        assert.ok(flow.some((node) => node.type === 'catch'));
      });

      it('holds no credentials', () => {
        const text = readFileSync(join(EXAMPLES, file), 'utf8');
        assert.doesNotMatch(text, /"(credentials|password|user(name)?|_creds)"\s*:/);
        assert.doesNotMatch(text, /:\/\/[^/\s"]*:[^/\s"]*@/);
      });
    });
  }

  it('the doorbell takes its announcement from the environment', () => {
    const flow = flowOf('02 - Doorbell.json');
    const talk = flow.find((node) => node.type === 'tplink-talk');
    assert.equal(talk?.['audioType'], 'env');
    const tab = flow.find((node) => node.type === 'tab');
    assert.match(JSON.stringify(tab?.['env']), /"name":"ANNOUNCEMENT".*TPLINK_TALK_DEMO_CLIP/);
  });

  it('the one for Home Assistant names its own cameras and built-in sounds', () => {
    const flow = flowOf('12 - Home Assistant.json');
    const env = flow.find((node) => node.type === 'tab')?.['env'] as { name: string; value: string }[];
    const [cameras, sounds] = env.map(({ value }) => JSON.parse(value) as string[]);
    assert.deepEqual(
      cameras,
      flow.filter((node) => node.type === 'tplink-camera').map((node) => node.name),
    );
    assert.deepEqual(sounds?.toSorted(), CHIMES.toSorted());
  });

  it('the one without a camera talks to the simulator', () => {
    const camera = flowOf('07 - Try without a camera.json').find((node) => node.type === 'tplink-camera');
    assert.deepEqual([camera?.['host'], camera?.['port']], ['127.0.0.1', 8554]);
  });
});
