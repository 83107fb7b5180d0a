import { join } from 'node:path'
import t from 'tap'
import { resolveFfmpeg } from '../../../../deploy/local/servers/resolve-ffmpeg.ts'
import { fakePath, says } from './fake-path.ts'

t.test('a named binary that is no use is an error, not a reason to take another', async (t) => {
  await t.rejects(
    resolveFfmpeg(() => undefined, { MURMUR_FFMPEG: '/nowhere/ffmpeg' }),
    { code: 'FFMPEG_NOT_FOUND' },
  )
})

t.test('PATH is taken, with the ffprobe beside it', async (t) => {
  const PATH = fakePath(t, {
    ffmpeg: says('ffmpeg version 5.1.9-0+deb12u1 Copyright'),
    ffprobe: says('ffprobe version 5.1.9'),
  })
  t.match(await resolveFfmpeg(() => undefined, { PATH }), {
    version: '5.1.9',
    ffprobe: join(PATH, 'ffprobe'),
  })
})
