import t from 'tap'
import { factsFromDescription, factsFromProbe, factsFromY4mHeader } from '#platform/media/media-facts.ts'

t.test('facts: rotated by a quarter turn, covers of albums are no video', async (t) => {
  const video = {
    codec_type: 'video',
    codec_name: 'h264',
    width: 640,
    height: 360,
    avg_frame_rate: '30000/1001',
  }
  const json = JSON.stringify({
    streams: [{ ...video, side_data_list: [{ rotation: -90 }] }],
    format: { format_name: 'matroska,webm', duration: '2.5' },
  })
  t.match(factsFromProbe(json), {
    format: 'matroska',
    width: 360,
    height: 640,
    frameRate: { numerator: 30_000, denominator: 1001 },
  })
  const cover = { streams: [{ ...video, disposition: { attached_pic: 1 } }], format: { format_name: 'mp3' } }
  t.equal(factsFromProbe(JSON.stringify(cover)), undefined)

  const described = [
    "Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'x':",
    '  Duration: 01:02:03.50, start: 0.000000, bitrate: 118 kb/s',
    '  Stream #0:0(und): Video: hevc (Main) (hvc1 / 0x31637668), yuv420p, 1920x1080, 9 kb/s, 23.98 fps, 90k tbn',
    '      displaymatrix: rotation of -90.00 degrees',
  ]
  t.strictSame(factsFromDescription(described.join('\n')), {
    format: 'mp4',
    codec: 'hevc',
    durationSec: 3723.5,
    width: 1080,
    height: 1920,
    frameRate: { numerator: 24_000, denominator: 1001 },
    hasConstantRate: false,
    hasAudio: false,
  })
})

t.test('facts from what ffmpeg says', async (t) => {
  const stream = (rest: string) =>
    `  Duration: 00:01:30.50, start: 0.0\n  Stream #0:0[0x1](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p(tv, bt709), ${rest}`
  t.strictSame(
    factsFromDescription(stream('640x360 [SAR 1:1 DAR 16:9], 456 kb/s, 12 fps, 12 tbr, 12288 tbn')),
    {
      format: 'unknown',
      codec: 'h264',
      width: 640,
      height: 360,
      frameRate: { numerator: 12, denominator: 1 },
      hasConstantRate: true,
      durationSec: 90.5,
      hasAudio: false,
    },
  )
  const ntsc = factsFromDescription(stream('640x360, 23.98 fps, 23.98 tbr, 24k tbn'))
  t.strictSame(ntsc?.frameRate, { numerator: 24_000, denominator: 1001 })
  const turned = `${stream('640x360, 25 fps, 50 tbr, 24k tbn')}\n      displaymatrix: rotation of -90.00 degrees`
  t.match(factsFromDescription(turned), {
    width: 360,
    height: 640,
    frameRate: { numerator: 25, denominator: 1 },
    hasConstantRate: false,
  })
  const cover =
    '  Duration: N/A\n  Stream #0:1: Video: mjpeg, yuvj420p, 600x600, 90k tbr, 90k tbn (attached pic)'
  t.equal(factsFromDescription(cover), undefined)
  t.equal(factsFromDescription('  Stream #0:0: Audio: aac, 44100 Hz'), undefined)
  const sizeless = factsFromDescription('  Stream #0:0: Video: mpeg4, yuv420p, 10 tbr, 90k tbn')
  t.match(sizeless, { width: 0, height: 0 }, 'no size')
  t.match(factsFromY4mHeader('YUV4MPEG2 W640 H360 F30000:1001 Ip C420\n'), {
    width: 640,
    height: 360,
    frameRate: { numerator: 30_000, denominator: 1001 },
    hasConstantRate: true,
  })
  t.equal(factsFromY4mHeader('HTTP/1.1 200 OK'), undefined)
})

t.test('even rates, and what does not say how long or how fast it is', async (t) => {
  const about = (stream: object, format: object = {}) =>
    factsFromProbe(
      JSON.stringify({
        streams: [{ codec_type: 'video', width: 2, height: 2, ...stream }, { codec_type: 'audio' }],
        format: { format_name: 'avi', ...format },
      }),
    )
  const even = about({ avg_frame_rate: '25/1', r_frame_rate: '25/1', duration: '4.5' })
  t.match(even, { hasConstantRate: true, durationSec: 4.5, hasAudio: true, codec: 'unknown' })
  t.match(about({ avg_frame_rate: '25/1', r_frame_rate: '50/1' }), { hasConstantRate: false })
  const unsaid = about({}, { duration: 'N/A' })!
  t.notOk('durationSec' in unsaid || 'frameRate' in unsaid)
  t.throws(() => factsFromProbe('{}'))
  t.throws(() => factsFromProbe('no JSON'))
})

t.test('what a file says of itself in its tags is no fact', async (t) => {
  const text = [
    '    comment         : Duration: 09:00:00.00 and displaymatrix: rotation of 90',
    '  Duration: 00:00:02.00, start: 0.0',
    '  Stream #0:0: Video: mpeg4, yuv420p, 64x48, 10 fps, 10 tbr',
  ].join('\n')
  t.match(factsFromDescription(text), { width: 64, height: 48, durationSec: 2 })
})
