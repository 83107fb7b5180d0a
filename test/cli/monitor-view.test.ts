import { PassThrough } from 'node:stream'
import { styleText } from 'node:util'
import t from 'tap'
import type { Alert } from '#schemas/alert.ts'
import { followAlerts } from '../../services/cli/alerts/follow-alerts.ts'
import {
  alertTime,
  renderAlert,
  renderAlertInFull,
  renderAlertList,
  renderChanged,
  renderRaised,
} from '../../services/cli/alerts/render-alert.ts'
import type { AlertListener, CameraListener } from '../../services/cli/client/transport.ts'
import { renderModel, renderModels, renderPull } from '../../services/cli/models/render-models.ts'
import { dropsBetween, LiveStats } from '../../services/cli/monitor/live-stats.ts'
import { renderLive, renderLiveLine } from '../../services/cli/monitor/render-live.ts'
import { renderAlerts, renderSummary } from '../../services/cli/monitor/render-summary.ts'
import { taskNote, watchCamera } from '../../services/cli/monitor/watch-camera.ts'
import { noPaint, type Paint } from '../../services/cli/output/paint.ts'
import { timeOfDay } from '../../services/cli/output/quantities.ts'
import { Terminal } from '../../services/cli/output/terminal.ts'
import { parseSceneList } from '../../services/cli/scene/run-scenes.ts'
import { viewOf } from '../../services/cli/task-view/task-view.ts'
import { alertOf, monitorTask, stateOf, summaryOf, tracksOf } from './monitor-fixtures.ts'

const style = (name: keyof Paint) => (text: string) => styleText(name, text, { validateStream: false })
const colours: Paint = {
  bold: style('bold'),
  dim: style('dim'),
  red: style('red'),
  green: style('green'),
  yellow: style('yellow'),
  cyan: style('cyan'),
  inverse: style('inverse'),
}
const plain = { paint: noPaint }

t.test('rates and latencies are those of the last seconds', async (t) => {
  const stats = new LiveStats('yard', 0)
  t.match(stats.view(0), { status: 'waiting', fps: 0, latency: undefined, analysed: 0, dropped: 0 })
  for (let i = 1; i <= 100; i++)
    stats.addTracks(tracksOf('m', { seq: i, latencyMs: i < 51 ? 900 : i === 100 ? 90 : 20 }), i * 100)
  stats.addState(stateOf('m'))
  stats.addAlert(alertOf('m'))
  const view = stats.view(10_000)
  t.match(view, {
    status: 'live',
    fps: 10,
    latency: { lastMs: 90, p95Ms: 20 },
    analysed: 100,
    elapsedMs: 10_000,
    persons: 2,
    alerts: { critical: 1, high: 0, medium: 0, low: 0 },
  })
  t.match(stats.view(60_000), { fps: 0, latency: undefined, analysed: 100 }, 'nothing came for a while')
})

t.test('the first second of a camera is no rate of thousands', async (t) => {
  const stats = new LiveStats('yard', 0)
  for (let i = 1; i <= 5; i++) stats.addTracks(tracksOf('m', { seq: i }), i)
  t.equal(stats.view(6).fps, 5)
})

t.test('drops are what was decoded and never analysed, not what did not get here', async (t) => {
  const at = (seq: number, frames: number, epoch = 1) => tracksOf('m', { seq, frames, epoch })
  t.equal(dropsBetween(undefined, at(1, 1)), 0)
  t.equal(dropsBetween(undefined, at(5, 2)), 3, 'before the first')
  t.equal(dropsBetween(at(1, 1), at(4, 2)), 2)
  t.equal(dropsBetween(at(1, 1), at(9, 9)), 0, 'messages in between were lost on the way here')
  t.equal(dropsBetween(at(50, 40), at(3, 41, 2)), 2, 'numbers begin anew with a new capture')
  t.equal(dropsBetween(at(50, 40), at(60, 5)), 0, 'a tracker that forgot what it had counted')
})

