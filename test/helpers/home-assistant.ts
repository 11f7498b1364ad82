// Home Assistant's published rules of MQTT discovery, as data, and what a message breaks of them. Sources: its pages on MQTT discovery, notify, button,
// number, switch, siren and sensor over MQTT, and the schemas of its component `mqtt`.

interface Rule {
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

/** Every entity may have these. */
const COMMON = [
  ...['availability', 'availability_mode', 'availability_template', 'availability_topic', 'payload_available'],
  ...['payload_not_available', 'device', 'origin', 'enabled_by_default', 'entity_category', 'entity_picture', 'icon'],
  ...['json_attributes_topic', 'json_attributes_template', 'object_id', 'default_entity_id', 'unique_id', 'name'],
  ...['qos', 'encoding', 'platform'],
];
const WRITTEN = ['optimistic', 'retain', 'state_topic', 'command_template'];

const RULES: Readonly<Record<string, Rule>> = {
  notify: { required: ['command_topic'], optional: ['command_template', 'retain'] },
  button: { required: ['command_topic'], optional: ['command_template', 'retain', 'device_class', 'payload_press'] },
  number: {
    required: ['command_topic'],
    optional: [
      ...[...WRITTEN, 'value_template', 'device_class', 'min', 'max', 'step', 'mode', 'payload_reset'],
      'unit_of_measurement',
    ],
  },
  switch: {
    required: ['command_topic'],
    optional: [...[...WRITTEN, 'value_template', 'device_class', 'payload_on', 'payload_off', 'state_on', 'state_off']],
  },
  siren: {
    required: ['command_topic'],
    optional: [
      ...[...WRITTEN, 'command_off_template', 'state_value_template', 'payload_on', 'payload_off', 'state_on'],
      ...['state_off', 'available_tones', 'support_duration', 'support_volume_set'],
    ],
  },
  sensor: {
    required: ['state_topic'],
    optional: [
      ...['value_template', 'device_class', 'options', 'expire_after', 'force_update', 'state_class'],
      ...['last_reset_value_template', 'suggested_display_precision', 'unit_of_measurement'],
    ],
  },
};

const DEVICE = [
  ...['identifiers', 'connections', 'manufacturer', 'model', 'model_id', 'name', 'hw_version', 'serial_number'],
  ...['sw_version', 'via_device', 'suggested_area', 'configuration_url'],
];
const ORIGIN = ['name', 'sw_version', 'support_url'];
/** `<component>/[<node_id>/]<object_id>/config` below the prefix. */
const TOPIC = /^homeassistant\/(\w+)\/(?:[a-zA-Z0-9_-]+\/)?[a-zA-Z0-9_-]+\/config$/;

type Fields = Readonly<Record<string, unknown>>;

/** What Home Assistant would object to or pass over in silence; empty when all is well. */
export function discoveryProblems(topic: string, payload: string): string[] {
  const component = TOPIC.exec(topic)?.[1];
  const rule = component === undefined ? undefined : RULES[component];
  if (rule === undefined) return [`${topic}: no discovery topic`];
  const config = JSON.parse(payload) as Fields;
  const problems: string[] = [];
  const expect = (holds: boolean, what: string): void => {
    if (!holds) problems.push(`${topic}: ${what}`);
  };
  const onlyKeys = (fields: Fields, allowed: readonly string[], of: string): void => {
    for (const key of Object.keys(fields)) expect(allowed.includes(key), `${of} has no ${key}`);
  };
  const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

  onlyKeys(config, [...COMMON, ...rule.required, ...rule.optional], String(component));
  for (const key of rule.required) expect(isText(config[key]), `${key} is missing`);
  for (const [key, value] of Object.entries(config)) {
    if (key.endsWith('_topic')) expect(isText(value) && !/[+#]/.test(value), `${key} is no topic to publish to`);
    if (key.endsWith('_template')) expect(isText(value) && /\{\{.*\}\}/.test(value), `${key} is no template`);
    if (/^(support_|optimistic|retain|enabled_)/.test(key)) expect(typeof value === 'boolean', `${key} is no boolean`);
  }
  if ('icon' in config) expect(/^[\w-]+:[\w-]+$/.test(String(config['icon'])), 'icon is none');
  // The device is passed over without one, and nothing can be changed in the interface.
  expect(isText(config['unique_id']), 'unique_id is missing');
  expect(!('availability' in config && 'availability_topic' in config), 'availability is there twice');

  const device = (config['device'] ?? {}) as Fields;
  onlyKeys(device, DEVICE, 'device');
  const identifiers = [device['identifiers'] ?? []].flat();
  expect(identifiers.length > 0 && identifiers.every(isText), 'device has no identifier');
  const origin = (config['origin'] ?? {}) as Fields;
  onlyKeys(origin, ORIGIN, 'origin');
  expect(isText(origin['name']), 'origin has no name');
  const { support_url } = origin;
  expect(
    support_url === undefined || (isText(support_url) && /^https?:\/\/./.test(support_url)),
    'support_url is no address',
  );

  if (component === 'number') {
    const { min = 1, max = 100, step = 1 } = config as { min?: number; max?: number; step?: number };
    expect(min < max, 'min is not below max');
    expect(step >= 0.001, 'step is too small');
  }
  if ('options' in config) {
    const options = config['options'];
    expect(Array.isArray(options) && options.length > 0 && options.every(isText), 'options are none');
    expect(config['device_class'] === 'enum', 'options need the device class enum');
    expect(!('state_class' in config) && !('unit_of_measurement' in config), 'options go with no unit');
  }
  return problems;
}
