import t from 'tap'
import { monitorRequestExample, monitorRequestSchema, watchRulesSchema } from '#schemas/monitor-request.ts'
import { zoneSchema } from '#schemas/watch-rule.ts'

t.test('ids are unique, and rules name zones and lines that are there', async (t) => {
  const polygon = [
    [0, 0],
    [1, 0],
    [0, 1],
  ]
  const { error } = watchRulesSchema.safeParse({
    zones: [
      { id: 'a', polygon },
      { id: 'a', polygon },
    ],
    rules: [
      { id: 'r', kind: 'intrusion', zone: 'b' },
      { id: 's', kind: 'line-crossing', line: 'l' },
    ],
  })
  t.strictSame(
    error?.issues.map(({ path, message }) => [path.join('.'), message]),
    [
      ['zones.1.id', 'there are two zones with the id "a"'],
      ['rules.0.zone', 'there is no zone "b"'],
      ['rules.1.line', 'there is no line "l"'],
    ],
  )
})

t.test('sources are addresses of video, devices, clips and scenes', async (t) => {
  const accepts = (source: object) =>
    monitorRequestSchema.safeParse({ ...monitorRequestExample, source }).success
  t.ok(accepts({ kind: 'url', url: 'rtsps://192.0.2.10/a' }))
  t.ok(accepts({ kind: 'device', path: '/dev/video0' }))
  t.notOk(accepts({ kind: 'url', url: 'file:///etc/passwd' }))
  t.notOk(accepts({ kind: 'device', path: '/dev/sda' }))
  t.notOk(accepts({ kind: 'scene', scenario: 'crowd', seed: -1 }))
  t.match(monitorRequestSchema.parse(monitorRequestExample), {
    pace: 'live',
    loop: false,
    annotatedClip: false,
  })
})

t.test(
  'a zone whose edges cross is refused, with where; of a monitor that is under way it is not looked at',
  async (t) => {
    const zone = {
      id: 'gate',
      polygon: [
        [0.1, 0.1],
        [0.9, 0.9],
        [0.9, 0.1],
        [0.2, 0.7],
      ],
    }
    const request = { ...monitorRequestExample, zones: [zone], rules: [] }
    t.match(monitorRequestSchema.safeParse(request).error?.issues, [
      { path: ['zones', 0, 'polygon'], message: /^its edges 1–2 and 3–4 cross at 0/ },
    ])
    t.match(watchRulesSchema.safeParse({ zones: [zone] }).error?.issues, [{ path: ['zones', 0, 'polygon'] }])
    t.ok(zoneSchema.safeParse(zone).success)
    const even = {
      id: 'gate',
      polygon: [
        [0.1, 0.1],
        [0.9, 0.9],
        [0.9, 0.1],
        [0.1, 0.9],
      ],
    }
    t.match(watchRulesSchema.safeParse({ zones: [even] }).error?.issues, [{ message: /^its edges/ }])
    const ignore = [{ ...zone, id: 'tree' }]
    const masked = { ...monitorRequestExample, ignore }
    const refused = [{ path: ['ignore', 0, 'polygon'], message: /^its edges 1–2 and 3–4 cross at 0/ }]
    t.match(monitorRequestSchema.safeParse(masked).error?.issues, refused)
    t.match(watchRulesSchema.safeParse({ ignore }).error?.issues, refused, 'an ignore mask, too')
  },
)

t.test('a substream belongs to a camera that is read live', async (t) => {
  const detectSource = { kind: 'url', url: 'rtsp://192.0.2.10:554/stream2' }
  const faults = (about: object) =>
    monitorRequestSchema
      .safeParse({ ...monitorRequestExample, detectSource, ...about })
      .error?.issues.map(({ path }) => path.join('.')) ?? []
  t.strictSame(faults({}), [])
  t.strictSame(faults({ source: { kind: 'device', path: '/dev/video0' } }), [])
  t.strictSame(faults({ pace: 'complete' }), ['detectSource'])
  t.strictSame(faults({ loop: true }), ['detectSource'])
  t.strictSame(faults({ source: { kind: 'scene', scenario: 'yard' } }), ['detectSource'])
  t.strictSame(faults({ detectSource: { kind: 'scene', scenario: 'yard' } }), ['detectSource'])
})