t.test('what a monitor waits for is said', async (t) => {
  const task = monitorTask('m')
  t.equal(taskNote(viewOf(task)), 'waiting for a free capture agent')
  const begun = { capture: { attempt: 1, fraction: 0, note: 'live', firstAtMs: 0 } }
  t.equal(taskNote({ ...viewOf(task), progress: begun }), undefined)
  const error = { code: 'SOURCE_UNAVAILABLE', message: 'no route' }
  const backoff = { ...task.steps, track: { status: 'backoff', attempt: 2, error } } as const
  t.equal(
    taskNote({ ...viewOf({ ...task, steps: backoff }), progress: begun }),
    'attempt 2 of track failed, it is tried again: SOURCE_UNAVAILABLE: no route',
  )
  const summing = {
    capture: { status: 'completed', attempt: 1 },
    track: { status: 'completed', attempt: 1 },
    summary: { status: 'dispatched', attempt: 1 },
  } as const
  t.equal(taskNote(viewOf({ ...task, steps: summing })), 'summing up')
})

t.test('the live block, plain and in colour', async (t) => {
  const stats = new LiveStats('yard', 0)
  t.strictSame(renderLive(stats.view(0), noPaint), [
    '○ yard  waiting  0 ms',
    '  0.0 fps   0 analysed, 0 dropped',
    '  0 persons   0 vehicles   alerts none',
  ])
  for (let i = 1; i <= 100; i++)
    stats.addTracks(tracksOf('m', { seq: i < 50 ? i : i + 3, frames: i }), i * 100)
  stats.addState(stateOf('m'))
  for (const severity of ['low', 'critical', 'low'] as const) stats.addAlert(alertOf('m', { severity }))
  const view = stats.view(10_000)
  t.strictSame(renderLive(view, noPaint), [
    '● yard  live  10.0 s',
    '  10.0 fps   latency 20 ms (p95 20 ms)   100 analysed, 3 dropped',
    '  2 persons   1 vehicle   alerts 1 critical  2 low',
  ])
  t.strictSame(renderLive(view, colours), [
    '\u001b[32m●\u001b[39m \u001b[1myard\u001b[22m  \u001b[32mlive\u001b[39m  \u001b[2m10.0 s\u001b[22m',
    '  10.0 fps   latency 20 ms (p95 20 ms)   100 analysed, 3 dropped',
    '  \u001b[1m2 persons\u001b[22m   \u001b[1m1 vehicle\u001b[22m   alerts \u001b[31m1 critical\u001b[39m  \u001b[2m2 low\u001b[22m',
  ])
  t.equal(
    renderLiveLine(view, noPaint),
    '    10.0 s  yard live · 10.0 fps · latency 20 ms (p95 20 ms) · 100 analysed, 3 dropped · 2 persons, 1 vehicle · alerts 1 critical  2 low',
  )
  stats.addState(stateOf('m', { status: 'offline', reason: 'no\u001b[2J route' }))
  t.equal(renderLive(stats.view(10_000), noPaint)[0], '● yard  offline  10.0 s  no route')
  stats.setNote('summing up')
  t.equal(renderLive(stats.view(10_000), noPaint)[0], '● yard  offline  10.0 s  summing up')
})

t.test('an alert is a line: when, how urgent, what, by which rule', async (t) => {
  const alert = alertOf('m')
  t.equal(
    renderAlert(alert, alertTime(alert, true), noPaint),
    '    12.3 s   CRITICAL   Person entered gate (gate-access, 45 ms after the frame)',
  )
  t.equal(
    renderAlert(alert, alertTime(alert, true), colours),
    '    12.3 s  \u001b[31m\u001b[7m CRITICAL \u001b[27m\u001b[39m  Person entered gate \u001b[2m(gate-access, 45 ms after the frame)\u001b[22m',
  )
  t.equal(alertTime(alert, false), timeOfDay(alert.atMs), 'of a camera: by the clock on the wall')
  t.match(timeOfDay(alert.atMs), /^\d\d:\d\d:\d\d$/)
  const { latencyMs: _, ...offline } = alertOf('m', { severity: 'low', message: 'No\npicture' })
  t.equal(renderAlert(offline, 'now', noPaint), '       now   LOW        No picture (gate-access)')
})

