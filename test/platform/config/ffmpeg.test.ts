import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { findFfmpeg } from '#platform/config/ffmpeg.ts'

t.test('ffmpeg is looked for: named, then PATH; a named one that is missing is not replaced', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'murmur-test-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const [ffmpeg, ffprobe] = [join(folder, 'ffmpeg'), join(folder, 'ffprobe')]
  await writeFile(ffmpeg, '', { mode: 0o755 })
  t.strictSame(await findFfmpeg({ PATH: `/nowhere:${folder}` }), { ffmpeg })
  await writeFile(ffprobe, '', { mode: 0o755 })
  t.strictSame(await findFfmpeg({ MURMUR_FFMPEG: ffmpeg }), { ffmpeg, ffprobe })
  t.strictSame(await findFfmpeg({ MURMUR_FFMPEG: ffmpeg, MURMUR_FFPROBE: '/nowhere/ffprobe' }), { ffmpeg })
  t.equal(await findFfmpeg({ MURMUR_FFMPEG: '/nowhere/ffmpeg', PATH: folder }), undefined)
  t.equal(findFfmpeg({ PATH: folder }), findFfmpeg({ PATH: folder }), 'searched once')
})
