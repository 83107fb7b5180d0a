import t from 'tap'
import type { Point } from '#schemas/geometry.ts'
import { monitorRequestSchema, watchRulesSchema } from '#schemas/monitor-request.ts'
import {
  addShape,
  change,
  checkDraft,
  EMPTY_DRAFT,
  historyOf,
  newRule,
  plain,
  redo,
  removeShape,
  renameShape,
  requestWith,
  setPoints,
  turnLine,
  undo,
} from '../../../../services/console/screens/rules/draft.ts'

const SQUARE: Point[] = [
  [0.1, 0.1],
  [0.5, 0.1],
  [0.5, 0.5],
  [0.1, 0.5],
]
const LINE: Point[] = [
  [0.2, 0.2],
  [0.8, 0.8],
]
const zone = addShape(EMPTY_DRAFT, 'zones', SQUARE)
const both = addShape(zone.draft, 'lines', LINE)
const KINDS = ['crowd', 'intrusion', 'loitering', 'line-crossing', 'camera-offline'] as const
const masked = addShape(both.draft, 'ignore', SQUARE).draft
const full = { ...masked, rules: KINDS.map((kind) => newRule(masked, kind)) }

t.test('what is drawn and added is what the schema takes', async (t) => {
  t.strictSame(checkDraft(full), [])
  t.ok(watchRulesSchema.safeParse(plain(full)).success)
  t.strictSame(
    [...full.zones, ...full.lines, ...full.ignore].map(({ id }) => id),
    ['zone-1', 'line-1', 'mask-1'],
  )
  t.equal(addShape(full, 'zones', SQUARE).draft.zones[1]!.id, 'zone-2')
})

t.test('what the schema refuses names the shape or the rule', async (t) => {
  const crossed = setPoints(zone.draft, zone.ref, [SQUARE[0]!, SQUARE[2]!, SQUARE[1]!, SQUARE[3]!])
  t.match(checkDraft(crossed), [{ of: { kind: 'zones', index: 0 }, message: /edges .* cross/ }])
  const lost = { ...full, zones: [] }
  t.ok(checkDraft(lost).some(({ of }) => of?.kind === 'rules'))
})

t.test('a name is changed where it is used, and goes with its rules', async (t) => {
  const renamed = renameShape(full, zone.ref, 'gate')
  t.strictSame(checkDraft(renamed), [])
  t.match(
    renamed.rules.filter((rule) => 'zone' in rule),
    [{ zone: 'gate' }, { zone: 'gate' }, { zone: 'gate' }],
  )
  const without = removeShape(removeShape(full, zone.ref), both.ref)
  t.strictSame(
    without.rules.map(({ kind }) => kind),
    ['camera-offline'],
  )
})

t.test('a line is turned round', async (t) => {
  const [line] = turnLine(both.draft, 0).lines
  t.strictSame([line!.from, line!.to], LINE.toReversed())
})

t.test('undo and redo; a drag is one step', async (t) => {
  let history = historyOf(EMPTY_DRAFT)
  history = change(history, zone.draft)
  history = change(history, both.draft, true)
  t.equal(undo(history).now, EMPTY_DRAFT)
  t.equal(redo(undo(history)).now, both.draft)
  t.equal(undo(undo(history)).now, EMPTY_DRAFT)
  t.strictSame(change(undo(history), full).future, [])
})

t.test('a monitor is asked for the same with other rules', async (t) => {
  const request = monitorRequestSchema.parse({
    source: { kind: 'scene', scenario: 'yard' },
    camera: 'yard',
    ignore: [{ id: 'old', polygon: SQUARE }],
  })
  const { data } = monitorRequestSchema.safeParse(requestWith(request, zone.draft))
  t.match(data, { camera: 'yard', zones: [{ id: 'zone-1' }] })
  t.equal(data!.ignore, undefined)
})