t.test('the summary, plain and in colour', async (t) => {
  const alerts = [alertOf('m'), alertOf('m', { id: 'a2', severity: 'low', mediaMs: 900, occurrences: 3 })]
  const summary = summaryOf({ alerts })
  t.strictSame(
    [...renderSummary(summary, plain), '', ...renderAlerts(alerts, (one) => alertTime(one, true), plain)],
    [
      'yard  end of source  40.0 s',
      '  source      960 × 540, 10 fps',
      '  model       starter',
      '  frames      390 of 400 analysed',
      '  dropped     10: 1 at capture, 7 at detection, 2 too late',
      '  tracks      10 persons, 1 vehicle, from 1200 detections',
      '  at once     6 persons, 1 vehicle at most',
      '  on average  2.6 persons, 1.0 vehicles',
      '',
      '  latency in ms   p50  p95  p99   max',
      '  frame to track   20   41   60  1234',
      '  frame to alert   30   45   45    45',
      '',
      '  alerts  1 critical  2 low',
      '',
      '  severity      at  what                 rule         times',
      '  critical  12.3 s  Person entered gate  gate-access      1',
      '  low       900 ms  Person entered gate  gate-access      3',
    ],
  )
  const painted = renderSummary(summary, { paint: colours })
  t.equal(painted[0], '\u001b[1myard\u001b[22m  end of source  \u001b[2m40.0 s\u001b[22m')
  t.equal(
    painted.at(-1),
    '  \u001b[2malerts\u001b[22m  \u001b[31m1 critical\u001b[39m  \u001b[2m2 low\u001b[22m',
  )
  const failed = renderSummary(
    summaryOf({ ended: 'source failed', reason: 'gone', source: undefined, reconnects: 2 }),
    plain,
  )
  t.equal(failed[0], 'yard  source failed: gone  40.0 s')
  t.match(failed.join('\n'), /opened again {2}2 times/)
  t.notMatch(failed.join('\n'), /source {2,}\d/)
})

t.test('lists of alerts, and one in full', async (t) => {
  const alert = alertOf('m', {
    status: 'acknowledged',
    changedBy: 'ann',
    changedAtMs: Date.UTC(2026, 4, 1, 12, 5),
    note: 'on my\u0007way',
    snapshot: { blob: 'monitors/m/x', size: 20_480, sha256: '0'.repeat(64), contentType: 'image/jpeg' },
  })
  t.strictSame(renderAlertList([alert], alert.raisedAtMs + 90_000, plain), [
    '  alert  severity  status        camera         age  times  what',
    '  a1     critical  acknowledged  yard    1 min 30 s      1  Person entered gate',
  ])
  const full = renderAlertInFull(alert, plain)
  t.equal(full[0], 'a1   CRITICAL   acknowledged')
  for (const line of [
    /^ {2}rule {6}gate-access, intrusion$/,
    /^ {2}when {6}2026-05-0\d \d\d:\d\d:\d\d, 12\.3 s into the video$/,
    /^ {2}objects {3}person 3 \(0\.83\)$/,
    /^ {2}snapshot {2}20 KiB, --snapshot FILE writes it$/,
    /^ {2}changed {3}2026-05-0\d \d\d:\d\d:\d\d by ann$/,
    /^ {2}note {6}on my way$/,
  ])
    t.ok(
      full.some((text) => line.test(text)),
      `${line} in\n${full.join('\n')}`,
    )
  t.equal(
    renderRaised(alert, noPaint),
    `${timeOfDay(alert.raisedAtMs)}   CRITICAL   yard  Person entered gate (gate-access, a1)`,
  )
  t.equal(
    renderChanged(alert, noPaint),
    `${timeOfDay(alert.changedAtMs!)}  acknowledged by ann  Person entered gate (a1): on my way`,
  )
})

