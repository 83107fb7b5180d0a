import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { clipExample } from '#schemas/recording.ts'
import { saveClip } from '../../../services/cli/recordings/save-clip.ts'
import { testContext } from '../cli-context-fixture.ts'

const FOUND = {
  request: { camera: 'yard', fromMs: clipExample.fromMs, toMs: clipExample.toMs },
  clip: { ...clipExample, bytes: 8 },
}

/** A client whose clips are these pieces. */
function clientWith(pieces: () => AsyncIterable<Uint8Array>) {
  const asked: number[] = []
  const read = (_found: unknown, index: number) => {
    asked.push(index)
    return pieces()
  }
  return { asked, client: { recordings: { read } } as never }
}
async function* clip() {
  yield Buffer.from('the ')
  yield Buffer.from('clip')
}

t.test('a clip is written whole, into a folder that is made for it', async (t) => {
  const folder = t.testdir()
  const { asked, client } = clientWith(clip)
  const out = { file: 'clips/yard.mp4', mayReplace: false }
  const path = await saveClip(testContext({ folder }), client, { found: FOUND, index: 2 }, out)
  t.equal(path, join(folder, 'clips/yard.mp4'))
  t.equal(await readFile(path, 'utf8'), 'the clip')
  t.strictSame(asked, [2])
  t.strictSame(await readdir(join(folder, 'clips')), ['yard.mp4'], 'nothing is left beside it')
})

t.test('a file that is there stays as it is, unless it may be replaced', async (t) => {
  const folder = t.testdir({ 'yard.mp4': 'of yesterday' })
  const save = (mayReplace: boolean) =>
    saveClip(
      testContext({ folder }),
      clientWith(clip).client,
      { found: FOUND, index: 0 },
      { file: 'yard.mp4', mayReplace },
    )
  await t.rejects(save(false), { code: 'FILE_EXISTS', fix: /--out.*--force/ })
  t.equal(await readFile(join(folder, 'yard.mp4'), 'utf8'), 'of yesterday')
  await save(true)
  t.equal(await readFile(join(folder, 'yard.mp4'), 'utf8'), 'the clip')
  t.strictSame(await readdir(folder), ['yard.mp4'])
})

t.test('what breaks on its way leaves no part of it, and is told as it is', async (t) => {
  const folder = t.testdir()
  const gone = new MurmurError('RECORDING_NOT_FOUND', 'the clip ended before its end')
  const { client } = clientWith(async function* () {
    yield Buffer.from('the ')
    throw gone
  })
  const out = { file: 'yard.mp4', mayReplace: false }
  await t.rejects(saveClip(testContext({ folder }), client, { found: FOUND, index: 0 }, out), gone)
  t.strictSame(await readdir(folder), [])
})

t.test('who interrupts it is not kept waiting, and no file is there', async (t) => {
  const folder = t.testdir()
  const stopping = new AbortController()
  const end = Promise.withResolvers<void>()
  const { client } = clientWith(async function* () {
    yield Buffer.from('the ')
    stopping.abort()
    await end.promise
  })
  const context = testContext({ folder, signal: stopping.signal })
  const out = { file: 'yard.mp4', mayReplace: false }
  await t.rejects(saveClip(context, client, { found: FOUND, index: 0 }, out), { code: 'INTERRUPTED' })
  end.resolve()
  t.notOk((await readdir(folder)).includes('yard.mp4'))
})

t.test('where nothing can be written, the message names the file and how to mend it', async (t) => {
  const folder = t.testdir({ file: 'no folder' })
  const out = { file: 'file/yard.mp4', mayReplace: true }
  await t.rejects(
    saveClip(testContext({ folder }), clientWith(clip).client, { found: FOUND, index: 0 }, out),
    {
      code: 'FILE_UNREADABLE',
      message: new RegExp(`${join('file', 'yard.mp4')} could not be written`),
      fix: /folder/,
    },
  )
  await writeFile(join(folder, 'after'), '')
  t.strictSame((await readdir(folder)).toSorted(), ['after', 'file'])
})
