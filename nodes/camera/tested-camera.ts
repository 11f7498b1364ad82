// The fields of a camera dialog as its test buttons send them -> what `cameraOptions` takes. Secrets of the server go only to the address they were deployed for.
import type { NodeAPI } from 'node-red';
import { CAMERA_DEFAULTS } from '../../src/index.js';

export type Fields = Readonly<Record<string, unknown>>;

/** Why the fields cannot be tried. */
export type Untestable = 'retype' | 'environment';

const WHERE_THE_PASSWORD_GOES = ['host', 'port', 'httpPort', 'username'];
const FIELDS = [...Object.keys(CAMERA_DEFAULTS), 'host', 'password'];
/** What the editor shows instead of a stored password. */
const STORED_PASSWORD = '__PWRD__';
/** Deployed nodes take such values from the environment. */
const ENVIRONMENT = /^\$(?:\{([a-zA-Z_]\w*)\}|\(([a-zA-Z_]\w*)\))$/;

/**
 * The stored password is used for the node it belongs to, and only while address, ports and user name are those it was deployed with: `retype` otherwise.
 * Environment variables likewise: `environment` where one stands that was not deployed.
 */
export function testedCamera(RED: NodeAPI, body: unknown): Fields | Untestable {
  const sent = isFields(body) ? body : {};
  const id = typeof sent['id'] === 'string' ? sent['id'] : '';
  const fields: Record<string, unknown> = Object.fromEntries(FIELDS.map((field) => [field, sent[field]]));
  const deployed = deployedCamera(RED, id);
  if (fields['password'] === STORED_PASSWORD) {
    const elsewhere = WHERE_THE_PASSWORD_GOES.some((field) => plain(field, fields) !== plain(field, deployed));
    if (elsewhere || typeof deployed['password'] !== 'string') return 'retype';
    fields['password'] = deployed['password'];
  } else if (ENVIRONMENT.test(plain('password', fields))) {
    return 'environment';
  }
  for (const field of FIELDS) {
    const [, braces, brackets] = ENVIRONMENT.exec(plain(field, fields)) ?? [];
    const name = braces ?? brackets;
    if (name === undefined) continue;
    if (plain(field, fields) !== plain(field, deployed)) return 'environment';
    // As in a deployed node, a variable that is not set stays as it is written.
    const set: unknown = RED.util.getSetting(RED.nodes.getNode(id), name);
    fields[field] = set ?? fields[field];
  }
  return fields;
}

/** The node's properties and credentials as they are deployed, environment variables not looked up; nothing for a node that is not. */
function deployedCamera(RED: NodeAPI, id: string): Fields {
  let deployed: Fields = {};
  RED.nodes.eachNode((node) => {
    if (node.id === id && node.type === 'tplink-camera') deployed = { ...node, ...RED.nodes.getCredentials(id) };
  });
  return deployed;
}

/** A field as text; blank is the default. */
function plain(field: string, fields: Fields): string {
  const value = fields[field];
  const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  return text === '' ? String(Reflect.get(CAMERA_DEFAULTS, field) ?? '') : text;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
