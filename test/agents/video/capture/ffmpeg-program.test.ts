import t from 'tap'
import { findFfmpegProgram, parseBuild } from '../../../../services/agents/video/capture/ffmpeg-program.ts'

t.test('version and encoders, as ffmpeg prints them', async (t) => {
  const encoders = ' V....D libx264              libx264 H.264 / AVC (codec h264)\n A....D aac   AAC'
  t.strictSame(parseBuild('ffmpeg version 6.1.1-3ubuntu5 Copyright (c)', encoders), {
    version: [6, 1],
    hasX264: true,
  })
  t.strictSame(parseBuild('ffmpeg version n4.4 Copyright', ' V....D libx264rgb  x'), {
    version: [4, 4],
    hasX264: false,
  })
  t.strictSame(
    parseBuild('ffmpeg version N-109-gabc Copyright', '').version,
    [99, 0],
    'a build from a commit',
  )
})

t.test('none, or one that does not run', async (t) => {
  const missing = findFfmpegProgram(async () => undefined)
  await t.rejects(missing, { code: 'UNSUPPORTED_FORMAT', message: /install it .*MURMUR_FFMPEG/ })
  await t.rejects(
    findFfmpegProgram(async () => ({ ffmpeg: '/nowhere/ffmpeg' })),
    { code: 'ENOENT' },
  )
})
