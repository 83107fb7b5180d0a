import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import {
  encodeBlock,
  openBlock,
  readBlock,
  scanBlocks,
} from '../../../../../services/agents/video/recordings/observations/block-file.ts'
import { temporaryFolder } from '../open-store.ts'

const FACTS = {
  fromMs: 1_790_000_000_000,
  toMs: 1_790_000_004_900,
  frames: 50,
  persons: 2,
  vehicles: 1,
  motion: 0.125,
}

t.test('blocks behind each other; one that was not written to its end is not there', async (t) => {
  const path = join(await temporaryFolder(t), 'a.detections')
  t.strictSame(await scanBlocks(path), [])
  const second = { ...FACTS, frames: 7, motion: undefined }
  await writeFile(path, await encodeBlock('first\nline', FACTS))
  await appendFile(path, await encodeBlock('second', second))
  const blocks = await scanBlocks(path)
  t.match(blocks, [FACTS, second])
  t.strictSame(await Promise.all(blocks.map(async (block) => openBlock(await readBlock(path, block)))), [
    'first\nline',
    'second',
  ])
  const { length } = await readFile(path)
  await truncate(path, length - 1)
  t.equal((await scanBlocks(path)).length, 1)
  await t.rejects(openBlock(Buffer.from('no block')))
})
