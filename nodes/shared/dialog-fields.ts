// The fields of a dialog as its test buttons send them -> what the library's reader of options takes. Secrets of the server go only where they were deployed to go.
import type { NodeAPI } from 'node-red';

export type Fields = Readonly<Record<string, unknown>>;

/** Why the fields cannot be tried. */
export type Untestable = 'retype' | 'environment';

export interface Dialog {
  /** The node's. */
  readonly type: string;
  /** The names of all, secrets included. */
  readonly fields: readonly string[];
  /** Each with the fields that say where it goes. */
  readonly secrets?: Readonly<Record<string, readonly string[]>>;
  /** What a blank field means. */
  readonly defaults: Readonly<Record<string, string | number | boolean | undefined>>;
}

/** What the editor shows instead of a stored secret. */
const STORED_SECRET = '__PWRD__';
/** Deployed nodes take such values from the environment. */
const ENVIRONMENT = /^\$(?:\{([a-zA-Z_]\w*)\}|\(([a-zA-Z_]\w*)\))$/;

/**
 * A stored secret is used for the node it belongs to, and only while it goes where it was deployed to go: `retype` otherwise.
 * Environment variables likewise: `environment` where one stands that was not deployed.
 */
export function dialogFields(RED: NodeAPI, body: unknown, dialog: Dialog): Fields | Untestable {
  const sent = isFields(body) ? body : {};
  const id = typeof sent['id'] === 'string' ? sent['id'] : '';
  const fields: Record<string, unknown> = Object.fromEntries(dialog.fields.map((field) => [field, sent[field]]));
  const plain = (field: string, of: Fields): string => plainText(of[field] ?? '', dialog.defaults[field]);
  const deployed = deployedNode(RED, id, dialog.type);
  for (const [secret, destination] of Object.entries(dialog.secrets ?? {})) {
    if (fields[secret] === STORED_SECRET) {
      const elsewhere = destination.some((field) => plain(field, fields) !== plain(field, deployed));
      if (elsewhere || typeof deployed[secret] !== 'string') return 'retype';
      fields[secret] = deployed[secret];
    } else if (ENVIRONMENT.test(plain(secret, fields))) {
      return 'environment';
    }
  }
  for (const field of dialog.fields) {
    const [, braces, brackets] = ENVIRONMENT.exec(plain(field, fields)) ?? [];
    const name = braces ?? brackets;
    if (name === undefined) continue;
    if (plain(field, fields) !== plain(field, deployed)) return 'environment';
    // As in a deployed node, a variable that is not set stays as it is written.
    const value: unknown = RED.util.getSetting(RED.nodes.getNode(id), name);
    fields[field] = value ?? fields[field];
  }
  return fields;
}

/** The node's properties and credentials as they are deployed, environment variables not looked up; nothing for a node that is not. */
export function deployedNode(RED: NodeAPI, id: string, type: string): Fields {
  let deployed: Fields = {};
  RED.nodes.eachNode((node) => {
    if (node.id === id && node.type === type) deployed = { ...node, ...RED.nodes.getCredentials(id) };
  });
  return deployed;
}

/** A field as text; blank is the default. */
function plainText(value: unknown, byDefault: string | number | boolean | undefined): string {
  const text = ['string', 'number', 'boolean'].includes(typeof value) ? String(value).trim() : '';
  return text === '' ? String(byDefault ?? '') : text;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
