import { access, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { dayOf } from '../../../../../services/agents/video/recordings/store/segment.ts'
import { temporaryFolder } from '../open-store.ts'
import { AROUND, cameraFiles, eventAt, NOON_MS, segmentAt } from './small-segments.ts'

const detections = (atMs: number) => ({
  ...{ name: `${atMs}.detections`, lineMs: NOON_MS + atMs, startMs: NOON_MS + atMs, endMs: NOON_MS + atMs },
  ...{ bytes: 50, isOpen: false },
})
const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

t.test('what is held does not hang on what came first, the video or its events', async (t) => {
  const root = await temporaryFolder(t)
  const times = fc.array(fc.integer({ min: 0, max: 120_000 }), { maxLength: 4 })
  let cameras = 0
  await fc.assert(
    fc.asyncProperty(times, times, async (segmentTimes, eventTimes) => {
      const [early, late] = [0, 1].map(() => cameraFiles(root, `c${cameras++}`))
      const segments = segmentTimes.toSorted((a, b) => a - b)
      for (const atMs of eventTimes) await early!.addEvent(eventAt(atMs), NOON_MS)
      for (const files of [early!, late!]) for (const atMs of segments) files.addSegment(segmentAt(atMs))
      for (const atMs of eventTimes) await late!.addEvent(eventAt(atMs), NOON_MS)
      // By the words of the settings: so long before an event, and so long after it.
      const expected = segments.map((atMs) =>
        eventTimes.some(
          (event) => atMs + 10_000 >= event - AROUND.beforeMs && atMs <= event + AROUND.afterMs,
        ),
      )
      for (const files of [early!, late!])
        if (JSON.stringify(files.segments.map(({ isHeld }) => isHeld)) !== JSON.stringify(expected))
          throw new Error('held otherwise')
    }),
    { numRuns: 30 },
  )
})

t.test('the edges of what an event holds: the settings, to the millisecond', async (t) => {
  const files = cameraFiles(await temporaryFolder(t))
  const { beforeMs, afterMs } = AROUND
  const eventMs = 60_000
  for (const endMs of [eventMs - beforeMs - 1, eventMs - beforeMs])
    files.addSegment(segmentAt(endMs - 10_000))
  for (const startMs of [eventMs + afterMs, eventMs + afterMs + 1]) files.addSegment(segmentAt(startMs))
  await files.addEvent(eventAt(eventMs), NOON_MS)
  t.strictSame(
    files.segments.map(({ isHeld }) => isHeld),
    [false, true, true, false],
  )
})

t.test('an event holds the video of its own monitor, or of one that is not known', async (t) => {
  const files = cameraFiles(await temporaryFolder(t))
  for (const monitor of ['m1', 'm2', '']) files.addSegment(segmentAt(0, { monitor }))
  await files.addEvent(eventAt(5000), NOON_MS)
  t.strictSame(
    files.segments.map(({ isHeld }) => isHeld),
    [true, false, true],
  )
})

t.test(
  'what was kept is there again after a start, and an event that comes again is written once',
  async (t) => {
    const root = await temporaryFolder(t)
    const files = cameraFiles(root)
    const segments = [segmentAt(0), segmentAt(60_000)]
    await files.makeFolder(NOON_MS)
    for (const segment of segments) {
      files.addSegment(segment)
      await writeFile(files.pathOf(segment), 'video')
      await files.writeIndex(segment, [0])
    }
    for (let i = 0; i < 2; i++) await files.addEvent(eventAt(65_000), NOON_MS)
    const events = await readFile(join(files.folder, dayOf(NOON_MS), 'events.jsonl'), 'utf8')
    t.equal(events.trim().split('\n').length, 1)
    const loaded = cameraFiles(root)
    t.equal(await loaded.load(), 0)
    t.strictSame(loaded.segments, [segmentAt(0), segmentAt(60_000, { isHeld: true })])
    t.equal(loaded.lastLineMs, NOON_MS + 60_000)
  },
)

t.test('behind a line that a full disk has cut short, the next one is whole', async (t) => {
  const root = await temporaryFolder(t)
  const files = cameraFiles(root)
  await files.makeFolder(NOON_MS)
  const day = join(files.folder, dayOf(NOON_MS))
  for (const name of ['events.jsonl', 'index.jsonl']) await writeFile(join(day, name), '{"id":"cut sh')
  const segment = segmentAt(0)
  files.addSegment(segment)
  await writeFile(files.pathOf(segment), 'video')
  await files.writeIndex(segment, [0])
  await files.addEvent(eventAt(5000), NOON_MS)
  const loaded = cameraFiles(root)
  t.equal(await loaded.load(), 0, 'the index knows it')
  t.strictSame(loaded.segments, [segmentAt(0, { isHeld: true })], 'and it is kept as long as its event is')
})

t.test('a segment in which something was seen is active; only the newest are asked', async (t) => {
  const files = cameraFiles(await temporaryFolder(t))
  await files.makeFolder(NOON_MS)
  for (const atMs of [0, 20_000, 40_000]) files.addSegment(segmentAt(atMs))
  files.addSegment(segmentAt(60_000, { isOpen: true }))
  const active = () => files.segments.map(({ isActive }) => isActive)
  files.markActive(NOON_MS + 35_000)
  t.strictSame(active(), [false, false, false, false], 'between two of them')
  files.markActive(NOON_MS + 50_000)
  files.markActive(NOON_MS + 75_000)
  t.strictSame(active(), [false, false, true, true], 'one that is open goes on')
  files.markActive(NOON_MS + 5000)
  t.strictSame(active(), [false, false, true, true])
})

t.test('everything that takes room, by what it is kept for', async (t) => {
  const files = cameraFiles(await temporaryFolder(t))
  files.addSegment(segmentAt(0))
  files.addSegment(segmentAt(20_000, { isActive: true }))
  files.addSegment(segmentAt(40_000, { isActive: true }))
  files.addSegment(segmentAt(60_000, { isLocal: false, isArchived: true }))
  files.detections.push(detections(0))
  await files.addEvent(eventAt(45_000), NOON_MS)
  t.strictSame(
    files.files().map(({ camera, tier }) => [camera, tier]),
    ['plain', 'active', 'alert', 'detections'].map((tier) => ['acme/yard', tier]),
  )
  t.equal(files.bytes, 3050, 'what is in the archive takes no room here')
})

t.test('deleting: never what is open, and the folder of a day with its last file', async (t) => {
  const files = cameraFiles(await temporaryFolder(t))
  const [closed, open, archived] = [
    segmentAt(0),
    segmentAt(20_000, { isOpen: true }),
    segmentAt(40_000, { isArchived: true }),
  ]
  await files.makeFolder(NOON_MS)
  for (const segment of [closed, open, archived]) {
    files.addSegment(segment)
    await writeFile(files.pathOf(segment), 'video')
  }
  for (const segment of [closed, open, archived]) await files.delete({ segment })
  t.strictSame(files.segments, [open, archived])
  t.equal(archived.isLocal, false, 'the archive still has it')
  t.strictSame(await Promise.all([closed, open, archived].map((each) => isThere(files.pathOf(each)))), [
    false,
    true,
    false,
  ])
  open.isOpen = false
  archived.isArchived = false
  await files.addEvent(eventAt(600_000), NOON_MS)
  for (const segment of [open, archived]) await files.delete({ segment })
  t.strictSame(files.segments, [])
  t.strictSame(await readdir(files.folder), [], 'its index and its events are gone with it')
})
