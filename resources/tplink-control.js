// Form of the control node.

/** @returns {FormDefinition} */
function tplinkControlForm() {
  const { cameraOf, everyFlowNode, field, oneOf, showDefaults } = tplinkForms('tplink-control');
  const ACTIONS = ['info', 'speaker', 'microphone', 'privacy', 'clock', 'siren', 'reboot', 'request'];

  return {
    ...everyFlowNode,
    defaults: {
      name: { value: '' },
      camera: { value: '', type: 'tplink-camera', required: true },
      action: { value: 'info', validate: oneOf('action', ACTIONS) },
    },
    label() {
      if (this.name) return this.name;
      const called = cameraOf(this);
      if (!called) return this._('tplink-control.paletteLabel');
      return `${called} · ${this._('tplink-control.short.' + (this.action || 'info'))}`;
    },
    oneditprepare() {
      const action = field(this, 'action');
      showDefaults(this, ['action'], (value) => !value);
      action.on('change', () => {
        $('#node-tplink-control-argument').text(this._('tplink-control.argument.' + (action.val() || 'info')));
      });
      action.trigger('change');
    },
  };
}
