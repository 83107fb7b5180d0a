import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import {
  archiveKey,
  archiveSegments,
} from '../../../../../services/agents/video/recordings/store/archive-segments.ts'
import type { CameraFiles } from '../../../../../services/agents/video/recordings/store/camera-files.ts'
import { dayOf, type Segment } from '../../../../../services/agents/video/recordings/store/segment.ts'
import { MemoryFileStore } from '../../../../support/memory-file-store.ts'
import { temporaryFolder } from '../open-store.ts'
import { cameraFiles, eventAt, NOON_MS, segmentAt } from './small-segments.ts'

/** A camera with these segments, each with a file that holds its name, all of them around an event. */
async function heldFiles(t: Test, segments: Segment[]): Promise<CameraFiles> {
  const files = cameraFiles(await temporaryFolder(t))
  for (const segment of segments) {
    files.addSegment(segment)
    await files.makeFolder(segment.lineMs)
    await writeFile(files.pathOf(segment), segment.name)
  }
  for (const segment of segments) await files.addEvent(eventAt(segment.startMs - NOON_MS), NOON_MS)
  return files
}

function warnings() {
  const warned: object[] = []
  return { warned, log: { warn: (about: object) => warned.push(about) } as never }
}

t.test('what is held, whole and here is copied once, and the index says so', async (t) => {
  const away = segmentAt(40_000, { isLocal: false, isArchived: true })
  const [kept, open] = [segmentAt(0), segmentAt(20_000, { isOpen: true })]
  const files = await heldFiles(t, [kept, open, away])
  const plain = segmentAt(600_000)
  files.addSegment(plain)
  const archive = new MemoryFileStore()
  const { warned, log } = warnings()
  await archiveSegments([files], archive, log)
  t.strictSame([...archive.files.keys()], [archiveKey(files, kept)])
  t.equal(archiveKey(files, kept), `acme/yard/2026-11-30/${kept.name}`)
  t.equal(Buffer.from((await archive.read(archiveKey(files, kept)))!).toString(), kept.name)
  t.ok(kept.isArchived)
  const index = await readFile(join(files.folder, dayOf(NOON_MS), 'index.jsonl'), 'utf8')
  t.match(JSON.parse(index), { name: kept.name, isArchived: true })
  await archiveSegments([files], archive, log)
  t.equal(archive.writes, 1)
  t.strictSame(warned, [])
})

t.test('an archive that can not be reached is told of once, and tried again the next time', async (t) => {
  const files = await heldFiles(t, [segmentAt(0), segmentAt(20_000)])
  const archive = new MemoryFileStore()
  archive.failAt = 1
  const { warned, log } = warnings()
  await archiveSegments([files], archive, log)
  t.equal(archive.writes, 1, 'not asked again for each file')
  t.match(warned, [{ archive: 'memory', err: 'the process has died' }])
  t.strictSame(
    files.segments.map(({ isArchived }) => isArchived),
    [undefined, undefined],
  )
  archive.failAt = Number.POSITIVE_INFINITY
  await archiveSegments([files], archive, log)
  t.equal(archive.files.size, 2)
})

t.test('a file that can not be read does not keep the others out of the archive', async (t) => {
  const [gone, fine] = [segmentAt(0), segmentAt(20_000)]
  const files = await heldFiles(t, [gone, fine])
  await rm(files.pathOf(gone))
  const archive = new MemoryFileStore()
  const { warned, log } = warnings()
  await archiveSegments([files], archive, log)
  t.strictSame([...archive.files.keys()], [archiveKey(files, fine)])
  t.match(warned, [{ err: /ENOENT/, files: 1 }])
  t.notOk(gone.isArchived)
})

t.test('32 are copied in one go, over all cameras', async (t) => {
  const files = await heldFiles(
    t,
    Array.from({ length: 40 }, (_, i) => segmentAt(i * 10_000)),
  )
  const archive = new MemoryFileStore()
  await archiveSegments([files], archive, warnings().log)
  t.equal(archive.files.size, 32)
  await archiveSegments([files], archive, warnings().log)
  t.equal(archive.files.size, 40)
})
