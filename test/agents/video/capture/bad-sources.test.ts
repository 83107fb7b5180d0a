import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import t, { type Test } from 'tap'
import { createMemoryBlobs } from '#sdk/testing.ts'
import { CAPTURE_LIMITS } from '../../../../services/agents/video/capture/limits.ts'
import { withServers } from '../../../support/servers.ts'
import { makeClip, makeFile, picture, skip } from './clips.ts'
import { serveHttp, serveSilence } from './local-http.ts'
import { type MonitorOptions, startMonitor } from './monitor-fixture.ts'

const servers = await withServers(t)

async function outcomeOf(t: Test, bytes: Uint8Array) {
  const blobs = createMemoryBlobs()
  const blob = await blobs.put(bytes, { contentType: 'video/mp4' })
  const input = { source: { kind: 'file', blob }, pace: 'complete' } as const
  const monitor = await startMonitor(t, { servers, blobs, input })
  return { monitor, outcome: await monitor.outcome }
}

async function outcomeOfUrl(t: Test, url: string, more: Partial<MonitorOptions> = {}) {
  // A recording: a camera that gives nothing is waited for, see camera-returns.
  const input = { source: { kind: 'url', url }, pace: 'complete' } as const
  const monitor = await startMonitor(t, { servers, input, ...more })
  return { monitor, outcome: await monitor.outcome }
}

const failed = (code: string, message: RegExp) => ({ kind: 'fail', error: { code, message } })

t.test('files that are no video: the step fails with the reason', { skip }, async (t) => {
  const sound = ['-f', 'lavfi', '-i', 'sine=duration=2', '-c:a', 'aac']
  const whole = await makeClip(t, { seconds: 2 }, 'whole.mp4')
  const wide = await readFile(
    await makeFile(t, 'wide.mkv', [...picture({ size: '16000x64', seconds: 1, fps: 1 }), '-c:v', 'mjpeg']),
  )
  const huge = ['-f', 'lavfi', '-i', 'color=s=16000x9000:r=1:d=1', '-c:v', 'mjpeg']
  const cases: [what: string, bytes: Uint8Array, code: string, message: RegExp][] = [
    [
      'a text',
      Buffer.from('Dear all,\nthis is no video.\n'.repeat(50)),
      'BROKEN_FILE',
      /no video that can be read/,
    ],
    ['nothing', Buffer.alloc(0), 'BROKEN_FILE', /is empty/],
    ['noise', Buffer.alloc(50_000, 7), 'BROKEN_FILE', /no video/],
    [
      'sound',
      await readFile(await makeFile(t, 'sound.mp4', sound)),
      'UNSUPPORTED_FORMAT',
      /no moving picture/,
    ],
    ['no index', whole.subarray(0, whole.length / 2), 'BROKEN_FILE', /its index is missing/],
    ['16,000 pixels wide', wide, 'LIMIT_EXCEEDED', /16000 × 64 pixels, at most 8192 × 8192/],
    [
      '144 million pixels',
      await readFile(await makeFile(t, 'huge.mkv', huge)),
      'LIMIT_EXCEEDED',
      /16000 × 9000/,
    ],
    [
      'a playlist that opens a file',
      Buffer.from('#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n'),
      'UNSUPPORTED_FORMAT',
      /playlist/,
    ],
    [
      'a concat script',
      Buffer.from("ffconcat version 1.0\nfile '/etc/passwd'\n"),
      'UNSUPPORTED_FORMAT',
      /playlist/,
    ],
  ]
  await Promise.all(
    cases.map(async ([what, bytes, code, message]) => {
      const { monitor, outcome } = await outcomeOf(t, bytes)
      t.match(outcome, failed(code, message), what)
      await monitor.state(({ status }) => status === 'ended')
      t.equal(monitor.frames.length, 0)
      t.notMatch(JSON.stringify(outcome), /root:|murmur-capture/, 'nothing of ours is told')
    }),
  )
  const left = (await readdir(tmpdir())).filter((name) => name.startsWith(`murmur-capture-${process.pid}-`))
  t.strictSame(left, [], 'no file is left')
})

for (const [name, more] of [
  ['front.mp4', ['-movflags', '+faststart']],
  ['front.mkv', []],
] as const)
  t.test(`${name}, cut off: what decodes is used, the end is told`, { skip }, async (t) => {
    const path = await makeFile(t, name, [...picture({ seconds: 4 }), ...more])
    const bytes = await readFile(path)
    const { monitor, outcome } = await outcomeOf(t, bytes.subarray(0, Math.floor(bytes.length * 0.6)))
    t.match(outcome, {
      kind: 'done',
      output: { ended: 'source failed', reason: /damaged or cut off/, frames: { droppedAtCapture: 0 } },
    })
    t.ok(monitor.frames.length > 10 && monitor.frames.length < 40, `${monitor.frames.length} frames`)
  })

