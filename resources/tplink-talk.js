// Form of the talk node.

/** @returns {FormDefinition} */
function tplinkTalkForm() {
  const { SIGNED, WHOLE, cameraOf, everyFlowNode, field, numberWithin, saveNumbers, showDefaults } =
    tplinkForms('tplink-talk');
  const { furtherCameras, isSound, openList, closeList, saveList } = tplinkTalkCameras();
  const { prepareSay, endSay } = tplinkTalkSay(furtherCameras);
  const BUILTIN_CHIMES = ['ding', 'dingdong', 'alert', 'gong', 'attention', 'alarm', 'success', 'error'];
  /** @type {{ end: () => void } | undefined} */
  let sounds;

  function closeForm() {
    endSay();
    sounds?.end();
    closeList();
  }

  return {
    ...everyFlowNode,
    defaults: {
      name: { value: '' },
      camera: {
        value: '',
        type: 'tplink-camera',
        validate(value, opt) {
          const id = value === '_ADD_' ? '' : String(value || '');
          if (id === '') return furtherCameras(this).length > 0 || this._('tplink-talk.error.camera');
          return isSound(id) || this._('tplink-talk.error.cameras');
        },
      },
      cameras: {
        value: [],
        type: 'tplink-camera',
        validate(value, opt) {
          return value === undefined || furtherCameras(this).every(isSound) || this._('tplink-talk.error.cameras');
        },
      },
      audio: {
        value: 'payload',
        validate(value, opt) {
          if (value === undefined) return true;
          const type = $('#node-input-audioType').val() || this.audioType;
          if (String(value).trim() === '') return this._('tplink-talk.error.audio');
          return type === 'say' || type === 'sound' || RED.utils.validateTypedProperty(value, type, opt);
        },
      },
      audioType: { value: 'msg' },
      voice: { value: '', type: 'tplink-voice', required: false },
      chime: {
        value: '',
        validate(value, opt) {
          const type = $('#node-input-chimeType').val() || this.chimeType;
          const chime = String(value || '').trim();
          if (type === 'builtin')
            return BUILTIN_CHIMES.includes(chime) || /^sound:./.test(chime) || this._('tplink-talk.error.chime');
          return type !== 'str' || chime !== '' || this._('tplink-talk.error.chimeFile');
        },
      },
      chimeType: { value: 'none' },
      gain: { value: 0, validate: numberWithin('gain', SIGNED, -40, 20) },
      normalize: { value: false },
      speakerVolume: { value: '', validate: numberWithin('speakerVolume', WHOLE, 0, 100) },
      whenBusy: { value: 'queue' },
      maxQueue: { value: 20, validate: numberWithin('maxQueue', WHOLE, 0, 1000) },
      maxSeconds: { value: 600, validate: numberWithin('maxSeconds', SIGNED, 0.1, 86400) },
      streamTimeoutSeconds: { value: 10, validate: numberWithin('streamTimeoutSeconds', SIGNED, 0.1, 3600) },
      retrySeconds: { value: 120, validate: numberWithin('retrySeconds', SIGNED, 0, 86400) },
      maxWaitSeconds: { value: 180, validate: numberWithin('maxWaitSeconds', SIGNED, 0, 86400) },
      repeat: { value: 1, validate: numberWithin('repeat', WHOLE, 1, 1000) },
      repeatPause: { value: 0, validate: numberWithin('repeatPause', SIGNED, 0, 3600) },
      // Has no field; flows made before there was retrySeconds keep theirs.
      retries: { value: '', validate: numberWithin('retries', WHOLE, 0, 100) },
      outputs: { value: 1, validate: numberWithin('outputs', WHOLE, 1, 2) },
    },
    /**
     * @this {FormNode}
     * @param {number} index
     */
    outputLabels(index) {
      if (this.outputs !== 2) return this._('tplink-talk.outputLabel');
      return this._(index === 0 ? 'tplink-talk.outputLabel' : 'tplink-talk.otherOutputLabel');
    },
    label() {
      const [further, ...more] = furtherCameras(this);
      const first = cameraOf(this) || (further && cameraOf(this, further));
      const count = cameraOf(this) && further ? more.length + 1 : more.length;
      const cameras = first && count > 0 ? `${first} +${count}` : first;
      return this.name || cameras || this._('tplink-talk.paletteLabel');
    },
    oneditprepare() {
      openList(this, field(this, 'camera'));
      prepareSay(this);
      showDefaults(this, ['audio', 'audioType', 'chimeType', 'whenBusy', 'outputs']);
      const [audio, chime] = [field(this, 'audio'), field(this, 'chime')];
      const list = tplinkTalkSounds(this, BUILTIN_CHIMES, () => {
        if (audio.typedInput('type') === 'sound') audio.typedInput('types', audioTypes);
        if (chime.typedInput('type') === 'builtin') chime.typedInput('types', chimeTypes);
      });
      sounds = list;
      const audioTypes = [
        'msg',
        { value: 'say', label: this._('tplink-talk.audio.say'), icon: 'fa fa-commenting-o' },
        {
          value: 'sound',
          label: this._('tplink-talk.audio.sound'),
          icon: 'fa fa-bell-o',
          options: () => list.choices('audio'),
        },
        { value: 'str', label: this._('tplink-talk.audio.file'), icon: 'fa fa-file-audio-o' },
        ...['flow', 'global', 'env', 'jsonata'],
      ];
      const chimeTypes = [
        { value: 'none', label: this._('tplink-talk.chime.none'), hasValue: false },
        {
          value: 'builtin',
          label: this._('tplink-talk.audio.sound'),
          icon: 'fa fa-bell-o',
          options: () => list.choices('chime'),
        },
        { value: 'str', label: this._('tplink-talk.chime.file'), icon: 'fa fa-file-audio-o' },
      ];
      audio.typedInput({ default: 'msg', typeField: '#node-input-audioType', types: audioTypes });
      chime.typedInput({ default: 'none', typeField: '#node-input-chimeType', types: chimeTypes });
      list.begin();
    },
    oneditcancel: closeForm,
    oneditdelete: closeForm,
    oneditsave() {
      endSay();
      sounds?.end();
      saveList(this, field(this, 'camera'));
      saveNumbers(this, [
        'gain',
        'speakerVolume',
        'maxQueue',
        'maxSeconds',
        'streamTimeoutSeconds',
        'retrySeconds',
        'maxWaitSeconds',
        'repeat',
        'repeatPause',
      ]);
    },
  };
}
