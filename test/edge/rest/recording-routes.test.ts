import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { cameraEventExample } from '#schemas/camera-event.ts'
import type { Clip, ListRecordingsResponse, Timeline } from '#schemas/recording.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { newSealKeys } from '../../../deploy/local/stack/seal-keys.ts'
import { skip } from '../../agents/video/capture/clips.ts'
import { temporaryFolder } from '../../agents/video/recordings/open-store.ts'
import { fragmentedVideo, frameTimes } from '../../agents/video/recordings/recorded-video.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { factsOf, startService } from '../../support/services.ts'
import { until } from '../../support/until.ts'

const START_MS = Date.now() - 3_600_000
const FRAMES = 80

t.test('recordings over REST', { skip }, async (t) => {
  const servers = await withServers(t)
  const folder = await temporaryFolder(t)
  // What a process before has left, without an index.
  const days = { default: 'yard', acme: 'secret' }
  const video = await fragmentedVideo({ seconds: 8, fps: 10 })
  for (const [tenant, camera] of Object.entries(days)) {
    const day = join(folder, tenant, camera, new Date(START_MS).toISOString().slice(0, 10))
    await mkdir(day, { recursive: true })
    await writeFile(join(day, `${START_MS}-${START_MS}.mp4`), video)
  }
  const keys = newSealKeys()
  await startService(t, servers, 'services/orchestrator/main.ts')
  await startService(t, servers, 'services/agents/video-agents.ts', { MURMUR_RECORDINGS_DIR: folder, MURMUR_LINK_KEYS: keys })
  const edge = await startService(t, servers, 'services/edge/main.ts', { MURMUR_LINK_KEYS: keys })
  const base = `http://127.0.0.1:${factsOf(edge).restPort}`
  const get = (path: string, headers: Record<string, string> = {}) => fetch(`${base}${path}`, { headers })
  const json = async <Body>(path: string) => (await (await get(path)).json()) as Body
  const span = `from=${START_MS}&to=${START_MS + 5000}`

  await until('recordings answer', async () => (await get('/v1/recordings')).status === 200)
  const listed = await json<ListRecordingsResponse>('/v1/recordings')
  t.match(listed, { recordings: [{ camera: 'yard', fromMs: START_MS, toMs: START_MS + 8000, segments: 1 }], missing: [] })
  t.equal(listed.recordings.length, 1, 'nothing of other tenants')
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

  const bus = await openBus(t, servers.natsUrl)
  const event = { ...cameraEventExample, id: 'gate', camera: 'yard', monitor: 'm1', atMs: START_MS + 4000 }
  await bus.publisher.publish(SUBJECTS.cameraEvents('default', 'yard'), JSON.stringify(event), { msgId: 'gate' })
  let alert = ''
  await until('the alert', async () => {
    alert = (await json<{ alerts: { id: string }[] }>('/v1/alerts')).alerts[0]?.id ?? ''
    return alert !== ''
  })
  const framesOf = async (response: Response) =>
    (await frameTimes(t, Buffer.from(await response.arrayBuffer()))).length
  t.equal(await framesOf(await get(`/v1/alerts/${alert}/clip`)), FRAMES)
  t.equal(await framesOf(await get(`/v1/alerts/${alert}/clip?before=0&after=1000`)), 10)
  t.match(await json('/v1/alerts/none/clip'), { code: 'ALERT_NOT_FOUND' })
  const linked = await fetch(`${base}/v1/alerts/${alert}/clip/link`, { method: 'POST' })
  const { url, expiresAtMs } = (await linked.json()) as { url: string; expiresAtMs: number }
  t.ok(Math.abs(expiresAtMs - Date.now() - 86_400_000) < 60_000)
  t.equal(await framesOf(await get(url)), FRAMES)
  t.equal((await get(url, { range: 'bytes=0-9' })).status, 206)
  t.match(await json(`${url.slice(0, -3)}abc`), { code: 'NOT_FOUND' }, 'a link that was changed')
})
