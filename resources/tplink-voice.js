// Form of the voice's config node: the fields of the chosen engine alone.

/** @returns {FormDefinition} */
function tplinkVoiceForm() {
  const { WHOLE, every, field, isBlank, numberWithin, oneOf, saveNumbers, showDefaults } = tplinkForms('tplink-voice');
  const { runTest, endTest, toTry } = tplinkReport('tplink-voice', ['try']);
  const ENGINES = ['auto', 'command', 'http', 'wyoming'];
  const METHODS = ['', 'GET', 'POST', 'PUT'];
  const ADVANCED = ['method', 'headers', 'audioPath'];

  /**
   * A field that one engine needs; to the others it may hold anything.
   * @param {string} property
   * @param {string} engine
   * @param {(text: string) => boolean} isGood
   * @returns {Validator}
   */
  function neededBy(property, engine, isGood) {
    return function (value, opt) {
      const chosen = $('#node-config-input-engine').val() || this.engine;
      if (chosen !== engine || isGood(String(value ?? '').trim())) return true;
      return this._('tplink-voice.error.' + property);
    };
  }

  /**
   * What may become an argument of a program.
   * @param {string} property
   * @returns {Validator}
   */
  function noOption(property) {
    return function (value, opt) {
      return isBlank(value) || !String(value).trim().startsWith('-') || this._('tplink-voice.error.' + property);
    };
  }

  /** @param {string | undefined} chosen */
  function showEngine(chosen) {
    for (const engine of ENGINES) $(`.tplink-form [data-engine="${engine}"]`).toggle(engine === chosen);
  }

  /** @param {FormNode} node */
  function prepareTry(node) {
    const select = $('#node-config-tplink-voice-camera');
    const sentence = $('#node-config-tplink-voice-sentence');
    sentence.val(node._('tplink-voice.test.sentence'));
    RED.nodes.eachConfig((camera) => {
      if (camera.type !== 'tplink-camera') return;
      select.append(
        $('<option>')
          .val(camera.id)
          .text(String(camera.name || camera.host)),
      );
    });
    $('#node-config-tplink-voice-try').on('click', () => {
      const camera = toTry(select.val() ?? '');
      runTest(node, 'tplink-voice/try', 'tplink-voice.test.running', { camera, sentence: sentence.val() });
    });
  }

  return {
    ...every,
    category: 'config',
    defaults: {
      name: { value: '' },
      engine: { value: 'auto', validate: oneOf('engine', ENGINES) },
      voice: { value: '', validate: noOption('voice') },
      language: { value: '', validate: noOption('language') },
      command: { value: 'espeak-ng -v {voice} --stdout' },
      url: { value: '', validate: neededBy('url', 'http', (url) => /^(https?:\/\/[^\s/]|\$[{(])/i.test(url)) },
      method: { value: '', validate: oneOf('method', METHODS) },
      body: { value: '' },
      headers: { value: '' },
      audioPath: { value: '' },
      host: { value: '', validate: neededBy('host', 'wyoming', (host) => host !== '') },
      port: { value: 10200, validate: numberWithin('port', WHOLE, 1, 65535) },
    },
    credentials: {
      token: { type: 'password' },
    },
    label() {
      return this.name || this.voice || this._('tplink-voice.engine.' + (this.engine || 'auto'));
    },
    oneditprepare() {
      // Node-RED gives a new config node no ''.
      showDefaults(this, Object.keys(this._def.defaults));
      const engine = field(this, 'engine');
      engine.on('change', () => {
        showEngine(engine.val());
        // What is wrong with them depends on the engine.
        for (const property of ['url', 'host']) field(this, property).trigger('change');
      });
      showEngine(engine.val());
      prepareTry(this);
      $('#node-config-tplink-voice-advanced').prop(
        'open',
        ADVANCED.some((property) => !isBlank(this[property])),
      );
    },
    oneditcancel: endTest,
    oneditdelete: endTest,
    oneditsave() {
      endTest();
      for (const property of ['command', 'url', 'host', 'voice', 'language']) {
        const element = field(this, property);
        element.val((element.val() ?? '').trim());
      }
      saveNumbers(this, ['port']);
    },
  };
}
