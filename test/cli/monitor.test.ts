import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { TOKEN_PATTERN } from '#schemas/identifiers.ts'
import { monitorRequestSchema } from '#schemas/monitor-request.ts'
import { CliError } from '../../services/cli/cli-error.ts'
import {
  buildRequest,
  checkOrder,
  type MonitorOptions,
  watchRulesOf,
} from '../../services/cli/monitor/build-request.ts'
import {
  durationOption,
  lineOption,
  numberOption,
  zoneOption,
} from '../../services/cli/monitor/parse-shapes.ts'
import { cameraNameOf, parseSource } from '../../services/cli/monitor/parse-source.ts'

const GATE = 'gate=0.1,0.5 0.4,0.5 0.4,0.9 0.1,0.9'
const RULES = {
  zones: [
    {
      id: 'plaza',
      polygon: [
        [0, 0],
        [1, 0],
        [1, 1],
      ],
    },
  ],
  rules: [{ id: 'many', kind: 'crowd', zone: 'plaza', minCount: 4 }],
}

t.test('what a source can be', async (t) => {
  const clip = join(t.testdir({ 'My clip (1).mkv': 'x' }), 'My clip (1).mkv')
  t.strictSame(parseSource(clip, '/'), {
    kind: 'local',
    path: clip,
    bytes: 1,
    mediaType: 'video/x-matroska',
  })
  t.strictSame(parseSource('scene:yard:7', '/'), {
    kind: 'remote',
    source: { kind: 'scene', scenario: 'yard', seed: 7 },
  })
  t.match(parseSource('scene:yard', '/'), { source: { kind: 'scene', seed: 1 } })
  t.match(parseSource('/dev/video0', '/'), { source: { kind: 'device', path: '/dev/video0' } })
  for (const url of ['rtsp://cam.example/stream1', 'RTSPS://cam/x', 'http://h/a.m3u8', 'https://h/a.mp4'])
    t.strictSame(parseSource(url, '/'), { kind: 'remote', source: { kind: 'url', url } }, url)
})

t.test('a camera is named after its source, and the name fits a subject', async (t) => {
  const clip = join(t.testdir({ 'My clip (1).mp4': 'x', 'ä.mp4': 'x' }), 'My clip (1).mp4')
  const nameOf = (text: string) => cameraNameOf(parseSource(text, t.testdirName))
  t.equal(nameOf(clip), 'My-clip-1')
  t.equal(nameOf('ä.mp4'), 'camera', 'nothing of it is left')
  t.equal(nameOf('rtsp://admin:secret@192.0.2.10:554/stream1?key=s'), '192-0-2-10-stream1', 'no password')
  t.equal(nameOf('scene:yard:3'), 'yard')
  t.equal(nameOf('/dev/video12'), 'video12')
  fc.assert(
    fc.property(fc.webUrl({ validSchemes: ['http', 'https'], withQueryParameters: true }), (url) =>
      TOKEN_PATTERN.test(cameraNameOf(parseSource(url, '/'))),
    ),
  )
})

t.test('what is no source is refused with a way out', async (t) => {
  const folder = t.testdir({ inside: {}, 'empty.mp4': '' })
  for (const [text, message] of [
    ['nothing.mp4', /nothing\.mp4: there is no such file/],
    ['inside', /is a folder/],
    ['empty.mp4', /is empty/],
    ['ftp://cam/clip.mp4', /rtsp, rtsps, http or https/],
    ['file:///etc/passwd', /rtsp, rtsps, http or https/],
    ['rtsp://[broken/x', /is no address/],
    ['/dev/sda', /device like \/dev\/video0/],
    ['scene:No Such', /is no scene/],
    ['scene:', /is no scene/],
    ['scene:yard:x', /seed of a scene is a whole number/],
    ['scene:yard:99999999999', /is no scene/],
  ] as const)
    t.throws(() => parseSource(text, folder), { name: 'CliError', exitCode: 2, message, fix: /\w/ }, text)
  const fault = t.throws(() => parseSource('ftp://me:secret@cam/x', folder)) as Error
  t.notMatch(fault.message, /secret/, 'what is told may end up in a log')
})

