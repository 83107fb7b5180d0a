import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ChannelCredentials, type ClientReadableStream, type ServiceError } from '@grpc/grpc-js'
import t, { type Test } from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { ALERT } from '#subjects/operations/examples.ts'
import { RecordingService } from '../../../services/agents/video/recordings/service/recording-service.ts'
import {
  type ExportRecordingResponse,
  type FindClipsResponse,
  type ListRecordingsResponse,
  type RecordedClip,
  RecordingServiceClient,
} from '../../../services/edge/grpc/generated/v1/recording_service.ts'
import { skip } from '../../agents/video/capture/clips.ts'
import { openStore, temporaryFolder } from '../../agents/video/recordings/open-store.ts'
import { fragmentedVideo, frameTimes } from '../../agents/video/recordings/recorded-video.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { taskState } from '../../support/task-states.ts'
import { until } from '../../support/until.ts'
import { openGrpc } from '../grpc-fixture.ts'

const START_MS = Date.now() - 3_600_000
const SPAN = { camera: 'yard', fromMs: START_MS, toMs: START_MS + 5000 }

/** What a process before has left of two tenants, and a node that has it now. */
async function startNode(t: Test, natsUrl: string): Promise<void> {
  const video = await fragmentedVideo({ seconds: 8, fps: 10 })
  const folder = await temporaryFolder(t)
  for (const place of ['default/yard', 'acme/secret']) {
    const day = join(folder, place, new Date(START_MS).toISOString().slice(0, 10))
    await mkdir(day, { recursive: true })
    await writeFile(join(day, `${START_MS}-${START_MS}.mp4`), video)
  }
  const store = await openStore(t, { folder })
  const bus = await openBus(t, natsUrl)
  const service = new RecordingService({ bus, store, clock: systemClock, states: new Map() })
  service.start()
  t.teardown(() => service.stop())
}

async function openClient(t: Test) {
  const servers = await withServers(t)
  await startNode(t, servers.natsUrl)
  const bus = await openBus(t, servers.natsUrl)
  const alert = { ...ALERT, camera: 'yard', atMs: START_MS + 4000 }
  const end = bus.serve('getAlert', ({ id }, { tenant }) => {
    if (id !== alert.id || tenant !== 'default') throw new MurmurError('ALERT_NOT_FOUND', 'there is none')
    return { alert }
  })
  t.teardown(end)
  const { server } = await openGrpc(t, bus, { task: taskState('t') })
  const client = new RecordingServiceClient(`127.0.0.1:${server.port}`, ChannelCredentials.createInsecure())
  t.teardown(() => client.close())
  return { client, alert }
}

/** One request, one answer. */
function ask<Answer>(
  send: (callback: (error: ServiceError | null, answer: Answer) => void) => unknown,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    send((error, answer) => (error ? reject(error) : resolve(answer)))
  })
}

async function fileOf(stream: ClientReadableStream<ExportRecordingResponse>) {
  let clip: RecordedClip | undefined
  const chunks: Buffer[] = []
  for await (const { part } of stream as AsyncIterable<ExportRecordingResponse>) {
    if (part?.$case === 'clip') clip = part.value
    else if (part) chunks.push(Buffer.from(part.value))
  }
  return { clip: clip!, file: Buffer.concat(chunks) }
}

t.test('recordings over gRPC: listed, told and read, of the own tenant alone', { skip }, async (t) => {
  const { client, alert } = await openClient(t)
  const list = () => ask<ListRecordingsResponse>((done) => client.listRecordings({}, done))
  await until('the node answers', async () => (await list().catch(() => undefined))?.recordings?.length === 1)
  t.match(await list(), {
    recordings: [
      { camera: 'yard', fromMs: START_MS, toMs: START_MS + 8000, segments: 1, isRecording: false },
    ],
    missing: [],
  })
  t.match(await ask((done) => client.getTimeline(SPAN, done)), {
    ...SPAN,
    spans: [{ fromMs: START_MS, toMs: START_MS + 8000 }],
    isCut: false,
  })
  const { clips = [] } = await ask<FindClipsResponse>((done) => client.findClips(SPAN, done))
  t.match(clips, [{ frames: 50, gaps: [] }])

  const { clip, file } = await fileOf(client.exportRecording(SPAN))
  t.match(clip, clips[0]!)
  t.equal(file.length, clip.bytes)
  t.equal((await frameTimes(t, file)).length, 50)
  const rest = await fileOf(client.exportRecording({ ...SPAN, offset: 1000 }))
  t.equal(rest.clip.etag, clip.etag)
  t.ok(rest.file.equals(file.subarray(1000)), 'it goes on where it was cut off')
  t.equal((await fileOf(client.exportRecording({ ...SPAN, offset: file.length }))).file.length, 0)

  const around = await fileOf(client.getAlertClip({ id: alert.id }))
  t.equal((await frameTimes(t, around.file)).length, 80)
  const short = await fileOf(client.getAlertClip({ id: alert.id, beforeMs: 0, afterMs: 1000 }))
  t.equal((await frameTimes(t, short.file)).length, 10)

  await t.rejects(fileOf(client.exportRecording({ ...SPAN, camera: 'secret' })), { message: /no recording/ })
  await t.rejects(fileOf(client.exportRecording({ ...SPAN, clip: 1 })), { message: /only 1/ })
  await t.rejects(fileOf(client.exportRecording({ ...SPAN, offset: file.length + 1 })), {
    message: /has \d+ bytes/,
  })
  await t.rejects(fileOf(client.getAlertClip({ id: 'none' })), { message: /there is none/ })
  await t.rejects(
    ask((done) => client.getTimeline({ ...SPAN, toMs: 5 }, done)),
    { message: /later than fromMs/ },
  )
})
