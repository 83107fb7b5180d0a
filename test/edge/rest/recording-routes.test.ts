import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { sharedAlertPath, signedLink } from '#platform/http/signed-link.ts'
import type { Clip, ListRecordingsResponse, Timeline } from '#schemas/recording.ts'
import { ALERT } from '#subjects/operations/examples.ts'
import { RecordingService } from '../../../services/agents/video/recordings/service/recording-service.ts'
import { skip } from '../../agents/video/capture/clips.ts'
import { openStore, temporaryFolder } from '../../agents/video/recordings/open-store.ts'
import { fragmentedVideo, frameTimes } from '../../agents/video/recordings/recorded-video.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'
import { openRest } from '../edge-fixture.ts'

const START_MS = Date.now() - 3_600_000
const FRAMES = 80

t.test('recordings over REST, of two nodes', { skip }, async (t) => {
  const servers = await withServers(t)
  const video = await fragmentedVideo({ seconds: 8, fps: 10 })
  const nodes = [{ default: 'yard', acme: 'secret' }, { default: 'road' }]
  for (const cameras of nodes) {
    const folder = await temporaryFolder(t)
    // What a process before has left, without an index.
    for (const [tenant, camera] of Object.entries(cameras)) {
      const day = join(folder, tenant, camera, new Date(START_MS).toISOString().slice(0, 10))
      await mkdir(day, { recursive: true })
      await writeFile(join(day, `${START_MS}-${START_MS}.mp4`), video)
    }
    const bus = await openBus(t, servers.natsUrl)
    const store = await openStore(t, { folder })
    const service = new RecordingService({ bus, store, clock: systemClock, states: new Map() })
    service.start()
    t.teardown(() => service.stop())
  }
  const bus = await openBus(t, servers.natsUrl)
  const alert = { ...ALERT, camera: 'yard', atMs: START_MS + 4000 }
  const end = bus.serve('getAlert', ({ id }, { tenant }) => {
    if (id !== alert.id || tenant !== 'default') throw new MurmurError('ALERT_NOT_FOUND', 'there is none')
    return { alert }
  })
  t.teardown(end)
  const links = { keys: [Buffer.alloc(32, 7).toString('base64')], publicUrl: '' }
  const { url: base } = await openRest(t, bus, { links })
  const get = (path: string, headers: Record<string, string> = {}) => fetch(`${base}${path}`, { headers })
  const json = async <Body>(path: string) => (await (await get(path)).json()) as Body
  const span = `from=${START_MS}&to=${START_MS + 5000}`

  let listed: ListRecordingsResponse = { recordings: [], missing: [] }
  await until('both nodes answer', async () => {
    const answer = await get('/v1/recordings')
    if (answer.status === 200) listed = (await answer.json()) as ListRecordingsResponse
    return listed.recordings.length === 2
  })
  t.match(listed, {
    recordings: [
      { camera: 'road' },
      { camera: 'yard', fromMs: START_MS, toMs: START_MS + 8000, segments: 1 },
    ],
    missing: [],
  })
  // Whichever node is asked: bytes come from the one that has them.
  for (let i = 0; i < 6; i++) {
    const road = await get(`/v1/recordings/road/video?${span}`)
    t.equal((await frameTimes(t, Buffer.from(await road.arrayBuffer()))).length, 50)
  }
  t.match(await json<Timeline>(`/v1/recordings/yard/timeline?${span}`), {
    spans: [{ fromMs: START_MS, toMs: START_MS + 8000 }],
    events: [],
  })
  t.match(await json(`/v1/recordings/yard/timeline?from=5&to=4`), { code: 'INVALID_REQUEST' })
  t.match(await json(`/v1/recordings/secret/video?${span}`), { code: 'RECORDING_NOT_FOUND' })

  const path = `/v1/recordings/yard/video?from=${START_MS}&to=${START_MS + 60_000}`
  const { clips } = await json<{ clips: Clip[] }>(path.replace('/video?', '/clips?'))
  const whole = await get(path)
  t.equal(whole.headers.get('content-type'), 'video/mp4')
  const file = Buffer.from(await whole.arrayBuffer())
  t.equal(file.length, clips[0]?.bytes)
  t.equal((await frameTimes(t, file)).length, FRAMES)
  const etag = whole.headers.get('etag')!
  for (const [range, from, to] of [
    ['bytes=0-99', 0, 100],
    ['bytes=1000-', 1000, file.length],
    ['bytes=-500', file.length - 500, file.length],
    [`bytes=5-${file.length * 2}`, 5, file.length],
  ] as const) {
    const part = await get(path, { range })
    t.equal(part.status, 206, range)
    t.equal(part.headers.get('content-range'), `bytes ${from}-${to - 1}/${file.length}`)
    t.ok(Buffer.from(await part.arrayBuffer()).equals(file.subarray(from, to)), range)
  }
  const outside = await get(path, { range: `bytes=${file.length}-` })
  t.equal(outside.status, 416)
  t.equal(outside.headers.get('content-range'), `bytes */${file.length}`)
  t.equal((await get(path, { range: 'bytes=0-9', 'if-range': '"another"' })).status, 200)
  t.equal((await get(path, { 'if-none-match': etag })).status, 304)
  const head = await fetch(`${base}${path}`, { method: 'HEAD' })
  t.equal(head.headers.get('content-length'), String(file.length))

  const framesOf = async (response: Response) =>
    (await frameTimes(t, Buffer.from(await response.arrayBuffer()))).length
  t.equal(await framesOf(await get(`/v1/alerts/${alert.id}/clip`)), FRAMES)
  t.equal(await framesOf(await get(`/v1/alerts/${alert.id}/clip?before=0&after=1000`)), 10)
  t.match(await json('/v1/alerts/none/clip'), { code: 'ALERT_NOT_FOUND' })
  const linked = await fetch(`${base}/v1/alerts/${alert.id}/clip/link`, { method: 'POST' })
  const { url, expiresAtMs } = (await linked.json()) as { url: string; expiresAtMs: number }
  t.ok(Math.abs(expiresAtMs - Date.now() - 86_400_000) < 60_000)
  t.equal(await framesOf(await get(url)), FRAMES)
  t.equal((await get(url, { range: 'bytes=0-9' })).status, 206)
  t.match(await json(`${url.slice(0, -3)}abc`), { code: 'LINK_INVALID' }, 'a link that was changed')
  const linkOf = (tenant: string, lifetimeMs: number) => {
    const signing = { publicUrl: '', key: links.keys[0]!, lifetimeMs }
    return signedLink(signing, sharedAlertPath(tenant, alert.id, 'clip'), Date.now())
  }
  t.match(await json(linkOf('default', -5000)), { code: 'LINK_INVALID' }, 'a link that has expired')
  t.match(await json(linkOf('acme', 60_000)), { code: 'ALERT_NOT_FOUND' }, 'another tenant has no such alert')
  t.match(
    await json(url.replace('/clip?', '/picture?')),
    { code: 'LINK_INVALID' },
    'it is for the clip alone',
  )

  // The page of the alert shows the clip, by a link of its own.
  const signing = { publicUrl: base, key: links.keys[0]!, lifetimeMs: 60_000 }
  const page = signedLink(signing, sharedAlertPath('default', alert.id, 'page'), Date.now())
  const [, src = ''] = /<video [^>]*src="([^"]+)"/.exec(await (await fetch(page)).text()) ?? []
  const shown = await fetch(new URL(src.replaceAll('&#38;', '&'), page))
  t.equal(shown.headers.get('content-type'), 'video/mp4')
  t.equal(await framesOf(shown), FRAMES)
})
