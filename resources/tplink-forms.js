// What the forms of this package share. Every form's HTML names this file, and scripts load in any order: nothing here runs before it is called.
// Node-RED takes text for a reason from validators of two parameters alone, so all declare `opt`.

/**
 * The helpers for one node type, whose catalogue they speak from.
 * @param {string} type
 */
function tplinkForms(type) {
  const WHOLE = /^\d+$/;
  const DECIMAL = /^\d+(\.\d+)?$/;
  const SIGNED = /^[+-]?\d+(\.\d+)?$/;

  /**
   * Blank is fine: saving replaces it with the default. Absent comes from flows written by hand: the runtime fills it in.
   * @param {unknown} value
   */
  function isBlank(value) {
    return value === undefined || String(value).trim() === '';
  }

  /**
   * @param {string} property
   * @param {RegExp} pattern
   * @param {number} least
   * @param {number} most
   * @returns {Validator}
   */
  function numberWithin(property, pattern, least, most) {
    return function (value, opt) {
      if (isBlank(value)) return true;
      const text = String(value).trim();
      if (pattern.test(text) && Number(text) >= least && Number(text) <= most) return true;
      return this._(`${type}.error.number`, { label: this._(`${type}.label.${property}`), least, most });
    };
  }

  /**
   * @param {string} property
   * @param {readonly unknown[]} choices
   * @returns {Validator}
   */
  function oneOf(property, choices) {
    return function (value, opt) {
      return isBlank(value) || choices.includes(value) || this._(`${type}.error.${property}`);
    };
  }

  /**
   * The element of a property in the open dialog.
   * @param {FormNode} node
   * @param {string} property
   */
  function field(node, property) {
    return $(`#node-${node._def.category === 'config' ? 'config-' : ''}input-${property}`);
  }

  /**
   * Shows the default of each property that the node lacks.
   * @param {FormNode} node
   * @param {readonly string[]} properties
   * @param {(value: unknown) => boolean} isMissing
   */
  function showDefaults(node, properties, isMissing = (value) => value === undefined) {
    for (const property of properties) {
      if (!isMissing(node[property])) continue;
      const value = node._def.defaults[property]?.value;
      if (typeof value === 'boolean') field(node, property).prop('checked', value);
      else field(node, property).val(value);
    }
  }

  /**
   * Stores numbers as numbers and blanks as their defaults. For `oneditsave`, which runs before Node-RED reads the fields:
   * it keeps a number when the field holds the same one.
   * @param {FormNode} node
   * @param {readonly string[]} properties
   */
  function saveNumbers(node, properties) {
    for (const property of properties) {
      const element = field(node, property);
      const text = (element.val() ?? '').trim() || String(node._def.defaults[property]?.value);
      element.val(text);
      // A default that is blank is no 0.
      if (text === '') node[property] = '';
      else if (!Number.isNaN(Number(text))) node[property] = Number(text);
    }
  }

  /**
   * How people call the camera that the node uses.
   * @param {FormNode} node
   * @param {string | undefined} id
   */
  function cameraOf(node, id = node.camera) {
    const camera = RED.nodes.node(id);
    return camera ? camera.name || camera.host : undefined;
  }

  /** What all definitions have in common. */
  const every = {
    color: '#A5D6A7',
    icon: `${type}.svg`,
    /** @this {FormNode} */
    paletteLabel() {
      return this._(`${type}.paletteLabel`);
    },
    /** @this {FormNode} */
    labelStyle() {
      return this.name ? 'node_label_italic' : '';
    },
  };

  /** The same for the nodes of a flow. */
  const everyFlowNode = {
    ...every,
    // The palette shows palette.label.tplink of the talk node's catalogue.
    category: 'tplink',
    inputs: 1,
    outputs: 1,
    /** @this {FormNode} */
    inputLabels() {
      return this._(`${type}.inputLabel`);
    },
    /** @this {FormNode} */
    outputLabels() {
      return this._(`${type}.outputLabel`);
    },
  };

  return {
    ...{ WHOLE, DECIMAL, SIGNED, isBlank, numberWithin, oneOf },
    ...{ field, showDefaults, saveNumbers, cameraOf, every, everyFlowNode },
  };
}
