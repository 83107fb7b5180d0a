import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { MonitorRequest } from '#schemas/monitor-request.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { until } from '../../support/until.ts'
import { openCliFixture } from '../cli-fixture.ts'
import { alertEventOf, alertOf, monitorTask, stateOf, summaryOf, tracksOf } from '../monitor-fixtures.ts'

const { stack, home, folder, bare, start, murmur } = await openCliFixture(t)
const clip = Buffer.from('the bytes of a clip')
writeFileSync(join(folder, 'clip.mp4'), clip)

t.beforeEach(() => {
  stack.onSubmitted = () => undefined
  stack.endsWhenCancelled = true
  stack.cancelled.length = 0
})

/** What comes from the camera of a monitor, with another monitor of the same camera in between. */
function showUp(monitor: string, camera: string): void {
  for (const owner of ['somebody-else', monitor]) {
    const name = owner === monitor ? 'ours' : 'theirs'
    stack.publish(SUBJECTS.cameraState('default', camera), stateOf(owner, { camera, reason: name }))
    stack.publish(SUBJECTS.tracks('default', camera), tracksOf(owner, { camera }))
    stack.publish(
      SUBJECTS.alert('critical', 'default', camera),
      alertEventOf(alertOf(owner, { camera, message: name })),
    )
  }
}

async function summaryWithFiles(monitor: string) {
  const put = (text: string, contentType: string) =>
    stack.blobs.put('monitors', Buffer.from(text), { contentType })
  const [snapshot, drawn] = await Promise.all([
    put('a picture', 'image/jpeg'),
    put('a drawn clip', 'video/mp4'),
  ])
  const gone = { ...snapshot, blob: 'monitors/gone' }
  const alerts = [
    alertOf(monitor, { snapshot }),
    alertOf(monitor, { id: 'a2', severity: 'low', snapshot: gone }),
    alertOf(monitor, { id: 'a3', severity: 'low' }),
  ]
  return summaryOf({ alerts, clip: drawn })
}

