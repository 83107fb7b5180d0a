import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { fragmentFacts } from '../../../../../services/agents/video/recordings/media/fragment.ts'
import { loadDay } from '../../../../../services/agents/video/recordings/store/load-camera.ts'
import { dayOf } from '../../../../../services/agents/video/recordings/store/segment.ts'
import { SegmentWriter } from '../../../../../services/agents/video/recordings/store/segment-writer.ts'
import { smallFragment } from '../media/small-fragments.ts'
import { temporaryFolder } from '../open-store.ts'
import { cameraFiles, eventAt, NOON_MS, segmentStart } from './small-segments.ts'

async function append(writer: SegmentWriter, bytes: Buffer): Promise<void> {
  await writer.append(fragmentFacts(bytes, segmentStart().facts), bytes)
}

t.test('a file grows by whole fragments, and what is known of it with it', async (t) => {
  const files = cameraFiles(await temporaryFolder(t))
  const writer = await SegmentWriter.create(files, segmentStart({ streamStartMs: 5000 }))
  t.strictSame(files.segments, [writer.segment])
  t.match(writer.segment, { isOpen: true, endMs: NOON_MS, streamEndMs: 5000, isActive: false })
  const head = writer.segment.bytes
  const [first, second] = [smallFragment(5000), smallFragment(6000, { frames: 5, isKey: false })]
  await append(writer, first)
  t.match(writer.segment, { endMs: NOON_MS + 1000, streamEndMs: 6000, bytes: head + first.length })
  await append(writer, second)
  t.match(writer.segment, { endMs: NOON_MS + 1500, streamEndMs: 6500 })
  await writer.close()
  t.notOk(writer.segment.isOpen)
  const bytes = await readFile(files.pathOf(writer.segment))
  t.equal(bytes.length, writer.segment.bytes)
  t.ok(bytes.subarray(head).equals(Buffer.concat([first, second])))
  t.ok(bytes.subarray(0, segmentStart().init.length).equals(segmentStart().init))
  const index = await readFile(join(files.folder, dayOf(NOON_MS), 'index.jsonl'), 'utf8')
  t.match(JSON.parse(index), { name: writer.segment.name, keyframes: [5000], bytes: bytes.length })
})

t.test('what is read from the file alone is what its writer knew', async (t) => {
  const files = cameraFiles(await temporaryFolder(t))
  const writer = await SegmentWriter.create(files, segmentStart({ streamStartMs: 5000 }))
  await append(writer, smallFragment(5000))
  // Nobody closes it: the process is killed.
  const { segments, rebuilt } = await loadDay(join(files.folder, dayOf(NOON_MS)))
  await writer.close()
  t.equal(rebuilt, 1)
  t.strictSame(segments, [{ ...writer.segment, isActive: true }])
})

t.test('a segment near an event is kept for it as soon as it gets there', async (t) => {
  const files = cameraFiles(await temporaryFolder(t))
  await files.addEvent(eventAt(2500), NOON_MS)
  const writer = await SegmentWriter.create(files, segmentStart())
  // Two seconds before the event are kept.
  t.notOk(writer.segment.isHeld)
  await append(writer, smallFragment(0))
  t.ok(writer.segment.isHeld)
  await writer.close()
})

t.test('a file that is there is never written over', async (t) => {
  const files = cameraFiles(await temporaryFolder(t))
  const writer = await SegmentWriter.create(files, segmentStart())
  await append(writer, smallFragment(0))
  await t.rejects(SegmentWriter.create(files, segmentStart()), { code: 'EEXIST' })
  t.equal(files.segments.length, 1)
  t.equal((await readFile(files.pathOf(writer.segment))).length, writer.segment.bytes)
  await writer.close()
})
