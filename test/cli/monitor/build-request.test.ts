import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { monitorRequestSchema } from '#schemas/monitor-request.ts'
import {
  buildMonitorRequest,
  checkMonitor,
  type MonitorOptions,
  watchRulesOf,
} from '../../../services/cli/monitor/build-request.ts'
import { lineOption, zoneOption } from '../../../services/cli/monitor/parse-shapes.ts'
import { parseSource } from '../../../services/cli/monitor/parse-source.ts'

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

t.test('the request: recordings completely unless told, cameras live', async (t) => {
  const none = watchRulesOf({}, '/')
  const url = { kind: 'url', url: 'rtsp://192.0.2.1/s' } as const
  const blob = { blob: 'uploads/x', size: 1, sha256: '0'.repeat(64), contentType: 'video/mp4' }
  t.equal(buildMonitorRequest({ kind: 'file', blob }, 'clip', none, {}).pace, 'complete')
  t.equal(buildMonitorRequest({ kind: 'file', blob }, 'clip', none, { pace: 'live' }).pace, 'live')
  t.equal(buildMonitorRequest(url, 'yard', none, {}).pace, 'live')
  const options = { camera: 'door', for: 1000, fps: 5, clip: true, loop: true, minScore: 0.2 }
  const request = buildMonitorRequest(url, 'yard', none, options)
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
  checkMonitor({ source, rules: watchRulesOf({ rules: 'rules.json' }, folder), options: {} })
  t.throws(() => checkMonitor({ source, rules: watchRulesOf({}, folder), options: { fps: 900 } }), {
    message: /^the monitor: fps: /,
  })
})