t.test('a clip, from its upload to its folder', async (t) => {
  let submitted: MonitorRequest | undefined
  stack.onSubmitted = (taskId, request) => {
    submitted = request
    // Before it is even known here that this monitor is ours.
    showUp(taskId, 'clip')
    void summaryWithFiles(taskId).then((output) => stack.finish(taskId, 'completed', { output }))
  }
  const { code, out, err } = await murmur(['monitor', 'clip.mp4', '--zone', 'gate=0,0 1,0 1,1', '--clip'])
  t.equal(code, 0, err)
  t.match(submitted, {
    camera: 'clip',
    pace: 'complete',
    annotatedClip: true,
    zones: [{ id: 'gate' }],
    rules: [{ id: 'enter-gate', kind: 'intrusion', zone: 'gate' }],
    source: { kind: 'file', blob: { size: clip.length, contentType: 'video/mp4', name: 'clip.mp4' } },
  })
  const { source } = submitted!
  t.same(source.kind === 'file' && Buffer.from(await stack.blobs.get(source.blob)), clip)
  t.match(err, /Uploaded clip\.mp4 \(19 B\)/)
  t.match(err, /12\.3 s {3}CRITICAL {3}ours \(gate-access/)
  t.notMatch(err, /theirs/, 'what others watch at the same camera')
  t.match(out, /yard {2}end of source[\s\S]*390 of 400 analysed[\s\S]*alerts {2}1 critical {2}2 low/)
  const id = [...stack.tasks.keys()].at(-1)!
  const results = join(home, 'monitors', id)
  t.match(out, `Folder  ${results}  summary.json, 1 snapshot\n  Clip    ${join(results, 'clip.mp4')}`)
  t.match(JSON.parse(readFileSync(join(results, 'summary.json'), 'utf8')), {
    camera: 'yard',
    detections: 1200,
  })
  t.strictSame(
    readdirSync(join(results, 'snapshots')),
    ['001-critical-gate-access.jpg'],
    'those that are still kept',
  )
  t.equal(readFileSync(join(results, 'snapshots/001-critical-gate-access.jpg'), 'utf8'), 'a picture')
  t.equal(readFileSync(join(results, 'clip.mp4'), 'utf8'), 'a drawn clip')
})

t.test('as JSON: a line a state, an alert, and the summary', async (t) => {
  stack.onSubmitted = (taskId, request) => {
    t.match(request, { camera: 'door', pace: 'live', durationMs: 5000, source: { kind: 'url' } })
    showUp(taskId, 'door')
    const output = summaryOf()
    stack.finish(taskId, 'completed', { output })
  }
  const args = [
    'monitor',
    'rtsp://192.0.2.1/x',
    '--camera',
    'door',
    '--for',
    '5s',
    '--out',
    'there',
    '--json',
  ]
  const { code, documents, err } = await murmur(args)
  t.equal(code, 0, err)
  t.match(documents(), [
    { taskId: /^monitor-/, camera: 'door' },
    { state: { reason: 'ours' } },
    { alert: { message: 'ours' } },
    { taskId: /^monitor-/, summary: { camera: 'yard' }, folder: join(folder, 'there'), snapshots: [] },
  ])
  t.equal(documents().length, 4, 'nothing of the other monitor')
  t.ok(existsSync(join(folder, 'there/summary.json')))
})

t.test('a monitor that fails says why, and how to mend it', async (t) => {
  const error = { code: 'BROKEN_FILE', message: 'the file is no video', stepId: 'capture' }
  stack.onSubmitted = (taskId) => stack.finish(taskId, 'failed', { error })
  const { code, err, out } = await murmur(['monitor', 'clip.mp4'])
  t.equal(code, 1)
  t.equal(out, '')
  t.match(
    err,
    /✗ TASK_FAILED: task monitor-\d+ failed in step "capture": BROKEN_FILE: the file is no video\n {2}→ Check the file/,
  )
})

t.test('an end without a summary is told', async (t) => {
  stack.onSubmitted = (taskId) => stack.finish(taskId, 'completed', { output: { odd: true } })
  const { code, err } = await murmur(['monitor', 'scene:yard'])
  t.equal(code, 1)
  t.match(err, /✗ NO_SUMMARY/)
})

t.test('Ctrl-C ends a monitor in order: its summary is made', async (t) => {
  stack.onSubmitted = (taskId) =>
    stack.captures(taskId, () =>
      stack.finish(taskId, 'completed', { output: summaryOf({ ended: 'stopped' }) }),
    )
  const running = start(['monitor', 'scene:yard'])
  await running.wrote(/watches yard/)
  running.child.kill('SIGINT')
  t.equal(await running.ended, 0, running.err())
  t.match(running.err(), /Stopping; the summary follows/)
  t.match(running.out(), /yard {2}stopped/)
  t.strictSame(stack.cancelled, [])
})

t.test('a second Ctrl-C cancels it and leaves', async (t) => {
  stack.endsWhenCancelled = false
  let stops = 0
  stack.onSubmitted = (taskId) => stack.captures(taskId, () => stops++)
  const running = start(['monitor', 'scene:yard'])
  await running.wrote(/watches yard/)
  running.child.kill('SIGINT')
  await until('it was asked to stop', () => stops === 1)
  running.child.kill('SIGINT')
  t.equal(await running.ended, 130)
  t.match(stack.cancelled, [{ taskId: /^monitor-/, reason: 'left with Ctrl-C' }])
  t.equal(running.out(), '')
})

t.test('Ctrl-C before anything is captured cancels it', async (t) => {
  const running = start(['monitor', 'scene:yard'])
  await running.wrote(/watches yard/)
  running.child.kill('SIGINT')
  t.equal(await running.ended, 130)
  t.match(stack.cancelled, [{ reason: 'stopped before anything was captured' }])
  t.match(running.err(), /✗ INTERRUPTED: monitor \S+ was ended before anything was captured/)
})

t.test('a monitor can be left to itself, and stopped', async (t) => {
  const detached = await murmur(['monitor', 'scene:yard:3', '--detach'])
  t.equal(detached.code, 0, detached.err)
  const id = detached.out.trim()
  t.ok(stack.tasks.has(id), 'the id alone, for scripts')
  t.match(detached.err, new RegExp(`murmur stop ${id}`))
  const early = await murmur(['stop', id])
  t.match(early, { code: 4, err: /✗ NOT_CAPTURED/ })
  let stops = 0
  stack.captures(id, () => stops++)
  const stopped = await murmur(['stop', id, '--json'])
  t.equal(stopped.code, 0)
  t.strictSame(stopped.documents(), [{ taskId: id, accepted: true }])
  t.equal(stops, 1)
  stack.finish(id, 'completed', { output: summaryOf() })
  t.match(await murmur(['stop', id]), {
    code: 5,
    err: /✗ TASK_ALREADY_FINISHED: monitor \S+ is completed already/,
  })
  t.equal(stops, 1)
  t.match(await murmur(['stop', 'nobody']), { code: 3, err: /✗ TASK_NOT_FOUND/ })
  stack.tasks.set('report-1', { ...monitorTask('report-1'), type: 'report' })
  t.match(await murmur(['stop', 'report-1']), {
    code: 2,
    err: /is no monitor but a report\n.*murmur cancel report-1/,
  })
})

t.test('what is wrong is told before anything is started, connected to or uploaded', async (t) => {
  writeFileSync(
    join(folder, 'rules.json'),
    JSON.stringify({ rules: [{ id: 'r', kind: 'intrusion', zone: 'z' }] }),
  )
  const cases: [args: string[], told: RegExp][] = [
    [['monitor'], /missing required argument 'source'/],
    [['monitor', 'gone.mp4'], /FILE_UNREADABLE: gone\.mp4: there is no such file\n {2}→ Name a video file/],
    [['monitor', 'clip.mp4', '--zone', 'gate=0,0 1,1'], /at least three points\n {2}→ Give its corners/],
    [
      ['monitor', 'clip.mp4', '--rules', 'rules.json'],
      /rules\.0\.zone: there is no zone "z"\n {2}→ Name a zone/,
    ],
    [['monitor', 'clip.mp4', '--rules', 'clip.mp4'], /clip\.mp4: it is not JSON/],
    [['monitor', 'clip.mp4', '--camera', 'a.b'], /a camera must be/],
    [['monitor', 'clip.mp4', '--pace', 'slow'], /Allowed choices are live, complete/],
    [['monitor', 'clip.mp4', '--for', 'ever'], /must be a duration/],
    [['alerts', '--severity', 'odd'], /Allowed choices are critical, high, medium, low/],
    [['alerts', 'ack'], /name alerts, or say which/],
    [['stop', 'a.b'], /a task id must be/],
    [['models', 'pull', 'none'], /there is no model "none" to fetch\n {2}→ Fetch one of yolox-nano/],
    [['models', 'pull', 'starter'], /starter comes with the project/],
    [['models', 'info', 'none.onnx'], /neither a model nor a file/],
    [['scene', 'render', 'yard'], /required option '--out <file>'/],
    [['scene', 'render', 'yard', '--out', 'x.mp4', '--width', '101'], /--width must be even/],
    [['scene', 'rules', 'none'], /there is no scenario "none": .*yard/],
  ]
  for (const [args, told] of cases) {
    const { code, err } = await murmur(args, bare)
    t.equal(code, 2, `${args.join(' ')}: ${err}`)
    t.match(err, told)
  }
  t.match(await murmur(['monitor', 'scene:yard', '--detach'], bare), { code: 4, err: /✗ NO_STACK/ })
  const help = await murmur(['monitor', '--help'], bare)
  t.match(help.out, /A --zone alone is a place where nobody is to be/)
})

t.test('a source that fails midway: the summary is shown, and a script can tell', async (t) => {
  stack.onSubmitted = (taskId) => {
    const output = summaryOf({
      ended: 'source failed',
      reason: 'it is damaged at 3.2 s',
      clipFault: 'the object store is full',
    })
    stack.finish(taskId, 'completed', { output })
  }
  const { code, out, err } = await murmur(['monitor', 'clip.mp4'])
  t.equal(code, 1)
  t.match(err, /SOURCE_FAILED.*it is damaged at 3.2 s/)
  t.match(out, /source failed: it is damaged at 3.2 s/)
  t.match(out, /Clip {4}none: the object store is full/)
})
