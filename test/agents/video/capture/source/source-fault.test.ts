import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import {
  assertWithinLimits,
  forbiddenSource,
  isSourceFault,
  sourceFault,
} from '../../../../../services/agents/video/capture/source/source-fault.ts'

t.test('faults of what was requested are the answer, all others are retried', async (t) => {
  t.ok(isSourceFault(new MurmurError('BROKEN_FILE', 'x')))
  t.ok(isSourceFault(new MurmurError('SOURCE_UNAVAILABLE', 'x')))
  t.notOk(isSourceFault(new MurmurError('UNAVAILABLE', 'x')))
  t.notOk(isSourceFault(new Error('x')))
})

t.test('why ffmpeg made no picture, from what it wrote', async (t) => {
  const cases = [
    ['file', 'Picture size 16000x9000 exceeds specified max pixel count', 'LIMIT_EXCEEDED', /16000 × 9000/],
    ['file', "Format hls not on whitelist 'mov'", 'UNSUPPORTED_FORMAT', /the file is a playlist/],
    ['http', "Protocol 'file' not on whitelist", 'ADDRESS_FORBIDDEN', /something else than http/],
    [
      'file',
      "Input #0, mp3, from 'x':\n  Stream #0:0: Audio: mp3",
      'UNSUPPORTED_FORMAT',
      /no moving picture/,
    ],
    [
      'file',
      "Input #0, mp3, from 'x':\n  Stream #0:1: Video: mjpeg, 600x600 (attached pic)",
      'UNSUPPORTED_FORMAT',
      /no moving picture/,
    ],
    ['file', 'moov atom not found', 'BROKEN_FILE', /its index is missing/],
    ['file', 'End of file', 'BROKEN_FILE', /no video that can be read: End of file/],
    ['http', 'Invalid data found when processing input', 'UNSUPPORTED_FORMAT', /MJPEG or HLS/],
    ['rtsp', 'Connection refused', 'SOURCE_UNAVAILABLE', /can't be opened: Connection refused/],
  ] as const
  for (const [kind, stderr, code, message] of cases)
    t.match(sourceFault(kind, stderr), { code, message }, stderr)
})

t.test('limits: edge, area, length', async (t) => {
  assertWithinLimits({ width: 8192, height: 8192, durationSec: 86_400 })
  t.throws(() => assertWithinLimits({ width: 8193, height: 2 }), {
    code: 'LIMIT_EXCEEDED',
    message: /8193 × 2 pixels/,
  })
  t.throws(() => assertWithinLimits({ width: 2, height: 2, durationSec: 86_401 }), {
    code: 'LIMIT_EXCEEDED',
    message: 'the source lasts 86401 s, at most 86400 s are read',
  })
})

t.test('a forbidden address is named, with the name that led to it', async (t) => {
  t.match(forbiddenSource('10.0.0.1', '10.0.0.1'), {
    code: 'ADDRESS_FORBIDDEN',
    message: /^video from 10\.0\.0\.1 is/,
  })
  t.match(forbiddenSource('10.0.0.1', 'cam.lan').message, /10\.0\.0\.1 \(cam\.lan\) .*MURMUR_VIDEO_NETWORKS/)
})
