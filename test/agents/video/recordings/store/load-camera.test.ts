import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { makeBox } from '../../../../../services/agents/video/recordings/media/boxes.ts'
import { NOTE_BOX } from '../../../../../services/agents/video/recordings/media/scan-segment.ts'
import { encodeBlock } from '../../../../../services/agents/video/recordings/observations/block-file.ts'
import {
  daysOf,
  EVENTS_FILE,
  INDEX_FILE,
  loadDay,
} from '../../../../../services/agents/video/recordings/store/load-camera.ts'
import {
  DETECTIONS_SUFFIX,
  fileName,
  type SegmentFacts,
} from '../../../../../services/agents/video/recordings/store/segment.ts'
import { smallFragment, smallInit } from '../media/small-fragments.ts'
import { temporaryFolder } from '../open-store.ts'
import { eventAt, NOON_MS, segmentAt } from './small-segments.ts'

const line = (value: object) => `${JSON.stringify(value)}\n`
function factsAt(atMs: number, about: Partial<SegmentFacts> = {}): SegmentFacts {
  const { isOpen: _open, isHeld: _held, isLocal: _local, ...facts } = segmentAt(atMs, about)
  return facts
}

/** The folder of a day with these files. */
async function dayWith(t: Test, files: Record<string, string | Buffer>): Promise<string> {
  const folder = await temporaryFolder(t)
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  return folder
}

t.test('days are folders with the name of one, the oldest first; no folder has none', async (t) => {
  const folder = await temporaryFolder(t)
  for (const name of ['2026-11-30', '2026-02-01', 'lost+found', '2026-1-1', '2026-11-30.old'])
    await mkdir(join(folder, name))
  t.strictSame(await daysOf(folder), ['2026-02-01', '2026-11-30'])
  t.strictSame(await daysOf(join(folder, 'nowhere')), [])
})

t.test(
  'of the index, the last line about a file counts; lines that do not read are passed over',
  async (t) => {
    const [first, second] = [factsAt(0), factsAt(20_000)]
    const cutShort = JSON.stringify(second).slice(0, 40)
    const folder = await dayWith(t, {
      [first.name]: 'video',
      [second.name]: 'video',
      'notes.txt': 'of somebody',
      [INDEX_FILE]: `${line(second)}${line(first)}not json\n{"name":1}\n\n${line({ ...first, isActive: true })}${cutShort}`,
    })
    const { segments, rebuilt } = await loadDay(folder)
    t.strictSame(segments, [segmentAt(0, { isActive: true }), segmentAt(20_000)])
    t.equal(rebuilt, 0)
  },
)

t.test('the files are the truth: what the index does not know is read from them, once', async (t) => {
  const { name } = factsAt(0)
  const note = makeBox(NOTE_BOX, Buffer.from(JSON.stringify({ v: 1, monitor: 'm7', session: 's7' })))
  const whole = [smallInit(), note, smallFragment(500), smallFragment(1500)]
  const file = Buffer.concat([...whole, smallFragment(2500).subarray(0, -3)])
  const folder = await dayWith(t, { [name]: file, [factsAt(20_000).name]: 'no video at all' })
  const { segments, rebuilt } = await loadDay(folder)
  t.equal(rebuilt, 1)
  t.match(segments, [
    {
      ...{ name, startMs: NOON_MS, endMs: NOON_MS + 2000, streamStartMs: 500, streamEndMs: 2500 },
      ...{ monitor: 'm7', session: 's7', bytes: file.length, codec: 'avc1', width: 320, height: 180 },
      ...{ isActive: true, isOpen: false, isLocal: true },
    },
  ])
  const again = await loadDay(folder)
  t.strictSame([again.segments, again.rebuilt], [segments, 0], 'it stands in the index then')
})

t.test('a file without a note belongs to no monitor that is known', async (t) => {
  const { name } = factsAt(0)
  const folder = await dayWith(t, { [name]: Buffer.concat([smallInit(), smallFragment(0)]) })
  t.match((await loadDay(folder)).segments, [{ monitor: '', session: name }])
})

t.test('without its file a segment is there only where the archive has it', async (t) => {
  const [archived, lost] = [factsAt(0, { isArchived: true }), factsAt(20_000)]
  const folder = await dayWith(t, { [INDEX_FILE]: line(archived) + line(lost) })
  t.strictSame((await loadDay(folder)).segments, [segmentAt(0, { isArchived: true, isLocal: false })])
})

t.test('events once each, and detections up to their last frame', async (t) => {
  const times = { lineMs: NOON_MS, startMs: NOON_MS }
  const name = fileName(times, DETECTIONS_SUFFIX)
  const about = { frames: 1, persons: 0, vehicles: 0, motion: undefined }
  const block = await encodeBlock('{}', { ...about, fromMs: NOON_MS, toMs: NOON_MS + 4000 })
  const later = await encodeBlock('{}', { ...about, fromMs: NOON_MS + 5000, toMs: NOON_MS + 9000 })
  const folder = await dayWith(t, {
    [name]: Buffer.concat([block, later.subarray(0, -1)]),
    [EVENTS_FILE]: line(eventAt(1)) + line(eventAt(2)) + line(eventAt(1)) + line({ id: 'no event' }),
  })
  const { events, detections, segments } = await loadDay(folder)
  t.strictSame(
    events.map(({ id }) => id),
    ['e1', 'e2'],
  )
  const bytes = block.length + later.length - 1
  t.strictSame(detections, [{ name, ...times, endMs: NOON_MS + 4000, bytes, isOpen: false }])
  t.strictSame(segments, [])
})
