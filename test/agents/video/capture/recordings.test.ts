import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createMemoryBlobs } from '#sdk/testing.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { captionHeight } from '../../../../services/agents/video/pictures/overlay-svg.ts'
import { withServers } from '../../../support/servers.ts'
import { children } from './children.ts'
import { describe, makeClip, type picture, skip, tools } from './clips.ts'
import { serveHttp } from './local-http.ts'
import { type MonitorOptions, startMonitor } from './monitor-fixture.ts'

const servers = await withServers(t)

async function startClip(
  t: Test,
  clip: Parameters<typeof picture>[0],
  { input, ...more }: Omit<MonitorOptions, 'servers' | 'input'> & { input?: object } = {},
) {
  const blobs = createMemoryBlobs()
  const blob = await blobs.put(await makeClip(t, clip), { contentType: 'video/mp4' })
  const source = { kind: 'file', blob } as const
  const monitor = await startMonitor(t, {
    servers,
    blobs,
    input: { source, pace: 'complete', ...input },
    ...more,
  })
  return Object.assign(monitor, { blobs })
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

t.test('stop ends it in order, and nothing is left running', { skip }, async (t) => {
  const monitor = await startClip(t, { seconds: 15 }, { input: { pace: 'live' } })
  await monitor.framesSeen(5)
  t.equal(children().length, 1, children().join(' '))
  const { monitor: id } = monitor.frames[0]!
  t.match(await monitor.bus.request(SUBJECTS.monitorStop(id), {}, { timeoutMs: 2000 }), { stopping: true })
  t.match(await monitor.outcome, { kind: 'done', output: { ended: 'stopped' } })
  t.strictSame(children(), [])
  await monitor.state(({ status, reason }) => status === 'ended' && reason === 'stopped')
})

for (const [reason, message, status] of [
  ['instance-stops', 'the instance stops', 'connecting'],
  ['task-ended', 'the task has ended', 'ended'],
] as const) {
  t.test(`aborted because ${message}: handed on, and no orphan`, { skip }, async (t) => {
    // Nobody answers, so that ffmpeg stands still in the middle of a frame.
    const monitor = await startClip(t, { seconds: 10, size: '640x360' }, { answer: () => undefined })
    await monitor.framesSeen(8)
    t.equal(children().length, 1)
    monitor.abort(reason)
    t.match(await monitor.outcome, { kind: 'retry', error: { message } })
    t.strictSame(children(), [])
    await monitor.state((state) => state.status === status && state.reason !== undefined)
  })
}

t.test('the annotated clip has every frame and plays', { skip }, async (t) => {
  const answer = ({ mediaMs }: { mediaMs: number }) => {
    const left = 0.1 + (mediaMs / 3000) * 0.5
    const box: [number, number, number, number] = [left, 0.3, left + 0.1, 0.8]
    const person = {
      class: 'person',
      label: 'person',
      score: 0.9,
      box,
      id: 1,
      predicted: false,
      zones: ['gate'],
    }
    return { tracks: { tracks: [person as never], persons: 1 } }
  }
  const zones = [
    {
      id: 'gate',
      polygon: [
        [0.2, 0.2],
        [0.6, 0.2],
        [0.6, 0.9],
      ] as [number, number][],
    },
  ]
  const monitor = await startClip(
    t,
    { seconds: 3, size: '480x270' },
    { input: { annotatedClip: true, zones }, answer },
  )
  const outcome = await monitor.outcome
  if (outcome.kind !== 'done' || !outcome.output.clip) return t.fail(JSON.stringify(outcome))
  t.match(outcome.output.clip, { contentType: 'video/mp4' })
  const path = join(t.testdir(), 'clip.mp4')
  writeFileSync(path, await monitor.blobs.get(outcome.output.clip))
  const facts = await describe(path)
  // What is written about it stands above the picture.
  const height = 270 + captionHeight({ width: 480 }, { caption: { title: 'yard', details: [] } })
  t.match(facts, new RegExp(`480x${height}.* 10 fps`))
  t.match(facts, /frame=\s*30 /)
  t.strictSame(children(), [])
})

// The others don't count the programs of this process, and wait most of the time; the longest comes first.
t.jobs = 3

t.test('progress: how far it is, and what is seen', { skip }, async (t) => {
  const answer = () => ({ tracks: { persons: 3, vehicles: 1 } })
  const monitor = await startClip(t, { seconds: 4 }, { input: { pace: 'live' }, answer })
  await monitor.outcome
  const told = monitor.ctx.progressed.filter(({ note }) => note?.startsWith('live'))
  t.match(told.at(-1)?.note, /^live · \d+\.\d fps · 3 persons · 1 vehicle$/)
  const fractions = told.map(({ fraction }) => fraction)
  t.ok(fractions.at(-1)! > 0.5 && fractions.at(-1)! <= 1, String(fractions))
})

t.test(
  'a clip read completely: every frame once, in order, a bounded number under way',
  { skip },
  async (t) => {
    let away = 0
    let most = 0
    const monitor = await startClip(
      t,
      { seconds: 5, fps: 12 },
      {
        input: { minScore: 0.4 },
        answer: () => {
          most = Math.max(most, ++away)
          setTimeout(() => away--, 10)
          return { afterMs: 10 }
        },
      },
    )
    t.match(await monitor.outcome, {
      kind: 'done',
      output: { ended: 'end of source', frames: { decoded: 60, droppedAtCapture: 0 }, reconnects: 0 },
    })
    t.strictSame(
      monitor.frames.map(({ seq }) => seq),
      numbers(60),
    )
    t.ok(most >= 4 && most <= 9, `${most} under way at most`)
    const [first] = monitor.frames
    for (const frame of monitor.frames) {
      t.equal(frame.mediaMs, Math.round(((frame.seq - 1) * 1000) / 12))
      t.equal(frame.atMs - first!.atMs, frame.mediaMs)
    }
    t.match(first, {
      pace: 'complete',
      minScore: 0.4,
      width: 128,
      height: 96,
      contentWidth: 128,
      contentHeight: 72,
    })
    const last = await monitor.state(({ status }) => status === 'ended')
    t.match(last, { source: { width: 320, height: 180, fps: 12 }, frames: { decoded: 60 } })
  },
)

t.test('planes are green, blue and red; the border below is not sent', { skip }, async (t) => {
  const blobs = createMemoryBlobs()
  const colour = ['-f', 'lavfi', '-i', 'color=0xE02040:s=320x180:r=5:d=1', '-c:v', 'mpeg4', '-q:v', '1']
  const path = join(t.testdir(), 'red.mp4')
  execFileSync(tools!.ffmpeg, ['-v', 'error', ...colour, path])
  const blob = await blobs.put(readFileSync(path), { contentType: 'video/mp4' })
  const input = { source: { kind: 'file', blob }, pace: 'complete' } as const
  const monitor = await startMonitor(t, { servers, blobs, input, keepPlanes: true })
  await monitor.outcome
  const [{ planes, width, contentHeight }] = monitor.frames as [(typeof monitor.frames)[0]]
  const at = (x: number, y: number) =>
    [0, 1, 2].map((plane) => planes[plane * width * contentHeight + y * width + x]!)
  for (const [i, wanted] of [0x20, 0x40, 0xe0].entries()) {
    t.ok(Math.abs(at(60, 30)[i]! - wanted) <= 6, `plane ${i}: ${at(60, 30)[i]} is about ${wanted}`)
  }
  t.equal(planes.length, width * contentHeight * 3)
})

t.test('live pace: at its own speed; fps thins it out', { skip }, async (t) => {
  const monitor = await startClip(t, { seconds: 2, fps: 20 }, { input: { pace: 'live', fps: 5 } })
  const outcome = await monitor.outcome
  t.match(outcome, { kind: 'done', output: { frames: { decoded: 10 } } })
  const [first, last] = [monitor.frames[0]!, monitor.frames.at(-1)!]
  t.equal(last.mediaMs, 1800)
  const tookMs = last.capturedAtMs - first.capturedAtMs
  t.ok(tookMs > 1200 && tookMs < 15_000, `${tookMs} ms for 1.8 s`)
})

t.test('frames that do not come back are sent again until they do', { skip }, async (t) => {
  const sent = new Set<number>()
  const answer = ({ seq }: { seq: number }) => {
    const isLost = seq > 3 && seq <= 11 && !sent.has(seq)
    sent.add(seq)
    return isLost ? undefined : {}
  }
  const monitor = await startClip(t, { seconds: 2 }, { answer })
  t.match(await monitor.outcome, { kind: 'done', output: { frames: { decoded: 20, droppedAtCapture: 0 } } })
  t.strictSame([...new Set(monitor.frames.map(({ seq }) => seq))], numbers(20))
  t.ok(monitor.frames.length >= 28, `${monitor.frames.length} frames were sent`)
})

t.test('a slow network loses nothing of the end, when ffmpeg has long gone', { skip }, async (t) => {
  const answer = () => ({ afterMs: 60 })
  const monitor = await startClip(
    t,
    { seconds: 6, size: '64x48' },
    { answer, inputs: [{ width: 32, height: 32 }] },
  )
  t.match(await monitor.outcome, { kind: 'done', output: { frames: { decoded: 60, droppedAtCapture: 0 } } })
  t.strictSame(
    monitor.frames.map(({ seq }) => seq),
    numbers(60),
  )
})

t.test('loop: numbers and times go on; a duration ends it', { skip }, async (t) => {
  const monitor = await startClip(t, { seconds: 1 }, { input: { loop: true, durationMs: 2500 } })
  const outcome = await monitor.outcome
  t.match(outcome, { kind: 'done', output: { ended: 'duration' } })
  const times = monitor.frames.map(({ mediaMs }) => mediaMs)
  t.strictSame(
    times.slice(0, 26),
    Array.from({ length: 26 }, (_, i) => i * 100),
  )
  t.ok(times.length < 40)
})

t.test('snapshots of frames that are kept; the others are refused', { skip }, async (t) => {
  const monitor = await startClip(t, { size: '1920x1080', seconds: 2 })
  const outcome = await monitor.outcome
  t.equal(outcome.kind, 'done')
  const { monitor: id, epoch } = monitor.frames[0]!
  const ask = (seq: number, of = epoch) =>
    monitor.bus.requestBytes(SUBJECTS.monitorSnapshot(id), { epoch: of, seq }, { timeoutMs: 2000 })
  const jpeg = await ask(20)
  const path = join(t.testdir(), 'snapshot.jpg')
  writeFileSync(path, jpeg)
  t.match(await describe(path), /mjpeg.* 960x540/, 'also just after the end')
  await t.rejects(ask(500), { code: 'INVALID_REQUEST', message: /frame 500 is not kept/ })
  await t.rejects(ask(20, epoch - 1), { code: 'INVALID_REQUEST' })
  const nonsense = monitor.bus.requestBytes(SUBJECTS.monitorSnapshot(id), 'x', { timeoutMs: 2000 })
  await t.rejects(nonsense, { code: 'INVALID_REQUEST' })

  const newest = (marks: object) =>
    monitor.bus.requestBytes(SUBJECTS.monitorSnapshot(id), { newest: true, ...marks }, { timeoutMs: 5000 })
  const [plain, drawn] = [await newest({}), await newest({ grid: true })]
  writeFileSync(path, drawn)
  t.match(await describe(path), /mjpeg.* 960x540/, 'the newest one, with a grid: of the same size')
  t.notOk(Buffer.from(plain).equals(Buffer.from(drawn)))
  await t.rejects(newest({ zones: 'all' }), { code: 'INVALID_REQUEST' })
})

t.test('a clip from the web ends like a file, after a redirect too', { skip }, async (t) => {
  const clip = await makeClip(t, { seconds: 2 })
  const asked: (string | undefined)[] = []
  const site = await serveHttp(t, ({ url, headers }, response) => {
    asked.push(`${url} ${headers.host}`)
    if (url === '/moved') return void response.writeHead(302, { location: '/clip.mp4' }).end()
    const [, from = '0'] = /bytes=(\d+)-/.exec(headers.range ?? '') ?? []
    const part = clip.subarray(Number(from))
    response.writeHead(206, {
      'content-length': part.length,
      'content-range': `bytes ${from}-${clip.length - 1}/${clip.length}`,
    })
    response.end(part)
  })
  const source = { kind: 'url', url: `${site.url}/moved` } as const
  const monitor = await startMonitor(t, { servers, input: { source, pace: 'complete' } })
  t.match(await monitor.outcome, {
    kind: 'done',
    output: { ended: 'end of source', frames: { decoded: 20 } },
  })
  t.ok(asked.some((line) => line === `/clip.mp4 ${site.url.slice(7)}`))
})