t.test('following alerts: nothing is lost or told twice between the history and what comes', async (t) => {
  let listener: AlertListener | undefined
  const video = {
    onAlerts: async (given: AlertListener) => {
      listener = given
      return () => {
        listener = undefined
      }
    },
  }
  const raise = (alert: Alert) => listener?.onRaised(alert)
  const change = (alert: Alert) => listener?.onChanged(alert)
  const told: string[] = []
  const following = await followAlerts(
    video,
    { severity: 'critical' },
    {
      onRaised: ({ id }) => told.push(`raised ${id}`),
      onChanged: ({ id, status }) => told.push(`${status} ${id}`),
      onFault: (error) => told.push(String(error)),
    },
  )
  raise(alertOf('m', { id: 'listed' }))
  raise(alertOf('m', { id: 'between' }))
  change(alertOf('m', { id: 'listed', status: 'resolved' }))
  t.strictSame(told, [], 'it waits for the history')
  following.begin([alertOf('m', { id: 'listed' })])
  t.strictSame(told.splice(0), ['raised between', 'resolved listed'])
  raise(alertOf('m', { id: 'later' }))
  raise(alertOf('m', { id: 'not-asked-for', severity: 'low' }))
  change(alertOf('m', { id: 'later', status: 'acknowledged' }))
  t.strictSame(told, ['raised later', 'acknowledged later'])
  following.end()
  t.equal(listener, undefined)
})

t.test('a terminal shows one block below the alerts, and only what is ours', async (t) => {
  const err = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24, fd: 2 })
  const out = new PassThrough()
  const terminal = new Terminal({ json: false, out: out as never, err: err as never })
  let listener: CameraListener = {}
  let ended = 0
  const begun: string[] = []
  let nowMs = 0
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs, sleep: async () => undefined }
  const video = {
    listen: async (camera: string, on: CameraListener) => {
      t.equal(camera, 'yard')
      listener = on
      return {
        begin: (monitor: string) => begun.push(monitor),
        end: () => {
          ended++
        },
      }
    },
  }
  const timeOf = (alert: Alert) => alertTime(alert, true)
  const watch = await watchCamera('yard', { clock, json: false, terminal, video, timeOf })
  t.teardown(() => watch.end())
  const written = () => String(err.read() ?? '')
  listener.onTracks?.(tracksOf('ours', { persons: 7 }))
  listener.onTracks?.(tracksOf('another', { persons: 5 }))
  listener.onAlert?.(alertOf('another'))
  t.equal(written(), '', 'nobody knows yet which monitor is ours')
  nowMs = 1000
  watch.begin('ours')
  t.match(written(), /7 persons/)
  listener.onState?.(stateOf('another', { status: 'offline' }))
  listener.onState?.(stateOf('ours'))
  listener.onAlert?.(alertOf('another'))
  listener.onAlert?.(alertOf('ours'))
  const lines = written().split('\n')
  t.match(lines[0], /CRITICAL.*Person entered gate/, 'the alert goes where the block was')
  t.match(lines[1], /yard/, 'which is drawn again below')
  watch.onTask(viewOf(monitorTask('ours')))
  watch.end()
  t.ok(written().includes('\u001b[?25h'), 'the cursor is back')
  t.equal(ended, 1)
  t.strictSame(begun, ['ours'])
})

t.test('models and scenes', async (t) => {
  t.equal(renderPull('yolox-tiny', 8_000_000, 20_000_000), 'yolox-tiny  ████░░░░░░  40 %  7.6 MiB of 19 MiB')
  t.strictSame(
    renderModels(
      [
        { name: 'starter', state: 'bundled', bytes: 2_767_687, about: 'for trying out', isDefault: false },
        { name: 'yolox-nano', state: 'damaged', bytes: undefined, about: 'small', isDefault: true },
      ],
      plain,
    ),
    [
      '  model       state       size  what',
      '  starter     bundled  2.6 MiB  for trying out',
      '  yolox-nano  damaged           small',
    ],
  )
  const manifest = { name: 'own', head: 'detr', classes: ['person', 'car'], scoreThreshold: 0.4 } as const
  t.strictSame(
    renderModel(
      { ...manifest, classes: [...manifest.classes], file: '/x/own.onnx', isOriginal: false },
      plain,
    ),
    [
      'own',
      '  head     detr',
      '  classes  2: person, car',
      '  score    0.4 and more',
      '  checked  it is NOT the original of that name',
      '  file     /x/own.onnx',
    ],
  )
  t.match(renderModel({ ...manifest, classes: [], file: undefined }, plain).at(-1), /models pull own/)
  t.strictSame(parseSceneList('yard       40 s  an intruder, a van\nodd line\n'), [
    { name: 'yard', seconds: 40, about: 'an intruder, a van' },
  ])
})
