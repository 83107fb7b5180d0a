import t from 'tap'
import { cameraEventExample } from '#schemas/camera-event.ts'
import type { RulesReplay } from '#schemas/rules-replay.ts'
import { noPaint } from '../../../services/cli/output/paint.ts'
import { renderReplay } from '../../../services/cli/recordings/render-replay.ts'

const AT_MS = 1_790_000_000_000
const REPLAY: RulesReplay = {
  schema: 'murmuration.rules-replay/1',
  ...{ camera: 'yard', fromMs: AT_MS, toMs: AT_MS + 60_000, frames: 600, late: 0 },
  ...{ firstMs: AT_MS, lastMs: AT_MS + 59_900, monitors: ['m1'] },
  byRule: { 'gate-access': { events: 3, alerts: 1 }, crowd: { events: 0, alerts: 0 } },
  events: [
    { ...cameraEventExample, isAlert: true },
    { ...cameraEventExample, message: 'Within its cooldown', isAlert: false },
  ],
  ...{ isCut: false, tookMs: 1240, timesRealTime: 48 },
}

t.test('nothing was kept: one sentence says so', async (t) => {
  const { firstMs: _first, lastMs: _last, ...none } = REPLAY
  t.strictSame(renderReplay({ ...none, frames: 0, events: [], byRule: {} }, noPaint), [
    'Nothing is kept of what yard has seen at that time.',
  ])
})

t.test('each rule with its counts, rules that raised nothing too; only alerts one by one', async (t) => {
  const text = renderReplay(REPLAY, noPaint).join('\n')
  t.match(text, /^yard, .* to .*: 600 frames\nGone through in 1\.24 s, 48 times as fast as it was\.\n/)
  t.match(text, /rule +alerts +events\n +gate-access +1 +3\n +crowd +0 +0\n/)
  t.match(text, /critical +Person entered gate \(gate-access\)/)
  t.notMatch(text, /Within its cooldown/)
  t.match(renderReplay({ ...REPLAY, frames: 1, late: 1 }, noPaint)[0], /: 1 frame, 1 of them too late$/)
  t.equal(
    renderReplay({ ...REPLAY, events: [] }, noPaint)
      .at(-1)
      ?.includes('crowd'),
    true,
  )
})

t.test('fifty alerts are shown, and how many more there are', async (t) => {
  const alerts = (n: number) => Array.from({ length: n }, () => REPLAY.events[0]!)
  const shown = (n: number) => renderReplay({ ...REPLAY, events: alerts(n) }, noPaint)
  t.notMatch(shown(50).join('\n'), /more/)
  t.equal(shown(50).filter((line) => line.includes('Person entered')).length, 50)
  t.equal(shown(53).at(-1), '  … and 3 more; --json has them.')
  t.equal(shown(53).length, shown(50).length + 1)
})

t.test('what a camera or a rule says can not steer the terminal', async (t) => {
  const event = { ...cameraEventExample, message: 'red \u001b[31m\u0007', isAlert: true }
  const lines = renderReplay({ ...REPLAY, camera: 'ya\u001b[2Jrd', events: [event] }, noPaint)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  t.notMatch(lines.join('\n'), /[\u0000-\u0009\u000b-\u001f\u007f]/)
})
