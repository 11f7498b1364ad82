// What the dialect changes in the camera form: which fields there are, which password is asked for, what blank means.

/** @param {ReturnType<typeof tplinkForms>} forms */
function tplinkDialect({ field }) {
  const STORED_SECRET = '__PWRD__';
  const HTTP_TALK_USER = 'admin';
  const ROWS = '.tplink-form [data-dialects';
  /**
   * The same as src/dialects.ts.
   * @type {Readonly<Record<string, string>>}
   */
  const USUAL = { mode: 'half_duplex', leadInMs: '300', drainMs: '600' };
  /** @type {Readonly<Record<string, string>>} */
  const OF_TAPO = { ...USUAL, mode: 'aec', leadInMs: '500' };

  /** @param {FormNode} node */
  function dialectOf(node) {
    return field(node, 'dialect').val() ?? 'auto';
  }

  /** @param {FormNode} node */
  function isHttpTalk(node) {
    return ['tapo', 'vigi-stream'].includes(dialectOf(node));
  }

  /**
   * Forms used to save the usual values, which now are blank.
   * @param {string} property
   * @param {unknown} value
   */
  function isUsual(property, value) {
    return String(value) === USUAL[property];
  }

  /** @param {FormNode} node */
  function showBlanks(node) {
    const own = dialectOf(node) === 'tapo' ? OF_TAPO : USUAL;
    const mode = node._(`tplink-camera.mode.${own['mode'] ?? ''}`);
    field(node, 'mode').children('[value=""]').text(node._('tplink-camera.mode.auto', { mode }));
    for (const property of ['leadInMs', 'drainMs']) {
      field(node, property).attr({ placeholder: own[property] ?? '' });
    }
    if (own === USUAL) return;
    // They count as blank in this dialect.
    for (const property of ['mode', 'leadInMs']) {
      const element = field(node, property);
      if (isUsual(property, element.val())) element.val('').trigger('change');
    }
  }

  /**
   * Shows what the chosen dialect has. A stored password is that of the camera or of a TP-Link account: it stays with the dialects it was entered for.
   * @param {FormNode} node
   */
  function prepareDialect(node) {
    const [dialect, password] = [field(node, 'dialect'), field(node, 'password')];
    const storedForTapo = dialectOf(node) === 'tapo';
    let taken = false;
    function show() {
      const chosen = dialectOf(node);
      $(`${ROWS}]`).toggle(false);
      $(`${ROWS}~="${chosen}"]`).toggle(true);
      const isTapo = chosen === 'tapo';
      if (isTapo) $('#node-config-tplink-camera-listening').prop('open', true);
      if (isTapo !== storedForTapo && password.val() === STORED_SECRET) {
        taken = true;
        password.val('').trigger('change');
      } else if (isTapo === storedForTapo && taken) {
        taken = false;
        if (password.val() === '') password.val(STORED_SECRET).trigger('change');
      }
      showBlanks(node);
      // Last: of a disabled choice jQuery gives no value.
      field(node, 'mode').children('[value="half_duplex"]').prop('disabled', isTapo);
    }
    show();
    dialect.on('change', show);
  }

  /**
   * The parts of a pasted address by the fields they belong to: of a web address the port is that of the talk, every account but `admin` is for listening.
   * @param {FormNode} node
   * @param {string} text
   * @returns {Readonly<Record<string, string>>}
   */
  function pastedFields(node, text) {
    const pasted = tplinkPastedAddress(text);
    if (pasted === undefined) return {};
    if (!isHttpTalk(node)) return { ...pasted };
    const { httpPort, username, password, ...rest } = pasted;
    const listens = username !== undefined && username !== HTTP_TALK_USER;
    return {
      ...rest,
      ...(httpPort !== undefined && { streamPort: httpPort }),
      ...(listens && { listenUsername: username }),
      ...(password !== undefined && { [listens ? 'listenPassword' : 'password']: password }),
    };
  }

  return { prepareDialect, pastedFields, isUsual };
}
