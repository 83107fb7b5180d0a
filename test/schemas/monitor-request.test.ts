import t from 'tap'
import { monitorRequestExample, monitorRequestSchema, watchRulesSchema } from '#schemas/monitor-request.ts'

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
