// The test buttons of a form: ask the runtime, and show its report line by line.

/** @typedef {{ key: string, values?: Readonly<Record<string, string | number>>, detail?: string }} Remark */
/** @typedef {Remark & { outcome: string, name: string, reasons?: readonly Remark[] }} Step */
/** @typedef {{ setting: string, value: string | number, mode: string, said: readonly Remark[] }} Trial */
/** @typedef {{ settings: Readonly<Record<string, string | number>>, tried: readonly Trial[] }} Tuned */

/**
 * @param {string} type whose catalogue is spoken from
 * @param {readonly string[]} buttons the last words of their ids
 * @param {'node-config' | 'node'} [form] what ids begin with
 */
function tplinkReport(type, buttons, form = 'node-config') {
  const STEPS = `#${form}-${type}-steps`;
  const VERDICT = `#${form}-${type}-verdict`;
  const REPORT = `#${form}-${type}-report`;
  const STOP = `#${form}-${type}-stop`;
  /** @type {Readonly<Record<string, string>>} */
  const ICONS = {
    ok: 'fa-check-circle',
    warning: 'fa-warning',
    failed: 'fa-times-circle',
    skipped: 'fa-minus-circle',
    running: 'fa-spinner fa-spin',
  };
  /**
   * What the settings call these values is too long for a sentence.
   * @type {readonly unknown[]}
   */
  const NAMED = ['half_duplex', 'full_duplex', 'vad', 'aec', 'pcma8k', 'pcmu16k'];
  /** @type {Readonly<Record<string, string>>} */
  const UNITS = { leadInMs: 'ms', drainMs: 'ms', packetBytes: 'bytes', packetMs: 'ms' };
  /**
   * What the open dialog has asked for; only one dialog of a kind is open at a time.
   * @type {EditorRequest | undefined}
   */
  let testing;
  /**
   * Of the report that can be saved.
   * @type {string | undefined}
   */
  let reportUrl;

  function endTest() {
    const request = testing;
    dropReport();
    // First, because ending it calls back.
    testing = undefined;
    request?.abort();
  }

  /** Ends what runs, and says so. */
  function stopTest() {
    testing?.abort();
  }

  /**
   * @param {string} json
   * @returns {unknown}
   */
  function parsed(json) {
    return JSON.parse(json);
  }

  /**
   * A setting's value in words.
   * @param {FormNode} node
   * @param {string} setting
   * @param {string | number} value
   */
  function valueText(node, setting, value) {
    const unit = UNITS[setting];
    if (unit !== undefined) return `${value} ${node._(`${type}.unit.${unit}`)}`;
    return NAMED.includes(value) ? node._(`${type}.test.value.${value}`) : String(value);
  }

  /**
   * @param {FormNode} node
   * @param {Remark} remark
   * @param {string} [about] what its value is the value of
   */
  function sentence(node, { key, values = {} }, about = '') {
    /** @type {Record<string, string>} */
    const texts = {};
    for (const [name, value] of Object.entries(values)) {
      texts[name] = valueText(node, name === 'value' ? about : '', value);
    }
    return node._(`${type}.probe.${key}`, texts);
  }

  /**
   * Puts one line of a report into the list, above the one that says that more is to come.
   * @param {string} outcome
   * @param {string} label
   * @param {string} text
   * @param {readonly (string | undefined)[]} [details]
   */
  function showLine(outcome, label, text, details = []) {
    const line = $('<li>').addClass(`tplink-${outcome}`);
    const icon = $('<i class="fa">').addClass(ICONS[outcome] ?? '');
    line.append(icon, $('<b>').text(label), label ? ' ' : '', $('<span>').text(text));
    for (const detail of details) if (detail) line.append($('<div class="tplink-detail">').text(detail));
    const list = $(STEPS);
    const running = list.children('.tplink-running');
    if (running.length > 0) running.before(line);
    else list.append(line);
  }

  /**
   * @param {FormNode} node
   * @param {Step} step
   */
  function showStep(node, step) {
    const text = sentence(node, step, step.name);
    if (step.outcome === 'running') {
      $(`${STEPS} > .tplink-running > span`).text(text);
      return;
    }
    // The particulars of a failure are in English, for whoever is asked for help.
    const { reasons = [] } = step;
    const why = reasons.flatMap((reason) => [sentence(node, reason), reason.detail]);
    showLine(step.outcome, node._(`${type}.test.step.${step.name}`), text, [...why, step.detail]);
  }

  /**
   * A link that saves the report, or why there is none; the file is made in the browser and sent nowhere.
   * @param {FormNode} node
   * @param {{ report?: string, heard?: boolean, noReport?: string }} told
   */
  function offerReport(node, { report, heard, noReport }) {
    dropReport();
    if (report === undefined) {
      $(REPORT).text(node._(`${type}.test.noReport.${noReport}`));
      return;
    }
    reportUrl = URL.createObjectURL(new Blob([report], { type: 'application/json' }));
    const link = $('<a>')
      .attr({ href: reportUrl, download: 'camera-report.json' })
      .text(node._(`${type}.test.report`));
    const hints = [`${type}.test.reportHint`, ...(heard ? [`${type}.test.reportHeard`] : [])];
    $(REPORT).append(link, ...hints.map((hint) => $('<div class="tplink-hint">').text(node._(hint))));
  }

  function dropReport() {
    if (reportUrl !== undefined) URL.revokeObjectURL(reportUrl);
    reportUrl = undefined;
    $(REPORT).empty();
  }

  /**
   * @param {FormNode} node
   * @param {EditorRequest} request
   */
  function showRefusal(node, request) {
    const { key, values } = refusalOf(request);
    const outcome = key === 'stopped' ? 'skipped' : 'failed';
    showLine(outcome, '', node._(`${type}.test.${key}`, values));
  }

  /**
   * @param {EditorRequest} request
   * @returns {{ key: string, values?: object }}
   */
  function refusalOf(request) {
    if (request.statusText === 'abort') return { key: 'stopped' };
    // Reasons of our own come as JSON.
    if (/^application\/json/.test(request.getResponseHeader('Content-Type') ?? '')) {
      return /** @type {{ key: string, values?: object }} */ (parsed(request.responseText));
    }
    if (request.status === 401 || request.status === 403) return { key: 'unauthorized' };
    return { key: 'lost', values: { reason: request.status ? `HTTP ${request.status}` : request.statusText } };
  }

  /** @param {Elements} field */
  function valueOf(field) {
    return field.is(':checkbox') ? String(field.is(':checked')) : field.val();
  }

  /**
   * What the dialog holds, saved or not.
   * @param {FormNode} node
   */
  function dialogFields(node) {
    const { defaults, credentials } = node._def;
    const properties = Object.keys({ ...defaults, ...credentials });
    return {
      id: node.id,
      ...Object.fromEntries(properties.map((property) => [property, valueOf($(`#${form}-input-${property}`))])),
    };
  }

  /**
   * What the form marks as wrong; environment variables are looked up by the runtime.
   * @param {FormNode} node
   * @param {Readonly<Record<string, string | undefined>>} fields
   */
  function mistakes(node, fields) {
    return Object.entries(node._def.defaults).flatMap(([property, { validate }]) => {
      const value = fields[property];
      if (validate === undefined || /^\$[{(]\w+[)}]$/.test(value ?? '')) return [];
      const verdict = validate.call(node, value, {});
      return verdict === true ? [] : [verdict];
    });
  }

  /**
   * @param {FormNode} node
   * @param {string} path relative, because the editor may live under another root
   * @param {string} waiting what to say meanwhile, a key of the catalogue
   * @param {object} [more] beside the fields
   * @param {(tuned: Tuned) => void} [onTuned] told of what was found
   */
  function runTest(node, path, waiting, more = {}, onTuned = () => undefined) {
    const pressed = $(buttons.map((button) => `#${form}-${type}-${button}`).join(', '));
    $(`${STEPS}, ${VERDICT}`).empty();
    dropReport();
    const fields = dialogFields(node);
    const wrong = mistakes(node, fields);
    for (const verdict of wrong) showLine('failed', '', verdict);
    if (wrong.length > 0) return;

    let shown = 0;
    let read = 0;
    /** @param {string} text */
    function readSteps(text) {
      for (let end = text.indexOf('\n', read); end !== -1; end = text.indexOf('\n', read)) {
        const line = text.slice(read, end);
        read = end + 1;
        // A proxy may answer with a page of its own.
        if (!line.startsWith('{')) return;
        const told =
          /** @type {Step & { verdict?: string, report?: string, heard?: boolean, noReport?: string, tuned?: Tuned }} */ (
            parsed(line)
          );
        if (told.report ?? told.noReport) offerReport(node, told);
        else if (told.verdict) $(VERDICT).text(node._(`${type}.probe.${told.verdict}`));
        else if (told.tuned) onTuned(told.tuned);
        else showStep(node, told);
        shown += 1;
      }
    }
    pressed.prop('disabled', true);
    $(STOP).prop('disabled', false);
    showLine('running', '', node._(waiting));
    const request = $.ajax({
      url: path,
      type: 'POST',
      contentType: 'application/json',
      data: JSON.stringify({ ...fields, ...more }),
      dataType: 'text',
      xhrFields: {
        onprogress({ target }) {
          if (testing === request && target.status === 200) readSteps(target.responseText);
        },
      },
    });
    testing = request;
    request.always(() => {
      // The dialog was closed meanwhile.
      if (testing !== request) return;
      testing = undefined;
      pressed.prop('disabled', false);
      $(STOP).prop('disabled', true);
      $(`${STEPS} > .tplink-running`).remove();
      if (request.status === 200) readSteps(request.responseText);
      if (request.state() === 'rejected' || shown === 0) showRefusal(node, request);
    });
  }

  /**
   * How the runtime finds a config node: by its id, or by its fields while they are not deployed.
   * @param {string} id
   * @returns {string | object}
   */
  function toTry(id) {
    const node = RED.nodes.node(id);
    if (!node?.changed) return id;
    const { defaults, credentials = {} } = node._def;
    const held = node.credentials ?? {};
    /** @type {[string, unknown][]} */
    const fields = Object.keys(defaults).map((property) => [property, node[property]]);
    /** @type {[string, unknown][]} */
    const secrets = Object.keys(credentials).map((property) => {
      return [property, held[property] ?? (held[`has_${property}`] ? '__PWRD__' : '')];
    });
    return { ...Object.fromEntries([...fields, ...secrets]), id };
  }

  return { runTest, endTest, stopTest, toTry, refusalOf, sentence, valueText };
}