t.test('zones, lines, durations and numbers of the command line', async (t) => {
  t.strictSame(zoneOption(GATE), [
    {
      id: 'gate',
      polygon: [
        [0.1, 0.5],
        [0.4, 0.5],
        [0.4, 0.9],
        [0.1, 0.9],
      ],
    },
  ])
  t.strictSame(
    zoneOption('b=0,0; 1,0;1,1', zoneOption(GATE)).map(({ id }) => id),
    ['gate', 'b'],
    'several, and with semicolons',
  )
  t.strictSame(lineOption('exit=0.5,0 0.5,1'), [{ id: 'exit', from: [0.5, 0], to: [0.5, 1] }])
  t.strictSame(
    ['1500ms', '30s', '30', '5m', '1.5h'].map(durationOption),
    [1500, 30_000, 30_000, 300_000, 5_400_000],
  )
  t.equal(numberOption(0.1, 60)('0.5'), 0.5)
  for (const [call, message] of [
    [() => zoneOption('gate=0.1,0.5 0.4,0.5'), 'zone "gate": a polygon needs at least three points'],
    [() => zoneOption('gate=0.1,0.5 0.4,0.5 1.4,0.9'), 'zone "gate": "1.4,0.9" is no point from 0,0 to 1,1'],
    [() => zoneOption('gate=0.1, 0.4,0.5'), /"0.1," is no point/],
    [() => zoneOption('gate=0.1,0.5,0.6 0,0 1,1'), /"0.1,0.5,0.6" is no point/],
    [() => zoneOption('gate='), /at least three points/],
    [() => zoneOption('0.1,0.5'), /must be ID=X,Y/],
    [() => zoneOption('a.b=0,0 1,0 1,1'), /a zone id must be/],
    [() => zoneOption('flat=0,0 0.5,0.5 1,1'), /no area/],
    [() => lineOption('exit=0.5,0'), /needs two points, it has 1/],
    [() => lineOption('exit=0.5,0 0.5,0'), /two different ends/],
  ] as const)
    t.throws(call, { name: 'CliError', exitCode: 2, message, fix: /--(zone|line) '/ })
  for (const text of ['soon', '', '-1s', '1x', '10ms', '25h'])
    t.throws(() => durationOption(text), { code: 'commander.invalidArgument' }, text)
  for (const text of ['', '0', '61', 'NaN'])
    t.throws(() => numberOption(0.1, 60)(text), { code: 'commander.invalidArgument' })
})

t.test('drawing a zone or a line is asking to be told', async (t) => {
  const rulesOf = (options: MonitorOptions) =>
    watchRulesOf(options, '/').rules.map((rule) => {
      const { id, kind, severity } = rule
      return { id, kind, severity, of: 'zone' in rule ? rule.zone : 'line' in rule ? rule.line : undefined }
    })
  const zone = zoneOption(GATE)
  const enter = { id: 'enter-gate', kind: 'intrusion', severity: 'critical', of: 'gate' }
  const stay = { id: 'stay-gate', kind: 'loitering', severity: 'medium', of: 'gate' }
  t.strictSame(rulesOf({ zone }), [enter], 'nobody is to be there')
  t.match(watchRulesOf({ zone }, '/').rules[0], { classes: ['person', 'vehicle'] })
  t.strictSame(rulesOf({ zone, loiter: 5 }), [stay], 'unless it is for something else')
  t.strictSame(rulesOf({ zone, crowd: 9, loiter: 5 }), [
    stay,
    { id: 'crowd-gate', kind: 'crowd', severity: 'high', of: 'gate' },
  ])
  t.match(watchRulesOf({ zone, crowd: 9, loiter: 0.5 }, '/').rules, [{ dwellMs: 500 }, { minCount: 9 }])
  t.strictSame(rulesOf({ crowd: 9 }), [{ id: 'crowd', kind: 'crowd', severity: 'high', of: undefined }])
  const wholePicture = watchRulesOf({ loiter: 5, crowd: 3 }, '/')
  t.match(wholePicture, { zones: [{ id: 'picture' }], rules: [{ zone: 'picture' }, { id: 'crowd' }] })
  t.match(rulesOf({ line: lineOption('exit=0.5,0 0.5,1') }), [
    { id: 'cross-exit', kind: 'line-crossing', of: 'exit' },
  ])
  t.strictSame(watchRulesOf({}, '/'), { zones: [], lines: [], rules: [] }, 'it only counts')
})

t.test('what a rule of the file speaks of keeps that rule', async (t) => {
  const folder = t.testdir({ 'rules.json': JSON.stringify(RULES) })
  const { zones, rules } = watchRulesOf({ rules: 'rules.json', zone: zoneOption(GATE) }, folder)
  t.strictSame(
    zones.map(({ id }) => id),
    ['plaza', 'gate'],
  )
  t.strictSame(
    rules.map(({ id }) => id),
    ['many', 'enter-gate'],
  )
  const alone = t.testdir({ 'rules.json': JSON.stringify({ ...RULES, zones: [] }) })
  t.throws(() => watchRulesOf({ rules: 'rules.json' }, alone), { message: /there is no zone "plaza"/ })
})

t.test('a rules file that is none is told with all its faults and a fix', async (t) => {
  const folder = t.testdir({
    'faulty.json': JSON.stringify({
      zones: [
        {
          id: 'a',
          polygon: [
            [0, 0],
            [1, 1],
          ],
        },
      ],
      rules: [{ id: 'x', kind: 'shouting' }],
    }),
    'zone.json': JSON.stringify({ rules: [{ id: 'x', kind: 'intrusion', zone: 'b' }] }),
    'broken.json': '{',
    'truth.json': JSON.stringify({ schema: 'murmuration.scene-truth/1', frames: [], ...RULES }),
    'large.json': JSON.stringify({ rules: [], padding: 'x'.repeat(300_000) }),
    folder: {},
  })
  const faultOf = (file: string): CliError => {
    try {
      watchRulesOf({ rules: file }, folder)
    } catch (error) {
      if (error instanceof CliError && error.exitCode === 2) return error
      throw error
    }
    throw new Error(`${file} was taken`)
  }
  t.match(faultOf('faulty.json'), {
    message: /^faulty\.json: zones\.0\.polygon: .*three points/,
    fix: /three corners or more/,
  })
  t.match(faultOf('faulty.json').details.join('\n'), /rules\.0\.kind/)
  t.match(faultOf('zone.json'), { message: /there is no zone "b"/, fix: /Name a zone/ })
  t.match(faultOf('broken.json'), { message: /it is not JSON/, fix: /examples\/monitor\/rules\.json/ })
  t.match(faultOf('truth.json'), { message: /truth of a scene/, fix: /scene rules NAME/ })
  t.match(faultOf('large.json'), { message: /large\.json has 293 KiB/ })
  t.match(faultOf('missing.json'), {
    code: 'FILE_UNREADABLE',
    message: 'missing.json: there is no such file',
  })
  t.match(faultOf('folder'), { code: 'FILE_UNREADABLE', message: 'folder: is a folder' })
})

t.test('the request: recordings completely unless told, cameras live', async (t) => {
  const none = watchRulesOf({}, '/')
  const url = { kind: 'url', url: 'rtsp://192.0.2.1/s' } as const
  const blob = { blob: 'uploads/x', size: 1, sha256: '0'.repeat(64), contentType: 'video/mp4' }
  t.equal(buildRequest({ kind: 'file', blob }, 'clip', none, {}).pace, 'complete')
  t.equal(buildRequest({ kind: 'file', blob }, 'clip', none, { pace: 'live' }).pace, 'live')
  t.equal(buildRequest(url, 'yard', none, {}).pace, 'live')
  const options = { camera: 'door', for: 1000, fps: 5, clip: true, loop: true, minScore: 0.2 }
  const request = buildRequest(url, 'yard', none, options)
  t.match(request, {
    camera: 'door',
    durationMs: 1000,
    fps: 5,
    annotatedClip: true,
    loop: true,
    minScore: 0.2,
  })
  t.ok(monitorRequestSchema.safeParse(request).success)
})

t.test('an order is checked as a whole before anything is uploaded', async (t) => {
  const folder = t.testdir({ 'clip.mp4': 'x' })
  writeFileSync(join(folder, 'rules.json'), JSON.stringify(RULES))
  const source = parseSource('clip.mp4', folder)
  checkOrder({ source, rules: watchRulesOf({ rules: 'rules.json' }, folder), options: {} })
  t.throws(() => checkOrder({ source, rules: watchRulesOf({}, folder), options: { fps: 900 } }), {
    message: /^the monitor: fps: /,
  })
})
