import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { cameraEventExample } from '#schemas/camera-event.ts'
import { SERVICES } from '#subjects/operations.ts'
import { RecordingService } from '../../../services/agents/video/recordings/service/recording-service.ts'
import { noPaint } from '../../../services/cli/output/paint.ts'
import { renderReplay } from '../../../services/cli/recordings/render-replay.ts'
import { skip } from '../../agents/video/capture/clips.ts'
import { openStore, temporaryFolder } from '../../agents/video/recordings/open-store.ts'
import { fragmentedVideo, frameTimes } from '../../agents/video/recordings/recorded-video.ts'
import { openBus } from '../../support/bus.ts'
import { until } from '../../support/until.ts'
import { openCliFixture } from '../cli-fixture.ts'
import { alertOf } from '../monitor-fixtures.ts'

const { bus, natsUrl, folder, murmur } = await openCliFixture(t)
const START_MS = Math.floor((Date.now() - 3_600_000) / 1000) * 1000
const iso = (ms: number) => new Date(ms).toISOString()

t.test('recordings, timeline, export, clip', { skip }, async (t) => {
  const root = await temporaryFolder(t)
  const day = join(root, 'default', 'yard', iso(START_MS).slice(0, 10))
  await mkdir(day, { recursive: true })
  await writeFile(join(day, `${START_MS}-${START_MS}.mp4`), await fragmentedVideo({ seconds: 6, fps: 10 }))
  const own = await openBus(t, natsUrl)
  const store = await openStore(t, { folder: root })
  await store
    .cameraFor('default', 'yard')
    .addEvent({ ...cameraEventExample, camera: 'yard', atMs: START_MS + 3000 }, START_MS)
  const service = new RecordingService({
    bus: own,
    store,
    clock: systemClock,
    states: new Map([['default/yard', 'the disk is full']]),
  })
  service.start()
  t.teardown(() => service.stop())
  const alert = alertOf('m1', { camera: 'yard', atMs: START_MS + 3000 })
  t.teardown(bus.serveSubject(SERVICES.getAlert, () => ({ alert }), { queue: 'test' }))
  await bus.flush()
  await until('it answers', async () => (await murmur(['recordings'])).code === 0)

  t.match(await murmur(['recordings']), { out: /yard +\d{4}-.* the disk is full/ })
  t.match((await murmur(['recordings', '--json'])).json(), {
    recordings: [{ camera: 'yard', isRecording: false }],
  })
  const [from, to] = [iso(START_MS), iso(START_MS + 60_000)]
  const timeline = await murmur(['recordings', 'timeline', 'yard', from, to])
  t.match(timeline.out, /6\.00 s +MPEG-4, 320 × 180[\s\S]*1 event[\s\S]*Person entered gate \(gate-access\)/)
  t.match(await murmur(['recordings', 'timeline', 'yard', to, from]), { code: 2, err: /not later/ })
  const exported = await murmur(['recordings', 'export', 'yard', from, to, '--out', 'all.mp4'])
  t.match(exported, { code: 0, err: /6\.00 s from .* written to all\.mp4/ })
  t.equal((await frameTimes(t, await readFile(join(folder, 'all.mp4')))).length, 60)
  t.match(await murmur(['recordings', 'export', 'yard', from, to, '--out', 'all.mp4']), {
    err: /FILE_EXISTS/,
  })
  t.match(await murmur(['recordings', 'export', 'road', from, to]), { code: 3, err: /NO_RECORDING/ })
  const clip = await murmur(['clip', alert.id, '--before', '1s', '--after', '1s', '--json'])
  t.match(clip.json(), { clip: { durationMs: 2000, frames: 20 } })
  t.equal((await frameTimes(t, await readFile(join(folder, `${alert.id}.mp4`)))).length, 20)
  t.match(await murmur(['clip', alert.id, '--link']), {
    code: 2,
    err: /a link leads to an edge[\s\S]*--edge URL/,
  })
})

t.test('what a replay found, for people', async (t) => {
  const event = { ...cameraEventExample, isAlert: true }
  const lines = renderReplay(
    {
      ...{
        schema: 'murmuration.rules-replay/1',
        camera: 'yard',
        fromMs: 0,
        toMs: 1,
        frames: 36_000,
        late: 2,
      },
      ...{ firstMs: START_MS, lastMs: START_MS + 3_600_000, monitors: ['m1'] },
      byRule: { 'gate-access': { events: 2, alerts: 1 } },
      events: [event, { ...event, isAlert: false }],
      ...{ isCut: false, tookMs: 6500, timesRealTime: 553 },
    },
    noPaint,
  ).join('\n')
  t.match(
    lines,
    /36000 frames, 2 of them too late[\s\S]*553 times[\s\S]*gate-access +1 +2[\s\S]*critical +Person entered gate/,
  )
  t.equal(lines.match(/Person entered gate/g)?.length, 1, 'what lies within a cooldown is not told again')
})
