import t from 'tap'
import { z } from 'zod'
import { describeIssue } from '#platform/requests/describe-issue.ts'
import { watchRulesSchema } from '#schemas/monitor-request.ts'

const told = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value).error?.issues.map((issue) => `${issue.path.join('.')} ${describeIssue(issue)}`)

t.test('a number beyond its bounds is told with its unit', async (t) => {
  const schema = z.object({
    holdMs: z.int().min(500).max(3_600_000).default(500),
    maxBytes: z.number().lt(1024).default(1),
    fps: z.number().min(0.1).default(1),
    count: z.int().min(1).default(1),
    list: z.array(z.object({ waitMs: z.int().gt(0) })).default([]),
  })
  t.strictSame(told(schema, { holdMs: 2 }), ['holdMs must be at least 500 ms'])
  t.strictSame(told(schema, { holdMs: 7_200_000 }), ['holdMs must be at most 3600000 ms (1 h)'])
  t.strictSame(told(schema, { maxBytes: 1024 }), ['maxBytes must be less than 1024 bytes'])
  t.strictSame(told(schema, { fps: 0 }), ['fps must be at least 0.1 frames a second'])
  t.strictSame(told(schema, { list: [{ waitMs: 0 }] }), ['list.0.waitMs must be more than 0 ms'])
  t.match(told(schema, { count: 0 }), [/^count Too small/], 'without a unit as zod says it')
  t.match(told(schema, { holdMs: 'x' }), [/expected number/])
})

t.test('of the rules of a camera', async (t) => {
  const zone = {
    id: 'a',
    polygon: [
      [0, 0],
      [1, 0],
      [0, 1],
    ],
  }
  const rule = { id: 'r', kind: 'loitering', zone: 'a', dwellMs: 10 }
  t.strictSame(told(watchRulesSchema, { zones: [zone], rules: [rule] }), [
    'rules.0.dwellMs must be at least 500 ms',
  ])
  const outside = {
    id: 'a',
    polygon: [
      [0, 0],
      [640, 0],
      [0, 1],
    ],
  }
  t.strictSame(told(watchRulesSchema, { zones: [outside] }), [
    'zones.0.polygon.1.0 must be 0 to 1: a share of the width or height of the picture',
  ])
})
