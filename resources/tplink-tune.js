// *Find the best settings* of the camera form: the report is tplink-report.js's, *Apply* fills the fields with what was found.

/** @param {ReturnType<typeof tplinkReport>['runTest']} runTest */
function tplinkTune(runTest) {
  const APPLY = '#node-config-tplink-camera-apply';
  /** @type {Readonly<Record<string, string | number>>} */
  let found = {};

  /** @param {Readonly<Record<string, string | number>>} settings */
  function offer(settings) {
    found = settings;
    $(APPLY).prop('disabled', Object.keys(settings).length === 0);
  }

  /** @param {FormNode} node */
  function prepareTune(node) {
    offer({});
    $('#node-config-tplink-camera-tune').on('click', () => {
      offer({});
      runTest(node, 'tplink-camera/tune', 'tplink-camera.test.tuning', {}, offer);
    });
    $(APPLY).on('click', () => {
      for (const [property, value] of Object.entries(found)) {
        $(`#node-config-input-${property}`).val(String(value)).trigger('change');
      }
      $('#node-config-tplink-camera-advanced').prop('open', true);
    });
  }

  return { prepareTune };
}
