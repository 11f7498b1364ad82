// Generated: raw AAC-LC frames, 16 kHz mono, 1024 samples each. A beep of one second that can be repeated without a break; no headers, no encoder.
// Made once by ffmpeg's own encoder: sixteen frames from the middle of six equal periods of 16384 samples, each half a period of
// 1 kHz at 0.3 of full scale with raised-cosine ends of 1024 samples, and half a period of silence:
//   ffmpeg -f s16le -ar 16000 -ac 1 -i beeps.s16 -c:a aac -b:a 16k -f adts beeps.aac

/** A frame without sound. */
export const AAC_SILENCE = Buffer.from('01182007', 'hex');

const SOUND = [
  'AOSXjDwE0CgbjMEhZW6aP9o05Gte35wEvWgB2z9j0COkTtG67oL7BtD4yzyzqemmRUlSWfPLxy/trtiL7EnvsjBwkJG+JgMQt+GiYjkMN7JJ' +
    '3T0QYnyyRYjCfi6ndj97pPi7h+n1xWQ/qK2oLALIVkaMPfLAz5Z8sDEmjAz5YGHpkgYkPaMDD3A=',
  'AOTvLxRgAzx2OtasAAwxjmHFbZcKhc2xvWu6uLpCe9e/cf+P/7/4/E2Tnr6sSCQkYxI5yRR4EHJfopEaCK3EYMMjCgkYDiKR9G5WOSfFJTKR' +
    'KTKJS5hKTFJQV0n7aRGki2ARiRyMiQRKTARbBtIJJMAlJpErWCJYvKEs3oyWs2ZLZ7Ylvd6Q5r5wIfnB/ufE/5EP6piPUfFhHY4igJJKLMJU' +
    'KpKvUJUZ5KZHJQWkp8O7j/9SJlEWvIwYBGdMIyYhFybFH4TKwyUGISixiUaISgvJMNYwNfkQmIpaRfAIveRcsiclSggH6okIhIpiRzkijwIP' +
    'YUH7d/0kQBIhDj0H2XWqTKXrX4L9d+e7ywpPTu4e1fWfXes40Cvdi9W++9G41HFyOc9V6r1XKayBJYrOuPbVjmzmRkcTidpsLUkaSnsVYo5U' +
    'eZkZ2dnWqkAZsynm08qctTNLGsWpKBXA',
  'APIvmbY0MRQE4QCkQCPsfcIkKDs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7OztXTXTXS7CVPciQuaweMiAbhLP/WYh8gP8QQT/qqfWIl8g+AE5puNp5' +
    'akowoKEhISEhISEhISEhISEhISEhJW688888888888888888888888BXkzBw',
  'APAvmbY2MRQE4QCkggPyfqBADs7Ozs7Ozs7Ozs7Ozs7PTXTXTXTXTXTXjhjhjhjhTWzlT+USFzWDxkQDcJZ/6zEPkB/iCCf9VT6xEvkHwAnN' +
    'NxtPLUlGFByaumumumumumumumumtnZ2dnZ2dnZ2dn+nO89zvPPPPPPPPPPPPPPPPPAV62mDgA==',
  'APIvmbY0KRgE4QCkIA+T7gkhQdnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnYSp7kSFzWDxkQDcJZ/6zEPkB/iCCf9VT6xEvkHwAnNNxtPLUl' +
    'GFBQkJCQkJCQkJCQkJCQkJCXnnnnnnnnnnnnnnnnnnnnnnnnnngK8mYO',
  'APAvmbY2ORAE4QCtCAfk/UEAHZ2dnZ2dnZ2dnZ2dnZ2emumumumumumvHDHDHDHCmtnKn8okLmsHjIgG4Sz/1mIfID/EEE/6qn1iJfIPgBOa' +
    'bjaeWpKMKDk1dNdNdNdNdNdNdNdNbOzs7Ozs7Ozs7Ozs7Oz87zzzzzzzzzzzzzzzzzwFetpg4A==',
  'APIvmbY0KRgE4QCiEA+T7gXCg7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7OwlT3IkLmsHjIgG4Sz/1mIfID/EEE/6qn1iJfIPgBOabjaeWpK' +
    'MKChISEhISEhISEhISEhISEvPPPPPPPPPPPPPPPPPPPPPPPPPPAV5Mwc',
  'AOQvmZY6IimCIQAOfk++gAAdnN6HQmdnZ6HmlaVpbNKPQ870VTjNpm6Tyz9J+mXj3/182BvziFyVmVSgNhcY//xCXliWy+kRD2l/hiyf9eX8' +
    'CZL56rJ5CTZwvwdatMMtl6hydoq74/0j/GK1CtQrYDsA/mfMfmYsDj+Z3RfMcgO7HlbYAYviwPjMV2JWOHevKRA7reJFbvQlY4dQzEpx82Mi' +
    'KrxTmzV4',
  'AOQvmbYqGjQFTs72ccSFwCgLAjoKSTOjsMzsszpIwpUlSSUVUSQsCiosLEt1ly3WW8/OpQGwuMcnBIOWS8EfIAl+Bf8kRL8kn4HSXyI8JE5R' +
    'LOJ+DvVphlsu6lyi3DkgsgsgvQYH8DAwMzdFkbpmrDdA+xFkTNt2jdM0RdW6BBctuq9JBTUJWiRF6GtZe0XKpSqvMs71IJBbslWEC4A=',
];

/** Sixteen frames, 1.024 s. */
export const AAC_BEEP: readonly Buffer[] = Array.from({ length: 16 }, (_, at) => {
  const frame = SOUND[at];
  return frame === undefined ? AAC_SILENCE : Buffer.from(frame, 'base64');
});
