import { PassThrough } from 'node:stream'
import t from 'tap'
import type { Alert } from '#schemas/alert.ts'
import { alertTime } from '../../../services/cli/alerts/render-alert.ts'
import type { CameraListener } from '../../../services/cli/client/transport.ts'
import { taskNote, watchCamera } from '../../../services/cli/monitor/watch-camera.ts'
import { Terminal } from '../../../services/cli/output/terminal.ts'
import { taskViewOf } from '../../../services/cli/task-view/task-view.ts'
import { alertOf, monitorTask, stateOf, tracksOf } from '../monitor-fixtures.ts'

t.test('what a monitor waits for is said', async (t) => {
  const task = monitorTask('m')
  t.equal(taskNote(taskViewOf(task)), 'waiting for a free capture agent')
  const begun = { capture: { attempt: 1, fraction: 0, note: 'live', firstAtMs: 0 } }
  t.equal(taskNote({ ...taskViewOf(task), progress: begun }), undefined)
  const error = { code: 'SOURCE_UNAVAILABLE', message: 'no route' }
  const backoff = { ...task.steps, track: { status: 'backoff', attempt: 2, error } } as const
  t.equal(
    taskNote({ ...taskViewOf({ ...task, steps: backoff }), progress: begun }),
    'attempt 2 of track failed, it is tried again: SOURCE_UNAVAILABLE: no route',
  )
  const summing = {
    capture: { status: 'completed', attempt: 1 },
    track: { status: 'completed', attempt: 1 },
    summary: { status: 'dispatched', attempt: 1 },
  } as const
  t.equal(taskNote(taskViewOf({ ...task, steps: summing })), 'summing up')
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
  watch.onTask(taskViewOf(monitorTask('ours')))
  watch.end()
  t.ok(written().includes('\u001b[?25h'), 'the cursor is back')
  t.equal(ended, 1)
  t.strictSame(begun, ['ours'])
})
