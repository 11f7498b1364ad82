// *Find the best settings* of the camera form: the report is tplink-report.js's; below it what was tried, and *Apply* fills the fields with what was found.

/** @param {Pick<ReturnType<typeof tplinkReport>, 'runTest' | 'sentence' | 'valueText'>} report */
function tplinkTune({ runTest, sentence, valueText }) {
  const APPLY = '#node-config-tplink-camera-apply';
  const STEPS = '#node-config-tplink-camera-steps';
  const COLUMNS = ['Setting', 'Value', 'Heard', 'Chosen'];
  /** @type {Readonly<Record<string, string | number>>} */
  let found = {};

  /**
   * What *Apply* takes over.
   * @param {Readonly<Record<string, string | number>>} settings
   */
  function offer(settings) {
    found = settings;
    $(APPLY).prop('disabled', Object.keys(settings).length === 0);
  }

  /**
   * Each setting with what was tried of it, what was heard of that, and what was chosen.
   * @param {FormNode} node
   * @param {Tuned} tuned
   */
  function showTried(node, { settings, tried }) {
    if (tried.length === 0) return;
    const table = $('<table>');
    /** @param {readonly Elements[]} cells */
    const addRow = (cells) => table.append($('<tr>').append(...cells));
    addRow(COLUMNS.map((name) => $('<th>').text(node._(`tplink-camera.test.tried${name}`))));
    /** @param {string} text */
    const cell = (text) => $('<td>').text(text);
    for (const setting of new Set([...tried.map((trial) => trial.setting), ...Object.keys(settings)])) {
      const chosen = settings[setting];
      const trials = tried.filter((trial) => trial.setting === setting);
      const label = $('<th>').text(node._(`tplink-camera.test.step.${setting}`));
      const choice = cell(chosen === undefined ? '–' : valueText(node, setting, chosen));
      const cells = trials.map(({ value, mode, said }) => {
        const elsewhere = setting !== 'mode' && mode !== settings['mode'];
        const place = elsewhere ? ` (${valueText(node, 'mode', mode)})` : '';
        const heard = said.map((remark) => sentence(node, remark)).join(' · ');
        return [cell(valueText(node, setting, value) + place), cell(heard)];
      });
      // What is lost at the end is heard in the sounds that tell what is lost at the beginning.
      const [first = [cell('–'), cell('–')], ...others] = cells;
      const height = String(Math.max(1, cells.length));
      addRow([label.attr({ rowspan: height }), ...first, choice.attr({ rowspan: height })]);
      for (const other of others) addRow(other);
    }
    const summary = $('<summary>').text(node._('tplink-camera.test.tried'));
    $(STEPS).append($('<li class="tplink-tried">').append($('<details>').append(summary, table)));
  }

  /** @param {FormNode} node */
  function prepareTune(node) {
    offer({});
    $('#node-config-tplink-camera-tune').on('click', () => {
      offer({});
      runTest(node, 'tplink-camera/tune', 'tplink-camera.test.tuning', {}, (tuned) => {
        offer(tuned.settings);
        showTried(node, tuned);
      });
    });
    $(APPLY).on('click', () => {
      for (const [property, value] of Object.entries(found)) {
        $(`#node-config-input-${property}`).val(String(value)).trigger('change');
      }
      $('#node-config-tplink-camera-advanced').prop('open', true);
    });
  }

  return { prepareTune, offer };
}
