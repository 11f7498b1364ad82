#!/bin/sh
# Makes the spoken sounds of the tests and of the demo anew. Their makers must be installed: espeak-ng, and ffmpeg with libmp3lame,
# libopus, aac and flac. The results are committed, so nobody needs this to build, test or run the package.
# Usage: sh scripts/make-fixtures.sh
set -eu

cd "$(dirname "$0")/.."
fixtures=test/fixtures/audio
assets=scripts/assets
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$fixtures" "$assets"

# speak <name> <words per minute> <text>: a 22050 Hz mono WAV
speak() {
  espeak-ng -v en-gb -s "$2" -w "$work/$1.wav" "$3"
}

# convert <name> <output> <ffmpeg's output options ...>: no tags, no writer's version, so that the bytes depend on little
convert() {
  name=$1
  output=$2
  shift 2
  ffmpeg -nostdin -v error -y -i "$work/$name.wav" -map_metadata -1 -fflags +bitexact -flags:a +bitexact "$@" "$output"
}

speak long 150 'There is a parcel for you at the front door. Please put it into the box beside the gate, and ring the bell.'
speak short 150 'Good evening. The garage door is still open.'
speak announcement 140 'Somebody is at the front door. Somebody is at the front door.'

# What text-to-speech services deliver: MPEG 2 layer III with an Info header, no ID3v2 tag.
convert long "$fixtures/speech-24k.mp3" -t 5 -ar 24000 -ac 1 -c:a libmp3lame -b:a 32k -id3v2_version 0
# What music programs deliver: MPEG 1 layer III, joint stereo, an ID3v2 tag and an ID3v1 tag.
convert short "$fixtures/speech-44k-stereo.mp3" -t 2 -ar 44100 -ac 2 -c:a libmp3lame -b:a 64k \
  -metadata title='Good evening' -id3v2_version 3 -write_id3v1 1
convert short "$fixtures/speech-8k.alaw" -ar 8000 -ac 1 -c:a pcm_alaw -f alaw
convert short "$fixtures/speech-16k.wav" -t 3 -ar 16000 -ac 1 -c:a pcm_s16le
convert short "$fixtures/speech.ogg" -ar 24000 -ac 1 -c:a libopus -b:a 24k
# ffmpeg leaves the index (moov) behind the sound unless asked: no reader without seeking gets at it.
convert short "$fixtures/speech.m4a" -ar 24000 -ac 1 -c:a aac -b:a 32k
convert short "$fixtures/speech.flac" -ar 16000 -ac 1 -c:a flac

convert announcement "$assets/announcement.mp3" -ar 24000 -ac 1 -c:a libmp3lame -b:a 32k -id3v2_version 0

ls -l "$fixtures" "$assets"