t.test('addresses that may not be called are not', { skip }, async (t) => {
  const silence = await serveSilence(t)
  const networks: string[] = ['10.0.0.0/8']
  const urls = [
    `http://127.0.0.1:${silence.port}/a.mp4`,
    `rtsp://127.0.0.1:${silence.port}/a`,
    `rtsp://localhost:${silence.port}/a`,
    `http://localhost:${silence.port}/a`,
    `http://2130706433:${silence.port}/a`,
    `rtsp://2130706433:${silence.port}/a`,
    `rtsp://[::ffff:127.0.0.1]:${silence.port}/a`,
    'http://169.254.169.254/latest/meta-data',
    'rtsp://169.254.169.254/latest',
    'http://[fe80::1]/a',
    'https://192.168.1.1/a',
  ]
  const outcomes = await Promise.all(urls.map((url) => outcomeOfUrl(t, url, { networks })))
  for (const [i, { outcome }] of outcomes.entries())
    t.match(outcome, failed('ADDRESS_FORBIDDEN', /MURMUR_VIDEO_NETWORKS/), urls[i]!)
  t.equal(silence.calls(), 0)
})

t.test('what a page leads to is checked like the page', { skip }, async (t) => {
  let calls = 0
  const onCall = (_request: unknown, response: { end(): void }) => {
    calls++
    response.end()
  }
  const elsewhere = `${(await serveHttp(t, onCall, '127.0.0.2')).url}/x.ts`
  const playlist = (line: string) =>
    `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n${line}\n#EXT-X-ENDLIST\n`
  const pages: Record<string, [status: number, headers: Record<string, string>, body: string]> = {
    '/file.m3u8': [200, {}, playlist('file:///etc/passwd')],
    '/other.m3u8': [200, {}, playlist(elsewhere)],
    '/secure.m3u8': [200, {}, playlist(elsewhere.replace('http:', 'https:'))],
    '/file-named-well.m3u8': [200, {}, playlist('file:///tmp/secret.ts')],
    '/proxy.m3u8': [200, {}, playlist(elsewhere.replace('http:', 'httpproxy:'))],
    '/moved': [302, { location: elsewhere }, ''],
    '/to-file': [302, { location: 'file:///etc/passwd' }, ''],
  }
  const site = await serveHttp(t, ({ url }, response) => {
    const [status, headers, body] = pages[url ?? ''] ?? [404, {}, '']
    response.writeHead(status, headers).end(body)
  })
  await Promise.all(
    Object.keys(pages).map(async (page) => {
      const { outcome } = await outcomeOfUrl(t, site.url + page, { networks: ['127.0.0.1'] })
      t.match(outcome, failed('ADDRESS_FORBIDDEN', /./), page)
    }),
  )
  t.equal(calls, 0, 'nobody else was called')
  const { outcome } = await outcomeOfUrl(t, `${site.url}/file.m3u8`)
  t.match(outcome, failed('ADDRESS_FORBIDDEN', /something else than http/))
  const open = await outcomeOfUrl(t, `${site.url}/other.m3u8`, { networks: ['127.0.0.0/8'] })
  t.equal(open.outcome.kind, 'fail')
  t.ok(calls > 0, 'where it may be called it is')
  const text = await serveHttp(t, (_request, response) => void response.end('<html>Hello</html>'.repeat(100)))
  const page = await outcomeOfUrl(t, text.url)
  t.match(page.outcome, failed('UNSUPPORTED_FORMAT', /no video that is read/), 'a page is no video')
})

t.test('recordings that never answer: after half a minute the step fails', { skip }, async (t) => {
  t.equal(CAPTURE_LIMITS.firstConnectMs, 30_000)
  // Nobody has to wait for it here: a tenth of each wait.
  const { probeMs, firstConnectMs, cameraStallMs } = CAPTURE_LIMITS
  const waits = {
    probeMs: probeMs / 10,
    firstConnectMs: firstConnectMs / 10,
    cameraStallMs: cameraStallMs / 10,
  }
  const silence = await serveSilence(t)
  const refused = await serveHttp(t, (_request, response) => void response.writeHead(503).end())
  const { url } = refused
  const rules = [{ id: 'away', kind: 'camera-offline', afterMs: 1000 }] as const
  const urls = [
    `rtsp://127.0.0.1:${silence.port}/a`,
    `http://127.0.0.1:${silence.port}/a`,
    `${url}/b`,
    'rtsp://127.0.0.1:9/c',
  ]
  const outcomes = await Promise.all(
    urls.map((url) =>
      outcomeOfUrl(t, url, {
        waits,
        input: { source: { kind: 'url', url }, pace: 'complete', rules: [...rules] },
      }),
    ),
  )
  for (const [i, { outcome }] of outcomes.entries())
    t.match(outcome, failed('SOURCE_UNAVAILABLE', /no connection within 3 s/), urls[i]!)
  t.ok(silence.calls() >= 2, 'it was tried')
})
