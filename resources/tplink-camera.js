// Form of the camera's config node. What its buttons do is in tplink-report.js.

/** @returns {FormDefinition} */
function tplinkCameraForm() {
  const forms = tplinkForms('tplink-camera');
  const { SIGNED, WHOLE, every, field, isBlank, numberWithin, saveNumbers, showDefaults } = forms;
  const { prepareDialect, pastedFields, isUsual } = tplinkDialect(forms);
  const report = tplinkReport('tplink-camera', ['test', 'chime', 'check', 'tune']);
  const { runTest, endTest, stopTest, refusalOf } = report;
  const { runFind, endFind } = tplinkFind(refusalOf);
  const { prepareTune, offer } = tplinkTune(report);
  const NUMBERS = [
    ...['port', 'httpPort', 'streamPort', 'packetBytes', 'packetMs', 'leadInMs', 'drainMs', 'idleMs'],
    ...['quietGain', 'quietPriority'],
  ];
  const ADVANCED = [
    ...['httpPort', 'login', 'mode', 'codec', 'packetBytes', 'packetMs', 'encrypt'],
    ...['leadInMs', 'drainMs', 'idleMs', 'ignoreBusy', 'warmUp'],
  ];
  const LISTENING = ['streamUrl', 'listenUsername', 'listenPassword'];
  const IPV6 = /^\[?[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*(%[\w.-]+)?\]?$/i;
  const NAME_OR_IPV4 = /^[\p{L}\p{N}]([\p{L}\p{N}._-]*[\p{L}\p{N}])?\.?$/u;
  const STREAM_URL = /^rtsp:\/\/(\[[^\]/?#@]+\]|[^\s/?#@:[\]]+)(?::(\d{1,5}))?(?:\/[^#@\p{Cc}]*)?$/iu;
  // Everything up to the last at-sign, because the passwords of people hold any character.
  const ACCOUNT = /^(\s*rtsp:\/\/)(.*:.*|[^/?#]*)@([^@]*)$/i;
  const TIME_OF_DAY = /^([01]?\d|2[0-3])[:：][0-5]\d$/;

  function endAll() {
    endTest();
    endFind();
  }

  /**
   * The same text as the runtime takes, without user name and password.
   * @type {Validator}
   */
  function streamUrl(value, opt) {
    const [, host, port = '554'] = STREAM_URL.exec(String(value ?? '').trim()) ?? [];
    const good = IPV6.test(host ?? '') || NAME_OR_IPV4.test(host ?? '');
    if (isBlank(value) || (good && Number(port) >= 1 && Number(port) <= 65535)) return true;
    return this._('tplink-camera.error.streamUrl');
  }

  /**
   * User name and password in the stream's address go into their own fields, which are stored as credentials.
   * @param {FormNode} node
   */
  function moveAccount(node) {
    const url = field(node, 'streamUrl');
    const [, scheme = '', account, rest = ''] = ACCOUNT.exec(url.val() ?? '') ?? [];
    if (account === undefined) return;
    const at = account.includes(':') ? account.indexOf(':') : account.length;
    const moved = { listenUsername: account.slice(0, at), listenPassword: account.slice(at + 1) };
    for (const [property, text] of Object.entries(moved)) {
      if (text !== '') field(node, property).val(decoded(text)).trigger('change');
    }
    url.val(scheme + rest).trigger('change');
  }

  /** @param {string} text */
  function decoded(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  }

  /**
   * One end of the quiet hours; it takes the other.
   * @param {string} property
   * @param {string} other
   * @returns {Validator}
   */
  function timeOfDay(property, other) {
    return function (value, opt) {
      const goesWithout = isBlank($(`#node-config-input-${other}`).val() ?? this[other]);
      if (isBlank(value) ? goesWithout : TIME_OF_DAY.test(String(value).trim())) return true;
      return this._('tplink-camera.error.time', { label: this._(`tplink-camera.label.${property}`) });
    };
  }

  /**
   * Shows what the chosen mode needs, and proposes a night to whoever chooses one.
   * @param {FormNode} node
   */
  function prepareQuietHours(node) {
    const [mode, from, to] = [field(node, 'quietMode'), field(node, 'quietFrom'), field(node, 'quietTo')];
    let before = mode.val();
    function show() {
      const [chosen, blank] = [mode.val(), isBlank(from.val()) && isBlank(to.val())];
      if (before === 'off' && chosen !== 'off' && blank) {
        from.val('22:00').trigger('change');
        to.val('07:00').trigger('change');
      }
      before = chosen;
      // A mistake is in sight even when the mode is off.
      $('#node-config-tplink-camera-quiet').toggle(chosen !== 'off' || !blank);
      $('#node-config-tplink-camera-softer').toggle(chosen === 'softer');
    }
    show();
    mode.on('change', show);
    from.on('input', () => to.trigger('change'));
    to.on('input', () => from.trigger('change'));
  }

  /**
   * Puts the parts of a pasted address into the fields they belong to.
   * @param {FormNode} node
   */
  function takeApart(node) {
    const pasted = pastedFields(node, field(node, 'host').val() ?? '');
    for (const [property, value] of Object.entries(pasted)) {
      const element = field(node, property);
      if (element.val() !== value) element.val(value).trigger('change');
    }
    if ('httpPort' in pasted) $('#node-config-tplink-camera-advanced').prop('open', true);
    if ('listenUsername' in pasted) $('#node-config-tplink-camera-listening').prop('open', true);
  }

  return {
    ...every,
    category: 'config',
    defaults: {
      name: { value: '' },
      host: {
        value: '',
        required: true,
        validate(value, opt) {
          const { host = '' } = tplinkPastedAddress(String(value || '')) ?? {};
          return IPV6.test(host) || NAME_OR_IPV4.test(host) || this._('tplink-camera.error.host');
        },
      },
      port: { value: 554, validate: numberWithin('port', WHOLE, 1, 65535) },
      httpPort: { value: 80, validate: numberWithin('httpPort', WHOLE, 1, 65535) },
      streamPort: { value: 8800, validate: numberWithin('streamPort', WHOLE, 1, 65535) },
      login: { value: 'auto' },
      dialect: { value: 'auto' },
      mode: { value: '' },
      codec: { value: 'auto' },
      packetBytes: { value: 0 },
      packetMs: { value: 40 },
      encrypt: { value: false },
      leadInMs: { value: '', validate: numberWithin('leadInMs', WHOLE, 0, 3000) },
      drainMs: { value: '', validate: numberWithin('drainMs', WHOLE, 0, 10000) },
      idleMs: { value: 5000, validate: numberWithin('idleMs', WHOLE, 0, 3600000) },
      ignoreBusy: { value: false },
      warmUp: { value: false },
      streamUrl: { value: '', validate: streamUrl },
      listenBasic: { value: false },
      quietFrom: { value: '', validate: timeOfDay('quietFrom', 'quietTo') },
      quietTo: { value: '', validate: timeOfDay('quietTo', 'quietFrom') },
      quietMode: { value: 'off' },
      quietGain: { value: -12, validate: numberWithin('quietGain', SIGNED, -40, 0) },
      quietPriority: { value: 10, validate: numberWithin('quietPriority', SIGNED, -1e9, 1e9) },
    },
    credentials: {
      username: { type: 'text' },
      password: { type: 'password' },
      listenUsername: { type: 'text' },
      listenPassword: { type: 'password' },
    },
    // A camera may be addressed by msg.camera alone, so one without users is not a left-over.
    hasUsers: false,
    label() {
      return this.name || this.host || this._('tplink-camera.paletteLabel');
    },
    oneditprepare() {
      const { defaults } = this._def;
      // Node-RED gives a new config node no 0 and no ''.
      showDefaults(this, Object.keys(defaults));
      prepareQuietHours(this);
      const username = field(this, 'username');
      if (username.val() === '') username.val('admin');
      const changed = ADVANCED.some((property) => {
        const value = this[property];
        return value !== undefined && String(value) !== String(defaults[property]?.value) && !isUsual(property, value);
      });
      $('#node-config-tplink-camera-advanced').prop('open', changed);
      const basic = field(this, 'listenBasic');
      const warn = () => $('#node-config-tplink-camera-basic').toggle(basic.is(':checked'));
      basic.on('change', warn);
      warn();
      const listening = basic.is(':checked') || LISTENING.some((property) => !isBlank(field(this, property).val()));
      $('#node-config-tplink-camera-listening').prop('open', listening);
      prepareDialect(this);
      takeApart(this);
      field(this, 'host').on('change', () => takeApart(this));
      // The pasted text is in the field after the event.
      field(this, 'host').on('paste', () => void setTimeout(() => takeApart(this)));
      $('#node-config-tplink-camera-find').on('click', () => runFind(this));
      $('#node-config-tplink-camera-stop').prop('disabled', true).on('click', stopTest);
      moveAccount(this);
      field(this, 'streamUrl').on('change', () => moveAccount(this));
      $('#node-config-tplink-camera-test').on('click', () => {
        offer({});
        runTest(this, 'tplink-camera/test', 'tplink-camera.test.running', {}, ({ settings }) => offer(settings));
      });
      $('#node-config-tplink-camera-chime').on('click', () => {
        runTest(this, 'tplink-camera/chime', 'tplink-camera.test.playing');
      });
      prepareTune(this);
      $('#node-config-tplink-camera-check').on('click', () => {
        runTest(this, 'tplink-camera/check', 'tplink-camera.test.checking');
      });
    },
    oneditcancel: endAll,
    oneditdelete: endAll,
    oneditsave() {
      endAll();
      takeApart(this);
      moveAccount(this);
      for (const property of ['host', 'streamUrl', 'quietFrom', 'quietTo']) {
        const element = field(this, property);
        element.val((element.val() ?? '').trim());
      }
      saveNumbers(this, NUMBERS);
    },
  };
}
