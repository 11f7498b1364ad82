// Form of the listen node.

/** @returns {FormDefinition} */
function tplinkListenForm() {
  const { DECIMAL, cameraOf, everyFlowNode, field, isBlank, numberWithin, oneOf, saveNumbers, showDefaults } =
    tplinkForms('tplink-listen');
  const MODES = ['continuous', 'seconds', 'silence'];
  const OUTPUTS = ['pcm', 'wav'];

  return {
    ...everyFlowNode,
    defaults: {
      name: { value: '' },
      camera: { value: '', type: 'tplink-camera', required: true },
      stream: {
        value: 'stream1',
        validate(value, opt) {
          if (isBlank(value)) return true;
          const path = String(value).trim().replace(/^\/+/, '');
          const fits = /^[\x21-\x7e]+$/.test(path) && !/^[a-z][a-z0-9+.-]*:\/\//i.test(path);
          return fits || this._('tplink-listen.error.stream');
        },
      },
      mode: { value: 'continuous', validate: oneOf('mode', MODES) },
      seconds: { value: 5, validate: numberWithin('seconds', DECIMAL, 0.02, 600) },
      chunkMs: { value: 100, validate: numberWithin('chunkMs', DECIMAL, 10, 10000) },
      output: { value: 'pcm', validate: oneOf('output', OUTPUTS) },
    },
    label() {
      if (this.name) return this.name;
      const called = cameraOf(this);
      if (!called) return this._('tplink-listen.paletteLabel');
      return `${called} · ${this._('tplink-listen.short.' + (this.mode || 'continuous'))}`;
    },
    oneditprepare() {
      showDefaults(this, ['stream', 'mode', 'output'], (value) => !value);
      const mode = field(this, 'mode');
      mode.on('change', () => {
        const chosen = mode.val() || 'continuous';
        $('#node-tplink-listen-mode').text(this._('tplink-listen.explained.' + chosen));
        $('#node-tplink-listen-chunkMs').toggle(chosen === 'continuous');
        $('#node-tplink-listen-seconds').toggle(chosen !== 'silence');
      });
      mode.trigger('change');
    },
    oneditsave() {
      const stream = field(this, 'stream');
      stream.val((stream.val() ?? '').trim() || this._def.defaults['stream']?.value);
      saveNumbers(this, ['seconds', 'chunkMs']);
    },
  };
}
